package matfun

import (
	"math"

	"steepest/internal/parallel"
	"steepest/internal/scratch"
	"steepest/internal/simd"
	"steepest/optim/internal/rescale"
)

// tiles is an iteration with operands of bfloat16 on a processor that multiplies tiles. Memory is too slow for it: so a product is
// cut into parts whose operands are made into tiles in the second-level cache, and what goes through memory is X, once in a
// product, and the upper triangle of A.
//
// X has here at least as many rows as columns. It is a copy, transposed if need be, with zeros around that fill its blocks of
// 32 × 32.
type tiles struct {
	down, across int // blocks of X
	high, wide   int // strips that meet as many panels at a time
	workers      int
	x            []float32
	row          int         // from one row of X to the next
	part         []simd.BF16 // some rows of X, as panels
	gram         []float32   // the upper blocks of A, row by row, each by itself
	a, poly      []simd.BF16 // A and bA + cA², as panels
	strip        []simd.BF16 // left operands of each worker
	sums         []float32   // a row of blocks, of each worker one

	singles []float32 // the memory of them all
	halves  []simd.BF16

	doLoad, doPack, doGram, doSquare, doApply func(worker, i int) // methods, kept because they would be allocated

	// What they need beside:
	caller     []float32
	rows, cols int
	squares    []float64 // of some rows each
	scale      float32   // of X, in the first step
	last       bool      // step
	chunk      span
	odd        [3]float32
}

// span is the indices from lo to below hi.
type span struct{ lo, hi int }

func (s span) len() int { return s.hi - s.lo }

// polar is Workspace.Iterate from X/‖X‖_F. It reads and writes x once.
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

// load makes X the matrix x, and returns the sum of its squares.
func (t *tiles) load(x []float32, rows, cols int) float64 {
	t.resize(rows, cols)
	t.caller, t.rows, t.cols = x, rows, cols
	parallel.For((rows+band-1)/band, t.doLoad)
	return sum(t.squares[:(rows+band-1)/band])
}

// iterate sets x to what the iteration makes of scale·X, and returns the sum of its squares.
func (t *tiles) iterate(scale float64, it *Iteration) float64 {
	t.scale = float32(scale)
	for k := range it.steps() {
		for i, c := range it.Table.Step(k) {
			t.odd[i] = float32(c)
		}
		t.last = k+1 == it.steps()
		for hi := t.down; hi > 0; hi -= chunk { // A = XᵀX, from the rows on that the step before has just made
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

// The sizes of what the caches should hold.
const (
	chunk = 8  // blocks of rows of X, of which one part of A = XᵀX is made
	large = 32 // blocks in a row of A from which on the cache does not hold its panels
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
	t.row = t.across*simd.Edge + 16 // so that a column is not in the same lines of a cache everywhere
	m := t.across
	t.workers, t.high, t.wide = parallel.Workers(), 1, m
	if m >= large { // then some panels at a time meet some strips
		t.high, t.wide = 8, 4
	}
	var singles arena[float32]
	var halves arena[simd.BF16]
	for range 2 { // to see how much it is, and to take it
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

// arena is memory from which parts are taken.
type arena[E any] struct {
	memory []E
	taken  int
}

// take returns n elements, if there are as many.
func (a *arena[E]) take(n int) []E {
	const line = 64 // elements; lines are less than as many bytes
	lo := a.taken
	a.taken += (n + line - 1) / line * line
	if a.taken > len(a.memory) {
		return nil
	}
	return a.memory[lo:][:n:n]
}

// growLarge is scratch.Grow for memory on large pages.
func growLarge[E any](s []E, n int) []E {
	if cap(s) < n {
		s = make([]E, n)
		clear(s) // because only pages that are there can become large
		simd.LargePages(s)
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

// store copies strip i of X, which is in a cache, back.
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

// packRows makes a step of all panels from 32 rows of the chunk.
func (t *tiles) packRows(_, i int) {
	x := t.x[(t.chunk.lo+i)*simd.Edge*t.row:]
	simd.PackPanels(t.part[i*simd.StepBF16:], t.chunk.len()*simd.StepBF16, x, t.row, t.across, t.scale)
}

// gramRow adds to row i of A what the chunk gives. The last one makes operands of it.
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

// squareRows makes rows of blocks of bA + cA².
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

// applyRows makes rows of blocks of aX + X(bA + cA²).
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

// groups returns how many there are of n rows of blocks, and group one of them.
func (t *tiles) groups(n int) int { return (n + t.high - 1) / t.high }

func (t *tiles) group(g, n int) span { return span{g * t.high, min((g+1)*t.high, n)} }

// left returns a worker's memory for its left operand i, of that size.
func (t *tiles) left(worker, i, size int) []simd.BF16 {
	each := len(t.strip) / t.workers
	return t.strip[worker*each+i*size:][:size]
}

// upper returns the blocks (i, j), (i, j+1) and so on of A.
func (t *tiles) upper(i, j int) []float32 {
	return t.gram[(i*t.across-i*(i-1)/2+j-i)*simd.StepBF16:]
}

// symmetric sets block (i, j), i ≤ j, of a symmetric matrix of panels, and (j, i), to αs + βu, which it leaves in s.
func (t *tiles) symmetric(panels []simd.BF16, i, j int, s []float32, alpha float32, u []float32, beta float32) {
	at := func(i, j int) []simd.BF16 { return panels[(j*t.across+i)*simd.StepBF16:] }
	var mirror []simd.BF16
	if i < j {
		mirror = at(j, i)
	}
	simd.SumPanels(at(i, j), mirror, s, alpha, u, beta)
}
