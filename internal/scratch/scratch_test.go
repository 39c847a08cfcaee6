package scratch

import "testing"

func TestGrow(t *testing.T) {
	first := Grow([]int(nil), 3)
	again := Grow(first[:1], 2)
	more := Grow(first, 4)
	if len(first) != 3 || len(again) != 2 || &again[0] != &first[0] || len(more) != 4 || &more[0] == &first[0] {
		t.Errorf("%d, %d and %d elements, or not the memory that was enough", len(first), len(again), len(more))
	}
}
