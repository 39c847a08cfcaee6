package train

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"steepest/data"
	"steepest/objective"
	"steepest/optim/rules"
)

// TestCache: a run over rows that stay on the disk has the bits of a run over rows in memory.
func TestCache(t *testing.T) {
	if strconv.IntSize != 64 {
		t.Skip("a cache needs 64 bits")
	}
	var text strings.Builder
	for i := range 500 {
		fmt.Fprintf(&text, "%d |f a%d b%d:0.%d |g c%d\n", i%2*2-1, i%7, i%97, i%9+1, i%31)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "rows.vw")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	memory, err := data.Open(path, data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cache, err := data.OpenCache(filepath.Join(dir, "cache"), []string{path}, data.CacheOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer cache.Close()
	memory.X = data.Select(memory.X, data.Occurring(memory.X))
	var ends [2][]float64
	for i, set := range []*data.Set{memory, cache.Set} {
		p, err := objective.Logistic(set.X, set.Y)
		if err != nil {
			t.Fatal(err)
		}
		end, err := Minimize(context.Background(), p, make([]float64, objective.Dim(p)), rules.FTRL{L1: 0.1}, Settings{Batch: 1, Sampling: Reshuffle, Epochs: 3})
		if err != nil {
			t.Fatal(err)
		}
		ends[i] = end.X
	}
	if !slices.Equal(ends[0], ends[1]) || !slices.ContainsFunc(ends[0], func(v float64) bool { return v != 0 }) {
		t.Error("the runs differ, or have not moved")
	}
}
