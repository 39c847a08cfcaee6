package train

import "steepest/param"

// Progressive measures the mean loss of all terms that the run has drawn, each at the iterate before the step that it was drawn for: progressive
// validation (Blum, Kalai and Langford 1999). In one pass over terms in a random order it is as honest as the loss on rows that are held
// out. It leaves the penalties of linear models out, and reads the rows of each batch once more.
func Progressive() Measure { return Measure{Name: "progressive", progressive: true} }

// progress adds up the losses that Progressive measures.
type progress[T param.Float] struct {
	loss       func(scale float64, x []T, batch []uint32) float64 // the mean at scale·x
	sum, terms float64                                            // of the steps made
	next, size float64                                            // of the step that is being made
}

// newProgress returns the sums for a problem.
func newProgress[T param.Float](p interface {
	Loss(x []T, batch []uint32) float64
}) *progress[T] {
	if m, ok := p.(interface {
		ScaledLoss(scale float64, x []T, batch []uint32) float64
	}); ok {
		return &progress[T]{loss: m.ScaledLoss}
	}
	return &progress[T]{loss: func(_ float64, x []T, batch []uint32) float64 { return p.Loss(x, batch) }}
}

// mean returns the mean so far; NaN before the first step.
func (p *progress[T]) mean([]T) float64 { return p.sum / p.terms }

// foresee takes the loss of a batch of n terms, nil for all, before the step with it, at scale·x.
func (p *progress[T]) foresee(scale float64, x []T, batch []uint32, n int) {
	if p.size = float64(n); batch != nil {
		p.size = float64(len(batch))
	}
	p.next = float64(p.loss(scale, x, batch) * p.size)
}

// made counts the step.
func (p *progress[T]) made() {
	if p != nil {
		p.sum, p.terms = p.sum+p.next, p.terms+p.size
	}
}

// pass leaves the step out, whose gradient is skipped.
func (p *progress[T]) pass() {
	if p != nil {
		p.next, p.size = 0, 0
	}
}
