package train

import (
	"math"

	"steepest/internal/simd"
	"steepest/objective"
	"steepest/param"
	"steepest/train/dist"
)

// cut is a problem whose batches are cut into micro-batches. The mean over a batch is the weighted sum of the means over its micro-batches,
// added along the tree of dist.Sum. The ranks of a group share the work, and the bits do not depend on their number.
type cut[T param.Float] struct {
	objective.FiniteSum[T]
	pieces int
	sum    dist.Sum[T]
	all    []uint32 // the terms, for whole sums
	err    error    // of the group
}

// newCut returns the problem, cut as the settings say.
func newCut[T param.Float](p objective.FiniteSum[T], s *Settings) objective.FiniteSum[T] {
	compress := s.Compress.On() && s.Local == nil
	if s.MicroBatches <= 1 && !compress {
		return p
	}
	c := &cut[T]{FiniteSum: p, pieces: max(1, s.MicroBatches), sum: dist.Sum[T]{Group: s.Group, AnyOrder: s.AnyOrder}}
	if compress {
		c.sum.Compress(s.Compress, c.pieces, objective.Dim(p))
	}
	return c
}

// MicroBatches returns the number of micro-batches that pays for a batch of this many terms: at most 16. Each micro-batch must have about 128
// multiply-adds for every unknown, since its gradient must be cleared and added. batch = 0 means all terms.
func MicroBatches[T param.Float](p objective.FiniteSum[T], batch int) int {
	if batch == 0 {
		batch = p.Len()
	}
	return max(1, min(16, batch, int(p.FLOPs(batch)/(128*float64(objective.Dim(p))))))
}

// Loss returns the mean over the batch.
func (c *cut[T]) Loss(x []T, batch []uint32) float64 {
	return c.mean(nil, batch, func(_ []T, piece []uint32) float64 { return c.FiniteSum.Loss(x, piece) })
}

// Grad stores the mean gradient over the batch in dst, and returns the mean.
func (c *cut[T]) Grad(dst, x []T, batch []uint32) float64 {
	return c.mean(dst, batch, func(dst []T, piece []uint32) float64 { return c.FiniteSum.Grad(dst, x, piece) })
}

func (c *cut[T]) mean(dst []T, batch []uint32, of func(dst []T, piece []uint32) float64) float64 {
	if batch == nil {
		batch = c.terms()
	}
	n, pieces := len(batch), min(c.pieces, len(batch))
	mean, err := c.sum.Of(dst, pieces, func(dst []T, k int) float64 {
		piece := batch[k*n/pieces : (k+1)*n/pieces]
		share := float64(len(piece)) / float64(n)
		value := of(dst, piece) * share
		simd.Scal(T(share), dst)
		return value
	})
	if err != nil {
		c.err = err
		return math.NaN()
	}
	return mean
}

// terms returns all terms.
func (c *cut[T]) terms() []uint32 {
	if c.all == nil {
		c.all = make([]uint32, c.Len())
		for i := range c.all {
			c.all[i] = uint32(i)
		}
	}
	return c.all
}

// Err returns the error of the group, or that of the problem.
func (c *cut[T]) Err() error {
	if c.err != nil {
		return c.err
	}
	return failureOf(c.FiniteSum)
}
