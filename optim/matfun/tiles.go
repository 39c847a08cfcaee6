package matfun

import (
	"math"

	"steepest/internal/parallel"
	"steepest/internal/scratch"
	"steepest/internal/simd"
	"steepest/optim/internal/rescale"
)

// tiles is an iteration with bfloat16 operands on a processor that multiplies tiles. Memory is too slow for the tiles. So each product is
// cut into parts, and the operands of a part are packed into tiles in the second-level cache. Only X, once per product, and the upper
// triangle of A go through memory.
//
// X is a copy of the matrix, transposed if it has more columns than rows, and padded with zeros to whole blocks of 32 × 32.
type tiles struct {
	down, across int // blocks of X
	high, wide   int // the numbers of strips and of panels that are multiplied at a time
	workers      int
	x            []float32
	row          int         // from one row of X to the next
	part         []simd.BF16 // some rows of X, as panels
	gram         []float32   // the upper blocks of A, row by row, each contiguous
	a, poly      []simd.BF16 // A and bA + cA², as panels
	strip        []simd.BF16 // left operands of each worker
	sums         []float32   // a row of blocks for each worker

	singles []float32 // the memory of all these
	halves  []simd.BF16

	doLoad, doPack, doGram, doSquare, doApply func(worker, i int) // methods, stored once to avoid an allocation per call

	// Other arguments of the methods:
	caller     []float32
	rows, cols int
	squares    []float64 // partial sums of squares, each over some rows
	scale      float32   // of X, in the first step
	last       bool      // whether this is the last step
	chunk      span
	odd        [3]float32
}

// span is the range of indices [lo, hi).
type span struct{ lo, hi int }

func (s span) len() int { return s.hi - s.lo }

// polar does Workspace.Iterate for a start X/‖X‖_F. It reads and writes x only once.
func (t *tiles) polar(x []float32, rows, cols int, it *Iteration) error {
	square, unit := t.load(x, rows, cols), 1.0
	if !rescale.InRange(square) {
		var err error
		if x, square, unit, err = rescale.Matrix(x, cols, &x); square == 0 || err != nil {
			return err
		}
		t.load(x, rows, cols)
	}
	return converged(t.iterate(1/it.divisor(math.Sqrt(square), unit), it), rows, cols)
}

// load copies the matrix x to X and returns the sum of its squares.
func (t *tiles) load(x []float32, rows, cols int) float64 {
	t.resize(rows, cols)
	t.caller, t.rows, t.cols = x, rows, cols
	parallel.For((rows+band-1)/band, t.doLoad)
	return sum(t.squares[:(rows+band-1)/band])
}

// iterate runs the iteration from scale·X, stores the result in x, and returns the sum of its squares.
func (t *tiles) iterate(scale float64, it *Iteration) float64 {
	t.scale = float32(scale)
	for k := range it.steps() {
		for i, c := range it.Table.Step(k) {
			t.odd[i] = float32(c)
		}
		t.last = k+1 == it.steps()
		for hi := t.down; hi > 0; hi -= chunk { // A = XᵀX, beginning with the last rows, which are still in the cache
			t.chunk = span{max(hi-chunk, 0), hi}
			parallel.For(t.chunk.len(), t.doPack)
			parallel.For(t.across, t.doGram)
		}
		parallel.For(t.groups(t.across), t.doSquare) // bA + cA²
		parallel.For(t.groups(t.down), t.doApply)    // X ← aX + X(bA + cA²)
		t.scale = 1
	}
	t.caller = nil
	return sum(t.squares)
}

func sum(v []float64) (s float64) {
	for _, e := range v {
		s += e
	}
	return s
}

// Sizes for the caches.
const (
	chunk = 8  // rows of blocks of X that are multiplied at a time for A = XᵀX
	large = 32 // blocks in a row of A above which the cache does not hold its panels
	band  = 64 // rows that a worker copies at a time
)

