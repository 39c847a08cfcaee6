package gemm

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"steepest/internal/parallel"
	"steepest/internal/scratch"
	"steepest/internal/simd"
)

// The sizes of packed operands, which the caches should hold, and of tasks.
const (
	packedRows  = 4 << 20 // elements of A that are packed at a time
	packedCols  = 1 << 20 // elements of B that are packed at a time; there are two such buffers
	packedPairs = 1 << 17 // pairs of B that a single worker packs at a time for tiles: they stay in its second-level cache
	tileStrips  = 16      // most strips of a tile of C
	tilePanels  = 16      // most panels of a tile of C
	packBands   = 16      // strips or panels that one task packs
	sideBySide  = 8       // bands written at once: if k is a power of 2, more would share the same cache lines
	manyTiles   = 8       // with fewer tiles, workers are idle at the end
)

// job is a product that is packed and divided among the workers. The work is divided along the rows and columns of C, never along k, so
// no sum depends on the number of workers.
//
// The tasks form phases. With several workers, packing runs one phase ahead of multiplying:
//
//	phase 0    pack crossing 0
//	phase 1    pack crossing 1    multiply the tiles of crossing 0
//	phase 2    pack crossing 2    multiply the tiles of crossing 1
//	...
//
// A task waits until all tasks of earlier phases are done. Workers take tasks in order, so by then other workers are about to finish
// them. Consecutive crossings use different buffers. A single worker packs and multiplies a crossing in the same phase (lag is 0).
type job[T simd.Float] struct {
	product[T]
	crossings              []crossing[T]
	lag                    int
	starts                 []int        // the first task of each phase, then the number of tasks
	done                   atomic.Int64 // tasks finished
	tileStrips, tilePanels int
	packedA, packedB       [2][]T
	sizesA, sizesB         [2][]simd.Exponents
	scratch                []T                 // room for one block for each worker
	shares                 int                 // of C, if each worker computes a product of its own
	doTask, doShare        func(worker, i int) // j.task and j.share, kept so that a call allocates nothing
}

// jobs are kept with their memory.
var jobs = pools{sync.Pool{New: func() any { return newJob[float32]() }}, sync.Pool{New: func() any { return newJob[float64]() }}}

func newJob[T simd.Float]() *job[T] {
	j := new(job[T])
	j.doTask, j.doShare = j.task, j.share
	return j
}

func (j *job[T]) run() {
	if j.shares = parallel.Workers(); j.spreads(j.shares) {
		parallel.For(j.shares, j.doShare)
		return
	}
	j.scratch = scratch.Grow(j.scratch, parallel.Workers()*largestBlock)
	j.plan()
	j.done.Store(0)
	tasks := j.starts[len(j.starts)-1]
	if !j.serial {
		parallel.For(tasks, j.doTask)
		return
	}
	for i := range tasks {
		j.task(0, i)
	}
}

// share computes share i of C.
func (j *job[T]) share(_, i int) {
	p := j.product.share(i, j.shares)
	p.multiply()
}

// plan lists the crossings and counts the tasks.
func (j *job[T]) plan() {
	j.lag = 1
	if j.serial {
		j.lag = 0
	}
	j.tileStrips, j.tilePanels = tileStrips, tilePanels
	if j.tiles() { // strips are four times as high
		j.tileStrips = tileStrips / 2
	}
	many := manyTiles
	if j.part != whole { // half of the tiles are empty, others small
		many *= 4
	}
	for !j.serial && j.tileStrips > 2 && pieces(j.m, j.tileStrips*j.stripRows)*pieces(j.n, j.tilePanels*j.panelCols) < many {
		if j.tilePanels >= j.tileStrips {
			j.tilePanels /= 2
		} else {
			j.tileStrips /= 2
		}
	}
	j.crossings = j.crossings[:0]
	turn := 0
	for d := range j.deep() {
		x := crossing[T]{ks: j.ks(d)}
		high := 1
		if j.packA {
			high = pieces(j.m*x.ks.len(), packedRows)
		}
		for h := range high {
			x.rows = cut(j.m, h, high)
			if j.parts { // blocks must not depend on the number of workers
				x.full = j.stripRows
				x.rows = cut(pieces(j.m, x.full), h, high).of(x.full, j.m)
			}
			x.strips = pieces(x.rows.len(), j.stripRows)
			if j.packA {
				if j.parts {
					x.sizesA = room(&j.sizesA, turn*j.lag, x.strips)
				}
				x.packedA = room(&j.packedA, turn*j.lag, x.strips*j.stripPad()*x.ks.len())
			}
			j.cross(x)
			turn++
		}
	}
	j.starts = append(j.starts[:0], 0)
	for t := range len(j.crossings) + j.lag {
		tasks := 0
		if t < len(j.crossings) {
			strips, panels := j.packTasks(&j.crossings[t])
			tasks += strips + panels
		}
		if t >= j.lag {
			x := &j.crossings[t-j.lag]
			tasks += pieces(x.strips, j.tileStrips) * pieces(x.panels.len(), j.tilePanels)
		}
		j.starts = append(j.starts, j.starts[t]+tasks)
	}
}

