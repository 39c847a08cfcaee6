package terms

import (
	"fmt"
	"testing"
)

func TestBatch(t *testing.T) {
	if n, at := Count(nil, 5, "p", "rows"), At(nil, 3); n != 5 || at != 3 {
		t.Errorf("all terms are %d, and the term at 3 is %d", n, at)
	}
	batch := []uint32{4, 0, 4}
	if n, at := Count(batch, 5, "p", "rows"), At(batch, 2); n != 3 || at != 4 {
		t.Errorf("%v has %d terms, and the term at 2 is %d", batch, n, at)
	}
	for want, batch := range map[string][]uint32{
		"p: the mean over an empty batch; nil stands for all rows": {},
		"p: batch index 5, want less than 5":                       {0, 5},
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); got != want {
					t.Errorf("%v: %s, want %s", batch, got, want)
				}
			}()
			Count(batch, 5, "p", "rows")
		}()
	}
}
