package optim

import (
	"unsafe"

	"steepest/internal/parallel"
	"steepest/internal/simd"
	"steepest/param"
)

const (
	// tileSize is the number of elements of a tile. It is so small that the update stays in the cache between two transforms.
	tileSize = 1024
	// pieceSize is the number of elements of a piece.
	pieceSize = 1024
	// share is the number of pieces that a goroutine takes at a time. shareSize is the largest number of elements in a share.
	share     = 16
	shareSize = share * pieceSize
)

// pass is one run over the tiles: the only loop over elements. An Optimizer keeps it so that a step allocates nothing.
type pass[T param.Float] struct {
	shares  [][]piece // the pieces that a goroutine takes at a time; only those whose state this process keeps
	params  []int     // [piece] its parameter, for the pieces of all ranks
	workers []*worker[T]

	group  *group[T]
	links  []*link[T]
	tile   int      // the elements of a tile
	grad   []T      // the gradient that entered the chain; nil if no link may see it
	clip   *link[T] // scales all of the gradient by one number as the chain reads it; nil for none
	x, in  []T
	out    []T            // where the result is stored; nil to drop it
	to     []T            // where the moved x is stored instead, which may be x; nil for no move
	moves  []simd.Move[T] // [param]
	link   *link[T]       // the link whose sums or points are computed; nil for none
	sums   []float64      // [piece][sum]
	apply  func(worker, i int)
	add    func(worker, i int)
	locate func(worker, i int)
}

// piece is a range of elements, lo to hi of the flat vectors, all of one parameter. number counts the pieces of all ranks.
type piece struct{ number, param, lo, hi int }

// worker holds the memory of one goroutine. u and g are allocated by themselves, so that they begin at cache lines.
type worker[T param.Float] struct {
	tile Tile[T]
	u    []T
	g    []T // a piece of the scaled gradient; nil if the gradient enters as it is
	x    []T // a tile of x, if the moved x is stored elsewhere
	move simd.Move[T]
}

func newPass[T param.Float](g *group[T]) *pass[T] {
	p := &pass[T]{group: g, moves: make([]simd.Move[T], len(g.params))}
	p.apply, p.add, p.locate = p.applyShare, p.addShare, p.locateShare
	for counted, last, i := 0, -1, 0; i < len(g.params); i++ {
		lo, end := g.starts[i], g.starts[i]+g.params[i].Size()
		for lo < end {
			hi := min(lo+(share-counted%share)*pieceSize, end)
			if from := lo - g.starts[i]; g.parts[i][0] <= from && from < g.parts[i][1] {
				if at := counted / share; at > last {
					p.shares, last = append(p.shares, nil), at
				}
				own := &p.shares[len(p.shares)-1]
				*own = append(*own, piece{len(p.params), i, lo, hi})
			}
			p.params = append(p.params, i)
			counted += (hi - lo + pieceSize - 1) / pieceSize
			lo = hi
		}
	}
	most := 0
	for _, l := range g.links {
		most = max(most, len(l.Sums))
	}
	p.sums = make([]float64, most*len(p.params))
	return p
}

// step sends every tile of in through the links, subtracts the result from x, and stores the difference in to, which may be x.
func (p *pass[T]) step(links []*link[T], to, x, in []T) {
	p.aim(links, to, x, in)
	p.forShares(p.apply)
}

// aim prepares the pass that moves x. If the last links scale or mix, the move of x does their work.
func (p *pass[T]) aim(links []*link[T], to, x, in []T) {
	for i := range p.moves {
		p.moves[i] = simd.Move[T]{C: [3]float64{-1}}
	}
	for len(links) > 0 && links[len(links)-1].idles() {
		links = links[:len(links)-1]
	}
	if n := len(links) - 1; n >= 0 && links[n].Scales && links[n].units == nil {
		for i, skip := range links[n].skip {
			if !skip {
				p.moves[i].C[0] = -links[n].coeffs[i][0]
			}
		}
		links = links[:n]
	}
	if n := len(links) - 1; n >= 0 && links[n].Mixes && links[n].units == nil {
		for i, skip := range links[n].skip {
			if c := &links[n].coeffs[i]; !skip {
				p.moves[i].Mixes, p.moves[i].C[1], p.moves[i].C[2] = true, c[0], c[1]
			}
		}
		links = links[:n]
	}
	p.links, p.x, p.in, p.out, p.to, p.tile, p.link = links, x, in, nil, to, tileSize, nil
	if len(links) <= 1 {
		p.tile = shareSize // a single transform moves x itself; long tiles run at the speed of memory
	}
}

// run sends every tile of in through the links and stores the result in out, unless that is nil. If next is not nil, run computes
// the sums of this link over out, while the tiles are in the cache.
func (p *pass[T]) run(links []*link[T], x, in, out []T, next *link[T]) {
	p.links, p.x, p.in, p.out, p.to, p.tile, p.link = links, x, in, out, nil, tileSize, next
	clear(p.sums)
	p.forShares(p.apply)
}

// sum computes the sums that a link needs over in, x and its state.
func (p *pass[T]) sum(l *link[T], x, in []T) {
	p.link, p.x, p.in = l, x, in
	clear(p.sums)
	p.forShares(p.add)
}

