package simd

import "fmt"

// Portable names the implementation that every processor has.
const Portable = "portable"

// implementations are the vector codes that this processor runs, each with the switch that dispatch looks at.
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

// Select switches all implementations off but the named one, for tests, and returns the function that switches back.
// It is not for use while kernels run. It panics if the processor does not have the implementation.
func Select(name string) (restore func()) {
	found := name == Portable
	var before []bool
	for _, i := range implementations {
		before = append(before, *i.use)
		*i.use = i.name == name
		found = found || *i.use
	}
	restore = func() {
		for j, i := range implementations {
			*i.use = before[j]
		}
	}
	if !found {
		restore()
		panic(fmt.Sprintf("simd: no implementation %q, only %q", name, Implementations()))
	}
	return restore
}
