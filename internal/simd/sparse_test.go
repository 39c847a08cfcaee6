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

// TestSparseRows compares consecutive rows with single rows, bit for bit. Some rows are empty, and some multiples are 0.
func TestSparseRows(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		for seed := range uint64(50) {
			sparseRows[float32](t, seed)
			sparseRows[float64](t, seed)
		}
	})
}

func sparseRows[T Float](t *testing.T, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 3))
	pointers := []int{r.IntN(5)} // rows of a larger matrix
	for range r.IntN(30) {
		pointers = append(pointers, pointers[len(pointers)-1]+r.IntN(13))
	}
	n := len(pointers) - 1
	all := randomRow[T](r, pointers[n]+r.IntN(3), 1+r.IntN(100))
	dst, dots, s, y := make([]T, n), make([]T, n), make([]T, n), slices.Clone(all.x)
	for i := range n {
		columns, values := all.columns[pointers[i]:pointers[i+1]], all.values[pointers[i]:pointers[i+1]]
		dots[i] = GatherDot(columns, values, all.x)
		s[i] = []T{0, T(math.Copysign(0, -1)), T(math.NaN()), anyNumber[T](r), anyNumber[T](r)}[r.IntN(5)]
		if s[i] != 0 {
			ScatterAxpy(s[i], columns, values, y)
		}
	}
	GatherDots(dst, pointers, all.columns, all.values, all.x)
	if d := difference([][]T{dst}, [][]T{dots}); d != "" {
		t.Fatalf("GatherDots[%T] of %d rows: %s", T(0), n, d)
	}
	ScatterAxpys(s, pointers, all.columns, all.values, all.x)
	if d := difference([][]T{all.x}, [][]T{y}); d != "" {
		t.Fatalf("ScatterAxpys[%T] of %d rows: %s", T(0), n, d)
	}
}

// TestSparseRowsOutOfRange puts a wrong column or pointer at each place of three rows. The memory after the vectors must not change.
func TestSparseRowsOutOfRange(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		sparseRowsOutOfRange[float32](t)
		sparseRowsOutOfRange[float64](t)
	})
}

func sparseRowsOutOfRange[T Float](t *testing.T) {
	const n, d = 13, 6
	check := func(name string, pointers []int, columns []uint32, values []T) {
		t.Helper()
		x, dst := make([]T, d+4), make([]T, 8)
		if !panics(func() { GatherDots(dst[:3], pointers, columns, values, x[:d]) }) {
			t.Errorf("GatherDots[%T] accepts %s", T(0), name)
		}
		if !panics(func() { ScatterAxpys([]T{1, 1, 1}, pointers, columns, values, x[:d]) }) {
			t.Errorf("ScatterAxpys[%T] accepts %s", T(0), name)
		}
		if !slices.Equal(x[d:], make([]T, 4)) || !slices.Equal(dst[3:], make([]T, 5)) {
			t.Errorf("%T: %s changes the memory after the vectors", T(0), name)
		}
	}
	pointers, columns, values := []int{0, 5, 5, n}, make([]uint32, n), slices.Repeat([]T{1}, n)
	for bad := range n {
		for _, column := range []uint32{d, d + 1, 1 << 31, math.MaxUint32} {
			columns := slices.Clone(columns)
			columns[bad] = column
			check(fmt.Sprintf("column %d at %d", column, bad), pointers, columns, values)
		}
	}
	for bad := range pointers {
		for _, pointer := range []int{-1, n + 1, math.MaxInt, math.MinInt} {
			pointers := slices.Clone(pointers)
			pointers[bad] = pointer
			check(fmt.Sprintf("pointer %d at %d", pointer, bad), pointers, columns, values)
		}
	}
	check("rows that overlap", []int{0, 5, 4, n}, columns, values)
	check("two pointers", pointers[:3], columns, values)
	check("a value without a column", pointers, columns[:n-1], values)
	check("a column without a value", pointers, columns, values[:n-1])
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
		dst, pointers := make([]float64, 2), []int{0, 30, 75}
		if allocs := testing.AllocsPerRun(100, func() {
			Prefetch(row.columns)
			Prefetch(row.values)
			ScatterAxpy(GatherDot(row.columns, row.values, row.x), row.columns, row.values, row.x)
			GatherDots(dst, pointers, row.columns, row.values, row.x)
			ScatterAxpys(dst, pointers, row.columns, row.values, row.x)
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