// cross adds a crossing of the rows and ks of x for every group of panels that is packed at a time.
func (j *job[T]) cross(x crossing[T]) {
	all := pieces(j.n, j.panelCols)
	wide := all
	if j.packB {
		wide = max(tilePanels, packedCols/(x.ks.len()*j.panelCols))
		if j.pairs && j.tiles() && j.serial {
			wide = max(tilePanels/2, packedPairs/(x.ks.len()*j.panelCols))
		}
	}
	x.packsA = j.packA
	for q := 0; q < all; q += wide {
		x.panels = span{q, min(q+wide, all)}
		if j.packB {
			if j.parts {
				x.sizesB = room(&j.sizesB, len(j.crossings)*j.lag, x.panels.len())
			}
			x.packedB = room(&j.packedB, len(j.crossings)*j.lag, x.panels.len()*j.panelCols*x.ks.len())
		}
		j.crossings = append(j.crossings, x)
		x.packsA = false
	}
}

// packTasks returns the number of tasks that pack the strips and the panels of a crossing.
func (j *job[T]) packTasks(x *crossing[T]) (strips, panels int) {
	if x.packsA {
		strips = pieces(x.strips, packBands)
	}
	if j.packB {
		panels = pieces(x.panels.len(), packBands)
	}
	return strips, panels
}

// task waits for the earlier phases, and then packs some strips or panels, or computes a tile of C.
func (j *job[T]) task(worker, i int) {
	defer j.done.Add(1)
	t, _ := slices.BinarySearch(j.starts, i+1)
	t--
	for j.done.Load() < int64(j.starts[t]) {
		runtime.Gosched()
	}
	i -= j.starts[t]
	if t < len(j.crossings) {
		x := &j.crossings[t]
		strips, panels := j.packTasks(x)
		if i < strips {
			j.pack(x, j.a, x.packedA, x.sizesA, j.stripPad(), i*packBands, x.strips, x.strip)
			return
		}
		if i -= strips; i < panels {
			j.pack(x, j.b, x.packedB, x.sizesB, j.panelCols, i*packBands, x.panels.len(), func(q int) span { return j.panel(x.panels.lo + q) })
			return
		}
		i -= panels
	}
	x := &j.crossings[t-j.lag]
	down := pieces(x.strips, j.tileStrips)
	top, left := i%down*j.tileStrips, x.panels.lo+i/down*j.tilePanels
	j.tile(x, span{top, min(top+j.tileStrips, x.strips)}, span{left, min(left+j.tilePanels, x.panels.hi)},
		j.scratch[worker*largestBlock:])
}

// pack packs up to packBands of the n strips or panels of a crossing, starting with the given one. width is the room for a row of k.
func (j *job[T]) pack(x *crossing[T], o operand[T], dst []T, sizes []simd.Exponents, width, first, n int, band func(i int) span) {
	k, to := x.ks.len(), width
	if o.lines {
		to = k
	}
	end := min(first+packBands, n)
	if j.parts {
		o.packParts(dst, sizes, span{first, end}, x.ks, band)
		return
	}
	for i := first; i < end; {
		rows, alike := band(i), 1
		for i+alike < end && alike < sideBySide && band(i+alike).len() == rows.len() {
			alike++
		}
		o.pack(dst[i*k*width:], to, k*width, rows, alike, x.ks)
		i += alike
	}
}

// room returns n elements in one of two buffers, which take turns.
func room[T any](places *[2][]T, turn, n int) []T {
	place := &places[turn%2]
	*place = scratch.Grow(*place, n)
	return *place
}