// resize makes room for a matrix.
func (t *tiles) resize(rows, cols int) {
	if t.doLoad == nil {
		t.doLoad, t.doPack, t.doGram, t.doSquare, t.doApply = t.loadBand, t.packRows, t.gramRow, t.squareRows, t.applyRows
	}
	const step = simd.StepBF16
	blocks := func(n int) int { return (n + simd.Edge - 1) / simd.Edge }
	t.down, t.across = blocks(max(rows, cols)), blocks(min(rows, cols))
	t.squares = scratch.Grow(t.squares, t.down)
	t.row = t.across*simd.Edge + 16 // so that the elements of a column fall into different cache sets
	m := t.across
	t.workers, t.high, t.wide = parallel.Workers(), 1, m
	if m >= large { // multiply groups of strips by groups of panels
		t.high, t.wide = 8, 4
	}
	var singles arena[float32]
	var halves arena[simd.BF16]
	for range 2 { // the first round counts, the second takes the memory
		t.x, t.gram = singles.take(t.down*simd.Edge*t.row), singles.take(m*(m+1)/2*step)
		t.sums = singles.take(t.workers * m * step)
		t.a, t.poly = halves.take(m*m*step), halves.take(m*m*step)
		t.part, t.strip = halves.take(chunk*m*step), halves.take(t.workers*max(m*t.high, chunk)*step)
		singles.memory, halves.memory = growLarge(t.singles, singles.taken), growLarge(t.halves, halves.taken)
		singles.taken, halves.taken = 0, 0
		t.singles, t.halves = singles.memory, halves.memory
	}
	n := max(rows, cols)
	if cols, whole := min(rows, cols), m*simd.Edge; cols < whole {
		for i := range n {
			clear(t.x[i*t.row+cols:][:whole-cols])
		}
	}
	clear(t.x[n*t.row:])
}

// arena is memory from which slices are taken.
type arena[E any] struct {
	memory []E
	taken  int
}

// take returns n elements if that many are left. Otherwise it only counts them.
func (a *arena[E]) take(n int) []E {
	const line = 64 // elements; lines are less than as many bytes
	lo := a.taken
	a.taken += (n + line - 1) / line * line
	if a.taken > len(a.memory) {
		return nil
	}
	return a.memory[lo:][:n:n]
}

// growLarge is scratch.Grow for memory that is on large pages even if Go has used it before.
func growLarge[E any](s []E, n int) []E {
	if cap(s) < n {
		s = make([]E, n)
		clear(s) // only pages that have been written to can be moved
		simd.MoveToLargePages(s)
	}
	return s[:n]
}

// loadBand copies some rows of the caller's matrix to X.
func (t *tiles) loadBand(_, i int) {
	lo, hi := i*band, min((i+1)*band, t.rows)
	x := t.caller[lo*t.cols : hi*t.cols]
	t.squares[i] = simd.SumSquares(x)
	if t.rows <= t.cols {
		simd.CopyTransposed(t.x[lo:], t.row, x, t.cols, hi-lo, t.cols)
		return
	}
	for k := range hi - lo {
		copy(t.x[(lo+k)*t.row:], x[k*t.cols:][:t.cols])
	}
}

// store copies strip i of X back to x while it is in the cache.
func (t *tiles) store(i int) {
	lo, hi := i*simd.Edge, min((i+1)*simd.Edge, max(t.rows, t.cols))
	x := t.x[lo*t.row:]
	t.squares[i] = 0
	for k := range hi - lo {
		row := x[k*t.row:][:min(t.rows, t.cols)]
		t.squares[i] += simd.SumSquares(row)
		if t.rows > t.cols {
			copy(t.caller[(lo+k)*t.cols:], row)
		}
	}
	if t.rows <= t.cols {
		simd.CopyTransposed(t.caller[lo:], t.cols, x, t.row, hi-lo, t.rows)
	}
}

// packRows packs 32 rows of the chunk as a step of all panels.
func (t *tiles) packRows(_, i int) {
	x := t.x[(t.chunk.lo+i)*simd.Edge*t.row:]
	simd.PackPanels(t.part[i*simd.StepBF16:], t.chunk.len()*simd.StepBF16, x, t.row, t.across, t.scale)
}

