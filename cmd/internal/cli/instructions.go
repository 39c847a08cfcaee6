package cli

import (
	"encoding/json"
	"runtime"
	"slices"

	"steepest/compare"
	"steepest/internal/simd"
	"steepest/methods"
)

// instructions names the instruction set that the kernels use, such as "amd64 avx512" or "arm64 portable".
func instructions() string { return runtime.GOARCH + " " + simd.Newest() }

// bitsDependOn names what the bits of runs depend on: the architecture, and for a network or a matrix method the instruction set, too. In
// their matrix products the order of summation depends on the kernel.
func bitsDependOn(p problem, entrants ...compare.Entrant) string {
	about := p.json()
	if len(about.Hidden) > 0 || about.Rank > 0 || about.Model != nil || slices.ContainsFunc(entrants, func(e compare.Entrant) bool { return e.Method.Family == methods.Matrix }) {
		return instructions()
	}
	return runtime.GOARCH
}

// sayInstructions warns if a run resumes with other instructions than it started with, and its bits depend on them.
func sayInstructions(w *world, saved, now []byte) {
	var was, is struct{ Instructions string }
	if json.Unmarshal(saved, &was) != nil || json.Unmarshal(now, &is) != nil || was.Instructions == "" || was.Instructions == is.Instructions {
		return
	}
	w.say("the run was computed with %s and continues with %s: the last digits may differ from those of an uninterrupted run\n", was.Instructions, is.Instructions)
}
