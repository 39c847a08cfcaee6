package gpt

import "steepest/internal/parallel"

// The sizes of the pieces of loops. They decide how sums are cut, and so their bits.
const (
	pieceRows = 32
	pieceCols = 64
)

// loop is a loop whose pieces run on several processors. The operands are set for each run. The body is stored once, because a closure
// would be allocated at each run.
type loop[O any] struct {
	operands O
	body     func(worker, i int)
}

// operation is a pointer to operands, with a method that processes a piece of them.
type operation[O any] interface {
	*O
	piece(worker, i int)
}

func newLoop[O any, P operation[O]]() *loop[O] {
	l := new(loop[O])
	l.body = func(worker, i int) { P(&l.operands).piece(worker, i) }
	return l
}

func (l *loop[O]) run(pieces int, operands O) {
	l.operands = operands
	parallel.For(pieces, l.body)
	var none O
	l.operands = none // not to keep the caller's vectors
}

// pieces returns the number of pieces of at most the given size into which n is cut.
func pieces(n, size int) int { return (n + size - 1) / size }

// span returns the elements of piece i.
func span(i, size, n int) (lo, hi int) { return i * size, min((i+1)*size, n) }
