package cli

import (
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"steepest/compare"
	"steepest/internal/gemm"
	"steepest/internal/simd"
	"steepest/methods"
)

// kernelFlags are the flags that choose between kernels.
type kernelFlags struct {
	Instructions string `group:"run" placeholder:"SET" set:"choices=portable, avx2, avx512, amx or auto" help:"Vector instructions of the kernels: ${choices}. The last digits of matrix products depend on them. auto times products of float32 for a tenth of a second, and takes the faster of the two newest vector sets of this processor. Default: the newest set, and for --resume that of the run."`
}

// selectKernels switches to the instructions that the flag names.
func (f *kernelFlags) selectKernels(w *world) error {
	sets := simd.Implementations()
	w.kernels = f.Instructions != ""
	switch {
	case !w.kernels:
		return nil
	case f.Instructions == "auto" && w.launcher.Size > 1:
		return usage("name a set that all ranks have", "--instructions auto may choose differently on each of %d ranks", w.launcher.Size)
	case f.Instructions == "auto":
		w.use(w.fastest(sets))
		return nil
	case !slices.Contains(sets, f.Instructions):
		return usage("", "--instructions: %q is not among those of this processor: %s, or auto", f.Instructions, strings.Join(sets, ", "))
	}
	w.use(f.Instructions)
	return nil
}

// use switches to a set of instructions until the command ends.
func (w *world) use(set string) {
	if set != simd.Newest() {
		w.restore = simd.Select(set)
	}
}

// fastest returns the faster of the last two sets, and says so.
func (w *world) fastest(sets []string) string {
	if len(sets) <= 2 { // vector code is faster than portable code
		newest := sets[len(sets)-1]
		w.say("--instructions auto: %s, since this processor has nothing faster\n", newest)
		return newest
	}
	sets = sets[len(sets)-2:]
	took := productTimes(sets, 100*time.Millisecond)
	best, other := 1, 0
	if took[0] < took[1] {
		best, other = 0, 1
	}
	w.say("--instructions auto: %s, %.2f times as fast as %s in products of float32\n", sets[best], took[other].Seconds()/took[best].Seconds(), sets[other])
	return sets[best]
}

// productTimes returns how long the same products take with each set. The sets take turns until the budget is spent.
func productTimes(sets []string, budget time.Duration) []time.Duration {
	const n = 768 // rows and columns, as of many matrices of GPT-2 (124M)
	a, c := make([]float32, n*n), make([]float32, n*n)
	for i := range a {
		a[i] = float32(i%7) - 3
	}
	total := make([]time.Duration, len(sets))
	begin := time.Now()
	for turn := 0; turn < 2 || time.Since(begin) < budget; turn++ {
		for i, set := range sets {
			restore, start := simd.Select(set), time.Now()
			gemm.Mul(false, false, n, n, n, 1, a, n, a, n, 0, c, n)
			if turn > 0 { // the first turn only warms up
				total[i] += time.Since(start)
			}
			restore()
		}
	}
	return total
}

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

// keepInstructions takes the identity of a saved run and that of the command that resumes it, which agree but for the instructions. It switches
// to the instructions of the run, and returns the identity with them. If it cannot, and if the bits depend on them, it warns.
func (w *world) keepInstructions(saved, now []byte) []byte {
	var was, is struct{ Instructions string }
	if json.Unmarshal(saved, &was) != nil || json.Unmarshal(now, &is) != nil || was.Instructions == "" || was.Instructions == is.Instructions {
		return now
	}
	set, has := strings.CutPrefix(was.Instructions, runtime.GOARCH+" ")
	lacks := strings.HasPrefix(is.Instructions, was.Instructions+" ") // a part of the set
	has = has && slices.Contains(simd.Implementations(), set) && !lacks
	if has && !w.kernels && w.group == nil {
		w.say("the run began with %s instructions, and continues with them\n", set)
		w.use(set)
		return saved
	}
	hint := ""
	if w.group != nil && has {
		hint = fmt.Sprintf("; --instructions %s keeps them", set)
	}
	w.say("the run was computed with %s and continues with %s: the last digits may differ from those of an uninterrupted run%s\n", was.Instructions, is.Instructions, hint)
	return now
}
