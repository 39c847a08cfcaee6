package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// sparseRow is a row of any numbers with the vector that it works on. Columns come in any order and often twice.
type sparseRow[T Float] struct {
	columns   []uint32
	values, x []T
}

func randomRow[T Float](r *rand.Rand, n, d int) sparseRow[T] {
	var row sparseRow[T]
	for range n {
		row.columns = append(row.columns, uint32(r.IntN(d)))
		row.values = append(row.values, anyNumber[T](r))
	}
	for range d {
		row.x = append(row.x, anyNumber[T](r))
	}
	return row
}

// TestSparseFormulas uses numbers that are exact in float32.
func TestSparseFormulas(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		sparseFormulas[float32](t)
		sparseFormulas[float64](t)
	})
}

func sparseFormulas[T Float](t *testing.T) {
	x := []T{1, 10, 100, 1000, 10000}
	for _, f := range []struct {
		columns []uint32
		values  []T
		dot     T
		sum     []T // x + 2·row
	}{
		{nil, nil, 0, []T{1, 10, 100, 1000, 10000}},
		{[]uint32{3}, []T{-2}, -2000, []T{1, 10, 100, 996, 10000}},
		{[]uint32{4, 0, 2, 1, 3}, []T{5, 1, 3, 2, 4}, 54321, []T{3, 14, 106, 1008, 10010}},
		{[]uint32{2, 2, 0, 2, 2, 2}, []T{1, 2, 3, 4, 5, 6}, 1803, []T{7, 10, 136, 1000, 10000}},
	} {
		if got := GatherDot(f.columns, f.values, x); got != f.dot {
			t.Errorf("%T: GatherDot(%v, %v) = %v, want %v", x, f.columns, f.values, got, f.dot)
		}
		y := slices.Clone(x)
		if ScatterAxpy(2, f.columns, f.values, y); !slices.Equal(y, f.sum) {
			t.Errorf("%T: ScatterAxpy(%v, %v) gives %v, want %v", x, f.columns, f.values, y, f.sum)
		}
	}
}

func TestSparseSameBits(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		for _, n := range sizes() {
			for _, d := range []int{1, 7, 5000} {
				sparseSameBits[float32](t, n, d, uint64(n))
				sparseSameBits[float64](t, n, d, uint64(n))
			}
		}
	})
}

func FuzzSparseSameBits(f *testing.F) {
	f.Add(uint16(75), uint16(50000), uint64(1))
	f.Fuzz(func(t *testing.T, n, d uint16, seed uint64) {
		for _, name := range Implementations() {
			restore := Select(name)
			sparseSameBits[float32](t, int(n%3000), 1+int(d), seed)
			sparseSameBits[float64](t, int(n%3000), 1+int(d), seed)
			restore()
		}
	})
}

// sparseSameBits compares the current implementation with plain loops that define the kernels.
func sparseSameBits[T Float](t *testing.T, n, d int, seed uint64) {
	t.Helper()
	row := randomRow[T](rand.New(rand.NewPCG(seed, uint64(d))), n, d)
	var s [4]T
	y, a := slices.Clone(row.x), T(-1.7)
	for k, v := range row.values {
		j := row.columns[k]
		sum := k % 4
		if k >= n/4*4 {
			sum = 0
		}
		s[sum] += T(v * row.x[j])
		y[j] += T(a * v)
	}
	dot := GatherDot(row.columns, row.values, row.x)
	if d := difference([][]T{{dot}}, [][]T{{(s[0] + s[1]) + (s[2] + s[3])}}); d != "" {
		t.Fatalf("GatherDot[%T] of %d entries: %s", dot, n, d)
	}
	ScatterAxpy(a, row.columns, row.values, row.x)
	if d := difference([][]T{row.x}, [][]T{y}); d != "" {
		t.Fatalf("ScatterAxpy[%T] of %d entries: %s", dot, n, d)
	}
}

// TestSparseOutOfRange puts a wrong column at each position of a row. The memory after the vector must not change.
func TestSparseOutOfRange(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		sparseOutOfRange[float32](t)
		sparseOutOfRange[float64](t)
	})
}

func sparseOutOfRange[T Float](t *testing.T) {
	const n, d = 11, 6
	for bad := range n {
		for _, column := range []uint32{d, d + 1, 1 << 31, math.MaxUint32} {
			columns, values, array := make([]uint32, n), slices.Repeat([]T{1}, n), make([]T, d+4)
			columns[bad] = column
			if !panics(func() { GatherDot(columns, values, array[:d]) }) {
				t.Errorf("GatherDot[%T] accepts column %d at %d", T(0), column, bad)
			}
			if !panics(func() { ScatterAxpy(1, columns, values, array[:d]) }) {
				t.Errorf("ScatterAxpy[%T] accepts column %d at %d", T(0), column, bad)
			}
			if want := append([]T{T(bad)}, make([]T, d+3)...); !slices.Equal(array, want) {
				t.Errorf("%T: column %d at %d leaves %v, want %v", T(0), column, bad, array, want)
			}
		}
	}
	if !panics(func() { GatherDot(make([]uint32, 3), make([]T, 4), make([]T, 9)) }) {
		t.Error("GatherDot accepts a value without a column")
	}
	if !panics(func() { ScatterAxpy(1, make([]uint32, 3), make([]T, 4), make([]T, 9)) }) {
		t.Error("ScatterAxpy accepts a value without a column")
	}
}

func TestSparseDoesNotAllocate(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		row := randomRow[float64](rand.New(rand.NewPCG(1, 2)), 75, 100)
		if allocs := testing.AllocsPerRun(100, func() {
			Prefetch(row.columns)
			Prefetch(row.values)
			ScatterAxpy(GatherDot(row.columns, row.values, row.x), row.columns, row.values, row.x)
		}); allocs != 0 {
			t.Errorf("%v allocations", allocs)
		}
	})
}

// BenchmarkSparse reads rows of 75 entries in random order, inside and outside the caches, and reports entries per second.
func BenchmarkSparse(b *testing.B) {
	for _, rows := range []int{100, 100_000} {
		for _, ahead := range []int{0, 4} {
			for _, name := range Implementations() {
				b.Run(fmt.Sprintf("rows=%d/ahead=%d/%s", rows, ahead, name), func(b *testing.B) {
					defer Select(name)()
					benchmarkSparse(b, rows, ahead)
				})
			}
		}
	}
}

func benchmarkSparse(b *testing.B, rows, ahead int) {
	const entries, d = 75, 10_000
	r := rand.New(rand.NewPCG(1, 2))
	columns, values, x, order := make([]uint32, rows*entries), make([]float64, rows*entries), make([]float64, d), r.Perm(rows)
	for k := range columns {
		columns[k], values[k] = uint32(r.IntN(d)), r.NormFloat64()
	}
	row := func(t int) ([]uint32, []float64) {
		lo := order[t%rows] * entries
		return columns[lo : lo+entries], values[lo : lo+entries]
	}
	t := 0
	for b.Loop() {
		if ahead > 0 {
			columns, values := row(t + ahead)
			Prefetch(columns)
			Prefetch(values)
		}
		columns, values := row(t)
		ScatterAxpy(1e-9*GatherDot(columns, values, x), columns, values, x)
		t++
	}
	b.ReportMetric(entries*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mnnz/s")
}
