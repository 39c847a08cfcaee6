package simd

import (
	"testing"
	"unsafe"
)

// TestLargePages checks what holds everywhere: the content and its address stay. Whether pages become large is the system's decision.
func TestLargePages(t *testing.T) {
	for _, n := range []int{0, 1, largePage/4 - 1, largePage / 4, 5*largePage/4 + 7} {
		v := make([]uint32, n)
		for i := range v {
			v[i] = uint32(i)
		}
		large := LargePages(v)
		MoveToLargePages(v)
		if unsafe.SliceData(large) != unsafe.SliceData(v) || len(large) != n {
			t.Fatalf("%d elements have moved, or are not all there", n)
		}
		for i, e := range large {
			if e != uint32(i) {
				t.Fatalf("element %d of %d has become %d", i, n, e)
			}
		}
	}
}
