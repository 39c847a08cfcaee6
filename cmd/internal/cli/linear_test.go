package cli

import (
	"slices"
	"testing"
)

// TestTypicalRows: at most 2¹⁶ rows stand for all. Each occurs once, and they reach from the first to the last.
func TestTypicalRows(t *testing.T) {
	if rows := typicalRows(1 << 16); rows != nil {
		t.Errorf("%d of 65536 rows, want all", len(rows))
	}
	for _, n := range []int{1<<16 + 1, 100_003, 60_500_000} {
		rows := typicalRows(n)
		slices.Sort(rows)
		if len(rows) != 1<<16 || rows[0] != 0 || int(rows[len(rows)-1]) != n-1 {
			t.Errorf("of %d rows %d, from %d to %d", n, len(rows), rows[0], rows[len(rows)-1])
		}
		if distinct := slices.Compact(rows); len(distinct) != 1<<16 {
			t.Errorf("of %d rows %d are taken more than once", n, 1<<16-len(distinct))
		}
	}
}
