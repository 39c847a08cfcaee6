package simd

import (
	"fmt"
	"slices"
)

// Portable names the implementation that every processor has.
const Portable = "portable"

// implementations lists the instruction sets with vector code that this processor can run, oldest first, each with its switch of
// dispatch. A processor with one set also has all earlier sets. A kernel without code for the newest set runs the code for an earlier
// set.
var implementations []implementation

type implementation struct {
	name string
	use  *bool
}

// Implementations returns the names of what this processor can run, Portable first.
func Implementations() []string {
	names := []string{Portable}
	for _, i := range implementations {
		names = append(names, i.name)
	}
	return names
}

// Newest returns the name of the newest implementation that is switched on.
func Newest() string {
	newest := Portable
	for _, i := range implementations {
		if *i.use {
			newest = i.name
		}
	}
	return newest
}

// Select switches off all implementations newer than the named one, and switches on the others. The returned function restores the
// switches. Do not call either while kernels run. Select panics if the processor does not have the implementation.
func Select(name string) (restore func()) {
	last := slices.Index(Implementations(), name)
	if last < 0 {
		panic(fmt.Sprintf("simd: no implementation %q, only %q", name, Implementations()))
	}
	var before []bool
	for at, i := range implementations {
		before = append(before, *i.use)
		*i.use = at < last
	}
	return func() {
		for j, i := range implementations {
			*i.use = before[j]
		}
	}
}
