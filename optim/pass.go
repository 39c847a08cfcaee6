package optim

import (
	"steepest/internal/parallel"
	"steepest/internal/simd"
)

const (
	// tileSize is the number of elements of a tile: large enough to hide the calls, and so small that a whole chain runs
	// before memory has fetched the next tile.
	tileSize = 256
	// pieceSize is that of a piece, of which each has its own sum of squares.
	pieceSize = 1024
	// share is the number of pieces that a goroutine takes on at a time.
	share = 16
)

// pass is one run over the tiles: the only loop over elements. An Optimizer keeps it so that a step allocates nothing.
type pass[T Float] struct {
	pieces  []piece
	workers []*worker[T]

	links   []link[T]
	x, in   []T
	out     []T       // where the result is stored; nil to drop it
	moves   bool      // whether the result, times factor, is added to x instead
	factor  []float64 // [param]
	wanted  Norms
	u2, x2  []float64 // sums of squares [piece]
	pu2     []float64 // sums of squares [param]
	px2     []float64
	apply   func(worker, i int)
	squares func(worker, i int)
}

// piece is a range of elements, lo to hi of the flat vectors, all of one parameter.
type piece struct{ param, lo, hi int }

// worker is what one goroutine needs for itself. The memory of u stands alone, where it begins with a cache line.
type worker[T Float] struct {
	tile Tile[T]
	u    []T
}

func newPass[T Float](links []link[T], params []Param) *pass[T] {
	p := new(pass[T])
	p.apply, p.squares = p.applyShare, p.squareShare
	p.factor = make([]float64, len(params))
	start := 0
	for i, param := range params {
		end := start + param.Size()
		for lo := start; lo < end; lo += pieceSize {
			p.pieces = append(p.pieces, piece{i, lo, min(lo+pieceSize, end)})
		}
		start = end
	}
	for _, l := range links {
		if l.Norms != NoNorms && p.u2 == nil {
			p.u2, p.x2 = make([]float64, len(p.pieces)), make([]float64, len(p.pieces))
			p.pu2, p.px2 = make([]float64, len(params)), make([]float64, len(params))
		}
	}
	return p
}

// step sends every tile of in through the links and subtracts the result from x, with the factor of a last link that
// only scales.
func (p *pass[T]) step(links []link[T], x, in []T) {
	last := len(links) - 1
	scaled := last >= 0 && links[last].Scales
	for i := range p.factor {
		p.factor[i] = -1
		if scaled && !links[last].skip[i] {
			p.factor[i] = -links[last].coeffs[i][0]
		}
	}
	if scaled {
		links = links[:last]
	}
	p.links, p.x, p.in, p.out, p.moves = links, x, in, nil, true
	p.forShares(p.apply)
}

// run sends every tile of in through the links and stores the result in out, unless that is nil.
func (p *pass[T]) run(links []link[T], x, in, out []T) {
	p.links, p.x, p.in, p.out, p.moves = links, x, in, out, false
	p.forShares(p.apply)
}

// norms returns the squares of ‖in‖ for each parameter, and those of ‖x‖ if they are wanted.
func (p *pass[T]) norms(wanted Norms, x, in []T) (u2, x2 []float64) {
	p.wanted, p.x, p.in = wanted, x, in
	p.forShares(p.squares)
	clear(p.pu2)
	clear(p.px2)
	for i, piece := range p.pieces {
		p.pu2[piece.param] += p.u2[i]
		p.px2[piece.param] += p.x2[i]
	}
	return p.pu2, p.px2
}

// forShares calls body for every share of the pieces.
func (p *pass[T]) forShares(body func(worker, i int)) {
	shares := (len(p.pieces) + share - 1) / share
	for len(p.workers) < min(shares, parallel.Workers()) {
		p.workers = append(p.workers, &worker[T]{u: make([]T, tileSize)})
	}
	parallel.For(shares, body)
}

// sharePieces returns the range of the pieces of share i.
func (p *pass[T]) sharePieces(i int) (lo, hi int) {
	return i * share, min((i+1)*share, len(p.pieces))
}

func (p *pass[T]) applyShare(worker, i int) {
	w := p.workers[worker]
	first, end := p.sharePieces(i)
	for _, at := range p.pieces[first:end] {
		for lo := at.lo; lo < at.hi; lo += tileSize {
			p.applyTile(w, at.param, lo, min(lo+tileSize, at.hi))
		}
	}
}

// applyTile sends elements lo to hi, which belong to one parameter, through the chain.
func (p *pass[T]) applyTile(w *worker[T], param, lo, hi int) {
	t := &w.tile
	t.In, t.U, t.X = p.in[lo:hi], w.u[:hi-lo], p.x[lo:hi]
	for j := range p.links {
		l := &p.links[j]
		if l.skip[param] {
			continue
		}
		t.S = t.S[:0]
		for _, v := range l.state {
			t.S = append(t.S, v[lo:hi])
		}
		l.tile(&l.coeffs[param], t)
		t.In = t.U
	}
	switch {
	case p.moves:
		simd.AddX(p.factor[param:param+1], t.X, t.X, t.In)
	case p.out != nil:
		copy(p.out[lo:hi], t.In)
	}
}

func (p *pass[T]) squareShare(_, i int) {
	first, end := p.sharePieces(i)
	for j := first; j < end; j++ {
		at := p.pieces[j]
		p.u2[j] = simd.SumSquares(p.in[at.lo:at.hi])
		if p.wanted == ParamNorms {
			p.x2[j] = simd.SumSquares(p.x[at.lo:at.hi])
		}
	}
}
