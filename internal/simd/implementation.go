package simd

import (
	"fmt"
	"slices"
)

// Portable names the implementation that every processor has.
const Portable = "portable"

// implementations are the vector codes that this processor runs, each with the switch that dispatch looks at, from the oldest to
// the newest. A processor that has one has those before it, which do what has no code of its own in the newest.
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

// Select switches off all implementations that are newer than the named one, for tests, and returns the function that switches
// back. It is not for use while kernels run. It panics if the processor does not have the implementation.
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
