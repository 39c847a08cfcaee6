//go:build linux || darwin

package mpi

import (
	"runtime"
	"testing"
)

// TestSharing: ranks share processors if they run on one machine and some processor is in the affinity masks of both.
func TestSharing(t *testing.T) {
	first, second, both := place{"a", []int{0}}, place{"a", []int{1}}, place{"a", []int{0, 1}}
	type share struct{ ranks, processors int }
	for name, c := range map[string]struct {
		places []place
		want   []share // of each rank
	}{
		"one rank":                  {[]place{both}, []share{{1, 2}}},
		"each bound to a processor": {[]place{first, second}, []share{{1, 1}, {1, 1}}},
		"2 unbound on 2 processors": {[]place{both, both}, []share{{2, 2}, {2, 2}}},
		"3 unbound on 2 processors": {[]place{both, both, both}, []share{{3, 2}, {3, 2}, {3, 2}}},
		"3 bound to 2 processors":   {[]place{first, second, first}, []share{{2, 1}, {1, 1}, {2, 1}}},
		"one bound and one not":     {[]place{first, both}, []share{{2, 1}, {2, 2}}},
		"slot:PE=8":                 {[]place{{"a", []int{0, 1, 2, 3, 4, 5, 6, 7}}, {"a", []int{8, 9, 10, 11, 12, 13, 14, 15}}}, []share{{1, 8}, {1, 8}}},
		"masks that overlap":        {[]place{{"a", []int{0, 1, 2}}, {"a", []int{2, 3, 4}}, {"a", []int{4, 5, 6}}}, []share{{2, 3}, {3, 3}, {2, 3}}},
		"2 machines":                {[]place{{"a", []int{0, 1}}, {"b", []int{0, 1}}}, []share{{1, 2}, {1, 2}}},
		"2 machines, 1 crowded":     {[]place{first, {"b", []int{0}}, {"b", []int{0}}}, []share{{1, 1}, {2, 1}, {2, 1}}},
	} {
		for rank, want := range c.want {
			if ranks, processors := sharing(c.places, rank); (share{ranks, processors}) != want {
				t.Errorf("%s, rank %d: %d ranks share %d processors, want %v", name, rank, ranks, processors, want)
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
