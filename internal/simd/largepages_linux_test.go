package simd

import "testing"

// TestLargePages checks what holds everywhere: the content stays. Whether pages become large is the system's decision.
func TestLargePages(t *testing.T) {
	for _, n := range []int{0, 1, largePage/4 - 1, largePage / 4, 5*largePage/4 + 7} {
		v := make([]uint32, n)
		for i := range v {
			v[i] = uint32(i)
		}
		LargePages(v)
		for i, e := range v {
			if e != uint32(i) {
				t.Fatalf("element %d of %d has become %d", i, n, e)
			}
		}
	}
}
