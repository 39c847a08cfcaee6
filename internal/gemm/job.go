package gemm

import (
	"sync"

	"steepest/internal/parallel"
	"steepest/internal/simd"
)

// The sizes of what the caches should hold, and of a worker's tasks.
const (
	packedRows = 4 << 20 // elements of packed A
	packedCols = 1 << 20 // elements of packed B, twice
	tileStrips = 16      // strips and
	tilePanels = 32      // panels of a tile of C, at most
	packBands  = 16      // strips or panels packed as one task
	packDepth  = 64      // k of them that are read at once
	manyTiles  = 8       // as few leave workers idle at the end
)

// job is a product that is packed and spread over workers. Work is cut along the rows and columns of C only; so no sum
// depends on the number of workers. Jobs are kept with their memory for the products that come after.
type job[T simd.Float] struct {
	product[T]
	crossing[T]                 // that is multiplied now
	later                  span // the panels that are packed in the meantime
	packedLater            []T
	stripTasks, panelTasks int // of packing
	tileStrips, tilePanels int
	scratch                []T                 // a block for each worker
	do                     func(worker, i int) // j.task, kept because it would be allocated
}

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
	j.do = j.task
	return j
}

func (j *job[T]) run() {
	j.scratch = grow(j.scratch, parallel.Workers()*largestBlock)
	j.tileStrips, j.tilePanels = tileStrips, tilePanels
	for !j.serial && j.tileStrips > 2 && pieces(j.m, j.tileStrips*j.stripRows)*pieces(j.n, j.tilePanels*j.panelCols) < manyTiles {
		if j.tilePanels >= j.tileStrips {
			j.tilePanels /= 2
		} else {
			j.tileStrips /= 2
		}
	}
	for d := range j.deep() {
		j.dive(&j.product, d)
		high := 1
		if j.packA {
			high = pieces(j.m*j.ks.len(), packedRows)
		}
		for h := range high {
			j.rows = cut(j.m, h, high)
			j.strips = pieces(j.rows.len(), j.stripRows)
			j.multiplyRows()
		}
	}
}

// multiplyRows computes the rows at hand, some panels at a time: while they are multiplied the next are packed.
func (j *job[T]) multiplyRows() {
	all := pieces(j.n, j.panelCols)
	wide := all
	if j.packB {
		wide = max(tilePanels, packedCols/(j.ks.len()*j.panelCols))
	}
	j.stripTasks = 0
	if j.packA {
		j.stripTasks = pieces(j.strips, packBands)
		j.packedA = grow(j.packedA, j.strips*simd.Pad*j.ks.len())
	}
	j.panels, j.later = span{}, span{0, min(wide, all)}
	for j.panels.len()+j.later.len() > 0 {
		j.panelTasks = 0
		if j.packB {
			j.panelTasks = pieces(j.later.len(), packBands)
			j.packedLater = grow(j.packedLater, j.later.len()*j.panelCols*j.ks.len())
		}
		j.each(j.stripTasks + j.panelTasks + pieces(j.strips, j.tileStrips)*pieces(j.panels.len(), j.tilePanels))
		j.stripTasks = 0
		j.panels, j.packedB, j.packedLater = j.later, j.packedLater, j.packedB
		j.later = span{j.panels.hi, min(j.panels.hi+wide, all)}
	}
}

func (j *job[T]) each(tasks int) {
	if !j.serial {
		parallel.For(tasks, j.do)
		return
	}
	for i := range tasks {
		j.task(0, i)
	}
}

// task packs some strips or panels, or computes a tile of C.
func (j *job[T]) task(worker, i int) {
	if i < j.stripTasks {
		j.pack(j.a, j.packedA, simd.Pad, i*packBands, j.strips, j.strip)
		return
	}
	i -= j.stripTasks
	if i < j.panelTasks {
		j.pack(j.b, j.packedLater, j.panelCols, i*packBands, j.later.len(), j.laterPanel)
		return
	}
	i -= j.panelTasks
	down := pieces(j.strips, j.tileStrips)
	top, left := i%down*j.tileStrips, j.panels.lo+i/down*j.tilePanels
	j.tile(&j.crossing, span{top, min(top+j.tileStrips, j.strips)}, span{left, min(left+j.tilePanels, j.panels.hi)},
		j.scratch[worker*largestBlock:])
}

func (j *job[T]) laterPanel(i int) span { return j.panel(j.later.lo + i) }

// pack packs bands of a width, which are strips or panels, the first and those after it of a task, of n. Columns are read
// a few at a time from all bands, which lie side by side in memory.
func (j *job[T]) pack(o operand[T], dst []T, width, first, n int, band func(i int) span) {
	for s := range j.crossing.steps {
		step := j.step(s)
		depth := packDepth
		if o.byRow {
			depth = step.len()
		}
		for lo := step.lo; lo < step.hi; lo += depth {
			ks := span{lo, min(lo+depth, step.hi)}
			for i := first; i < min(first+packBands, n); i++ {
				o.pack(dst[(step.lo*n+i*step.len()+lo-step.lo)*width:], width, band(i), ks.within(j.ks))
			}
		}
	}
}

// grow returns memory of length n, which is v if it is large enough. What it holds does not matter.
func grow[T any](v []T, n int) []T {
	if cap(v) < n {
		return make([]T, n)
	}
	return v[:n]
}
