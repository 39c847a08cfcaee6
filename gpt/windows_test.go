package gpt

import "testing"

// TestPart: a part has the windows of the whole.
func TestPart(t *testing.T) {
	whole := Cut([]uint8{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 2)
	p := Part(whole, 1, 3)
	got := make([]uint32, 3)
	if err := p.At(got, 1); err != nil || p.Len() != 2 || got[0] != 4 || got[2] != 6 {
		t.Errorf("%d windows, of which the last is %v, %v", p.Len(), got, err)
	}
	for _, bad := range [][2]int{{-1, 2}, {2, 1}, {0, 5}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("windows %v: no panic", bad)
				}
			}()
			Part(whole, bad[0], bad[1])
		}()
	}
}