// total adds the sums of all pieces of all ranks, for each parameter.
func (p *pass[T]) total(l *link[T]) error {
	n := len(l.Sums)
	sums := p.sums[:n*len(p.params)]
	if err := p.group.ranks.sum(sums); err != nil {
		return err
	}
	clear(l.sums)
	for i, param := range p.params {
		for j := range n {
			at := param*n + j
			l.sums[at] = l.Sums[j].add(l.sums[at], sums[i*n+j])
		}
	}
	return nil
}

// point stores in out the point for the gradient of the next step, for the parameters that the link does not skip.
func (p *pass[T]) point(l *link[T], out, x []T) {
	p.link, p.x, p.out = l, x, out
	p.forShares(p.locate)
}

// forShares calls body for every share.
func (p *pass[T]) forShares(body func(worker, i int)) {
	for len(p.workers) < min(len(p.shares), parallel.Workers()) {
		w := &worker[T]{u: make([]T, shareSize)}
		if p.clip != nil {
			w.g = make([]T, shareSize)
		}
		p.workers = append(p.workers, w)
	}
	parallel.For(len(p.shares), body)
}

func (p *pass[T]) applyShare(worker, i int) {
	w := p.workers[worker]
	for _, at := range p.shares[i] {
		for lo := at.lo; lo < at.hi; lo += p.tile {
			p.applyTile(w, at.param, lo, min(lo+p.tile, at.hi))
		}
		if p.link != nil {
			p.addPiece(w, at, p.out)
		}
	}
}

// applyTile sends elements lo to hi, which belong to one parameter, through the chain.
func (p *pass[T]) applyTile(w *worker[T], at, lo, hi int) {
	t := &w.tile
	t.In, t.U, t.X, t.move = p.in[lo:hi], w.u[:hi-lo], p.x[lo:hi], nil
	if p.grad != nil {
		t.G = p.gradient(w, lo, hi)
		if unsafe.SliceData(p.in) == unsafe.SliceData(p.grad) {
			t.In = t.G
		}
	}
	if p.out != nil {
		t.U = p.out[lo:hi]
	}
	apart := p.to != nil && unsafe.SliceData(p.to) != unsafe.SliceData(p.x)
	if apart {
		w.x = append(w.x[:0], t.X...)
		t.X = w.x
	}
	if p.to != nil {
		w.move = p.moves[at]
		w.move.X, t.move = t.X, &w.move
	}
	for j := range p.links {
		l := p.links[j]
		if l.skip[at] {
			continue
		}
		t.S = p.group.stateOf(t.S[:0], l, at, lo, hi)
		if unit := l.unit(at); unit != 1 {
			simd.Scale([]float64{1 / unit}, t.U, t.In, nil)
			t.In = t.U
		}
		t.last = j == len(p.links)-1
		l.tile(&l.coeffs[at], t)
		if !l.kernel {
			for _, v := range t.S {
				simd.Flush(v, v, nil)
			}
		}
		t.In = t.U
	}
	t.move.Apply(t.In)
	if apart {
		copy(p.to[lo:hi], t.X)
	}
	if p.out != nil {
		copy(p.out[lo:hi], t.In) // needed only if every link skips the parameter
	}
}

// gradient returns elements lo to hi of the gradient, scaled by clip.
func (p *pass[T]) gradient(w *worker[T], lo, hi int) []T {
	g := p.grad[lo:hi]
	if p.clip == nil {
		return g
	}
	for _, by := range [2]float64{1 / p.clip.unit(0), p.clip.coeffs[0][0]} {
		if by != 1 {
			simd.Scale([]float64{by}, w.g[:hi-lo], g, nil)
			g = w.g[:hi-lo]
		}
	}
	return g
}

// addShare computes the sums over the pieces of share i.
func (p *pass[T]) addShare(worker, i int) {
	for _, at := range p.shares[i] {
		p.addPiece(p.workers[worker], at, p.in)
	}
}

// addPiece computes the sums over a piece of the update. Parameters that the link skips do not count.
func (p *pass[T]) addPiece(w *worker[T], at piece, update []T) {
	t, l := &w.tile, p.link
	if len(l.adders) == 0 || l.skip[at.param] {
		return
	}
	t.In, t.U, t.G = update[at.lo:at.hi], nil, p.gradient(w, at.lo, at.hi)
	p.show(t, l, at)
	for k, add := range l.adders {
		p.sums[at.number*len(l.adders)+k] = add(&l.begun[at.param], t)
	}
}

// locateShare computes the points of the pieces of share i.
func (p *pass[T]) locateShare(worker, i int) {
	t, l := &p.workers[worker].tile, p.link
	for _, at := range p.shares[i] {
		if !l.skip[at.param] {
			t.In, t.U = nil, p.out[at.lo:at.hi]
			p.show(t, l, at)
			l.point(t)
		}
	}
}

// show points the tile at a piece of x and of the state of a link.
func (p *pass[T]) show(t *Tile[T], l *link[T], at piece) {
	t.X, t.S = p.x[at.lo:at.hi], p.group.stateOf(t.S[:0], l, at.param, at.lo, at.hi)
}
