//go:build linux || darwin

package mpi

import (
	"runtime"
	"testing"
)

// TestSharing: ranks share processors if they run on one machine and some processor is in the affinity masks of both.
func TestSharing(t *testing.T) {
	first, second, both := place{"a", []int{0}}, place{"a", []int{1}}, place{"a", []int{0, 1}}
	type share struct {
		ranks   int
		crowded bool
	}
	for name, c := range map[string]struct {
		places []place
		want   []share // of each rank
	}{
		"one rank":                  {[]place{both}, []share{{1, false}}},
		"each bound to a processor": {[]place{first, second}, []share{{1, false}, {1, false}}},
		"2 unbound on 2 processors": {[]place{both, both}, []share{{2, false}, {2, false}}},
		"3 unbound on 2 processors": {[]place{both, both, both}, []share{{3, true}, {3, true}, {3, true}}},
		"3 bound to 2 processors":   {[]place{first, second, first}, []share{{2, true}, {1, false}, {2, true}}},
		"one bound and one not":     {[]place{first, both}, []share{{2, true}, {2, false}}},
		"slot:PE=8":                 {[]place{{"a", []int{0, 1, 2, 3, 4, 5, 6, 7}}, {"a", []int{8, 9, 10, 11, 12, 13, 14, 15}}}, []share{{1, false}, {1, false}}},
		"masks that overlap":        {[]place{{"a", []int{0, 1, 2}}, {"a", []int{2, 3, 4}}, {"a", []int{4, 5, 6}}}, []share{{2, false}, {3, false}, {2, false}}},
		"2 machines":                {[]place{{"a", []int{0, 1}}, {"b", []int{0, 1}}}, []share{{1, false}, {1, false}}},
		"2 machines, 1 crowded":     {[]place{first, {"b", []int{0}}, {"b", []int{0}}}, []share{{1, false}, {2, true}, {2, true}}},
	} {
		for rank, want := range c.want {
			if ranks, crowded := sharing(c.places, rank); (share{ranks, crowded}) != want {
				t.Errorf("%s, rank %d: %d ranks share, crowded %v; want %v", name, rank, ranks, crowded, want)
			}
		}
	}
}

// TestHere: this process may use as many processors as Go counts.
func TestHere(t *testing.T) {
	if runtime.GOOS == "linux" && affinity() == nil {
		t.Error("the affinity mask cannot be read")
	}
	if p := here(); p.Machine == "" || len(p.Processors) != runtime.NumCPU() {
		t.Errorf("the place is %v, with %d processors", p, runtime.NumCPU())
	}
}
