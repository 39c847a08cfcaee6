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

// The sizes of what the caches should hold, and of a worker's tasks.
const (
	packedRows = 4 << 20 // elements of packed A
	packedCols = 1 << 20 // elements of packed B, twice
	tileStrips = 16      // strips and
	tilePanels = 16      // panels of a tile of C, at most
	packBands  = 16      // strips or panels packed as one task
	sideBySide = 8       // of them written at once, since where k is a power of two they meet in the same lines of a cache
	manyTiles  = 8       // as few leave workers idle at the end
)

// job is a product that is packed and spread over workers. Work is cut along the rows and columns of C only; so no sum
// depends on the number of workers.
//
// Its tasks are in phases: phase t packs crossing t, and computes the tiles of crossing t−lag. For one worker the lag is 0, and
// for several it is 1: a task waits for all phases before its own, whose tasks other workers are then about to end, since
// tasks are taken in their order. Crossings next to each other then have different memory.
type job[T simd.Float] struct {
	product[T]
	crossings              []crossing[T]
	lag                    int
	starts                 []int // the first task of each phase, and the number of tasks
	done                   atomic.Int64
	tileStrips, tilePanels int
	packedA, packedB       [2][]T
	sizesA, sizesB         [2][]simd.Exponents
	scratch                []T // a block for each worker
	shares                 int
	doTask, doShare        func(worker, i int) // methods, kept because they would be allocated
}

// Jobs are kept with their memory for the products that come after.
var (
	jobs32 = sync.Pool{New: func() any { return newJob[float32]() }}
	jobs64 = sync.Pool{New: func() any { return newJob[float64]() }}
)

// jobs returns where jobs for T are kept.
func jobs[T simd.Float]() *sync.Pool {
	if _, is32 := any(T(0)).(float32); is32 {
		return &jobs32
	}
	return &jobs64
}

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

// share computes one of the shares of C that workers have for themselves.
func (j *job[T]) share(_, i int) { j.product.share(i, j.shares).multiply() }

// plan lists the crossings and counts the tasks.
func (j *job[T]) plan() {
	j.lag = 1
	if j.serial {
		j.lag = 0
	}
	j.tileStrips, j.tilePanels = tileStrips, tilePanels
	if j.tiles() { // whose strips are four times as high
		j.tileStrips = tileStrips / 2
	}
	many := manyTiles
	if j.part != whole { // of which half are empty, and others small
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
			if j.parts { // whose blocks are the same however many workers there are
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

// cross lists the crossings of the rows and ks of x with as many panels at a time as are packed at once.
func (j *job[T]) cross(x crossing[T]) {
	all := pieces(j.n, j.panelCols)
	wide := all
	if j.packB {
		wide = max(tilePanels, packedCols/(x.ks.len()*j.panelCols))
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

// packTasks returns how many tasks it takes to pack a crossing.
func (j *job[T]) packTasks(x *crossing[T]) (strips, panels int) {
	if x.packsA {
		strips = pieces(x.strips, packBands)
	}
	if j.packB {
		panels = pieces(x.panels.len(), packBands)
	}
	return strips, panels
}

// task packs some strips or panels, or computes a tile of C, once the phases before its own are over.
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

// pack packs bands of a width, which are strips or panels, the first and those after it of a task, of n.
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

// room returns memory of length n in one of two places, in turns.
func room[T any](places *[2][]T, turn, n int) []T {
	place := &places[turn%2]
	*place = scratch.Grow(*place, n)
	return *place
}
