package train

import "steepest/param"

// Progressive measures the mean loss of all terms that the run has drawn, each at the iterate before its step: progressive validation (Blum,
// Kalai and Langford 1999). In a single pass over terms in random order, it is as honest as the loss on held-out rows. It leaves out the
// penalties of linear models, and reads the rows of each batch once more. With weights of the rows it is the weighted mean of the rows drawn.
func Progressive() Measure { return Measure{Name: "progressive", progressive: true} }

// progress sums the losses for Progressive.
type progress[T param.Float] struct {
	loss       func(scale float64, x []T, batch []uint32) float64 // the mean at scale·x
	weights    []float64                                          // of the rows, with mean 1; nil if all are 1
	sum, terms float64                                            // of the steps made; a row of weight 2 counts as two terms
	next, size float64                                            // of the step that is being made
}

// newProgress returns the sums for a problem.
func newProgress[T param.Float](p interface {
	Loss(x []T, batch []uint32) float64
}) *progress[T] {
	m := &progress[T]{loss: func(_ float64, x []T, batch []uint32) float64 { return p.Loss(x, batch) }}
	if p, ok := p.(interface {
		ScaledLoss(scale float64, x []T, batch []uint32) float64
	}); ok {
		m.loss = p.ScaledLoss
	}
	if p, ok := p.(interface{ RowWeights() []float64 }); ok {
		m.weights = p.RowWeights()
	}
	return m
}

// mean returns the mean so far, or NaN before the first step.
func (p *progress[T]) mean([]T) float64 { return p.sum / p.terms }

// foresee computes the loss of a batch (nil for all n terms) at scale·x, before its step.
func (p *progress[T]) foresee(scale float64, x []T, batch []uint32, n int) {
	if p.size = float64(n); batch != nil {
		p.size = float64(len(batch))
	}
	p.next = float64(p.loss(scale, x, batch) * p.size)
	if batch != nil && p.weights != nil {
		p.size = 0
		for _, i := range batch {
			p.size += p.weights[i]
		}
	}
}

// made adds the loss of the step that has been made.
func (p *progress[T]) made() {
	if p != nil {
		p.sum, p.terms = p.sum+p.next, p.terms+p.size
	}
}

// pass drops the loss of a step whose gradient is skipped.
func (p *progress[T]) pass() {
	if p != nil {
		p.next, p.size = 0, 0
	}
}
