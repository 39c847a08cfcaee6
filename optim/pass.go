package optim

import (
	"steepest/internal/parallel"
	"steepest/internal/simd"
)

// tileSize is the number of elements of a tile: small enough for x, the update and three state vectors in float64 to
// stay in a cache of 32 KiB or near it, large enough to hide the calls.
const tileSize = 1024

// parallelPieces is the number of tiles from which a pass is worth the start of several goroutines.
const parallelPieces = 32

// pass is one run over the tiles: the only loop over elements. An Optimizer keeps it so that a step allocates nothing.
type pass[T Float] struct {
	pieces  []piece
	workers []worker[T]

	links   []link[T]
	x, in   []T
	out     []T // x itself at the end of the chain, the work vector before it, nil to drop the update
	wanted  Norms
	u2, x2  []float64 // sums of squares [piece]
	pu2     []float64 // sums of squares [param]
	px2     []float64
	apply   func(worker, i int)
	squares func(worker, i int)
}

// piece is a tile's place: elements lo to hi of the flat vectors, all of one parameter.
type piece struct{ param, lo, hi int }

// worker is what one goroutine needs for itself.
type worker[T Float] struct {
	tile Tile[T]
	u    [tileSize]T
}

func newPass[T Float](links []link[T], params []Param) *pass[T] {
	p := new(pass[T])
	p.apply, p.squares = p.applyPiece, p.squarePiece
	start := 0
	for i, param := range params {
		end := start + param.Size()
		for lo := start; lo < end; lo += tileSize {
			p.pieces = append(p.pieces, piece{i, lo, min(lo+tileSize, end)})
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

// run sends every tile of in through the links and hands the result on: it is subtracted from x if out is x, and stored
// in out otherwise.
func (p *pass[T]) run(links []link[T], x, in, out []T) {
	p.links, p.x, p.in, p.out = links, x, in, out
	p.forPieces(p.apply)
}

// norms returns the squares of ‖in‖ for each parameter, and those of ‖x‖ if they are wanted.
func (p *pass[T]) norms(wanted Norms, x, in []T) (u2, x2 []float64) {
	p.wanted, p.x, p.in = wanted, x, in
	p.forPieces(p.squares)
	clear(p.pu2)
	clear(p.px2)
	for i, piece := range p.pieces {
		p.pu2[piece.param] += p.u2[i]
		p.px2[piece.param] += p.x2[i]
	}
	return p.pu2, p.px2
}

func (p *pass[T]) forPieces(body func(worker, i int)) {
	workers := 1
	if len(p.pieces) >= parallelPieces {
		workers = parallel.Workers()
	}
	for len(p.workers) < workers {
		p.workers = append(p.workers, worker[T]{})
	}
	if workers > 1 {
		parallel.For(len(p.pieces), body)
		return
	}
	for i := range p.pieces {
		body(0, i)
	}
}

func (p *pass[T]) applyPiece(w, i int) {
	at, t := p.pieces[i], &p.workers[w].tile
	t.U, t.X = p.workers[w].u[:at.hi-at.lo], p.x[at.lo:at.hi]
	copy(t.U, p.in[at.lo:at.hi])
	for j := range p.links {
		l := &p.links[j]
		if l.skip[at.param] {
			continue
		}
		t.S = t.S[:0]
		for _, v := range l.state {
			t.S = append(t.S, v[at.lo:at.hi])
		}
		l.tile(&l.coeffs[at.param], t)
	}
	switch {
	case p.out == nil:
	case &p.out[0] == &p.x[0]:
		simd.Subtract(t.X, t.U)
	default:
		copy(p.out[at.lo:at.hi], t.U)
	}
}

func (p *pass[T]) squarePiece(_, i int) {
	at := p.pieces[i]
	p.u2[i] = simd.SumSquares(p.in[at.lo:at.hi])
	if p.wanted == ParamNorms {
		p.x2[i] = simd.SumSquares(p.x[at.lo:at.hi])
	}
}