// gramRow adds the product of the chunk to row i of A. After the last chunk it packs the row.
func (t *tiles) gramRow(worker, i int) {
	size := t.chunk.len() * simd.StepBF16
	strip := t.left(worker, 0, size)
	simd.TransposeTiles(strip, t.part[i*size:][:size])
	simd.MultiplyPanels(t.upper(i, i), simd.Edge, simd.StepBF16, strip, t.part[i*size:], size, t.across-i, t.chunk.hi < t.down)
	for j := i; t.chunk.lo == 0 && j < t.across; j++ {
		block := t.upper(i, j)
		t.symmetric(t.a, i, j, block, 1, block, 0)
	}
}

// squareRows computes rows of blocks of bA + cA².
func (t *tiles) squareRows(worker, g int) {
	size, rows := t.across*simd.StepBF16, t.group(g, t.across)
	sums := t.sums[worker*size:]
	for i := rows.lo; i < rows.hi; i++ {
		simd.TransposeTiles(t.left(worker, i-rows.lo, size), t.a[i*size:][:size])
	}
	for lo := rows.lo; lo < t.across; lo += t.wide {
		hi := min(lo+t.wide, t.across)
		for i := rows.lo; i < min(rows.hi, hi); i++ {
			first, strip := max(lo, i), t.left(worker, i-rows.lo, size)
			simd.MultiplyPanels(sums, simd.Edge, simd.StepBF16, strip, t.a[first*size:], size, hi-first, false)
			for j := first; j < hi; j++ {
				t.symmetric(t.poly, i, j, sums[(j-first)*simd.StepBF16:], t.odd[2], t.upper(i, j), t.odd[1])
			}
		}
	}
}

// applyRows computes rows of blocks of aX + X(bA + cA²).
func (t *tiles) applyRows(worker, g int) {
	size, rows := t.across*simd.StepBF16, t.group(g, t.down)
	for i := rows.lo; i < rows.hi; i++ {
		simd.PackStrip(t.left(worker, i-rows.lo, size), t.x[i*simd.Edge*t.row:], t.row, t.scale, t.odd[0])
	}
	for lo := 0; lo < t.across; lo += t.wide {
		for i := rows.lo; i < rows.hi; i++ {
			x, strip := t.x[(i*t.row+lo)*simd.Edge:], t.left(worker, i-rows.lo, size)
			simd.MultiplyPanels(x, t.row, simd.Edge, strip, t.poly[lo*size:], size, min(t.wide, t.across-lo), true)
		}
	}
	for i := rows.lo; i < rows.hi && t.last; i++ {
		t.store(i)
	}
}

// groups returns the number of groups of n rows of blocks. group returns one of them.
func (t *tiles) groups(n int) int { return (n + t.high - 1) / t.high }

func (t *tiles) group(g, n int) span { return span{g * t.high, min((g+1)*t.high, n)} }

// left returns a worker's memory for its left operand i of the given size.
func (t *tiles) left(worker, i, size int) []simd.BF16 {
	each := len(t.strip) / t.workers
	return t.strip[worker*each+i*size:][:size]
}

// upper returns the blocks (i, j), (i, j+1) and so on of A.
func (t *tiles) upper(i, j int) []float32 {
	return t.gram[(i*t.across-i*(i-1)/2+j-i)*simd.StepBF16:]
}

// symmetric sets s to αs + βu and packs it as the blocks (i, j), i ≤ j, and (j, i) of a symmetric matrix.
func (t *tiles) symmetric(panels []simd.BF16, i, j int, s []float32, alpha float32, u []float32, beta float32) {
	at := func(i, j int) []simd.BF16 { return panels[(j*t.across+i)*simd.StepBF16:] }
	var mirror []simd.BF16
	if i < j {
		mirror = at(j, i)
	}
	simd.SumPanels(at(i, j), mirror, s, alpha, u, beta)
}
