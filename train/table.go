package train

import (
	"errors"
	"fmt"
	"math"

	"steepest/internal/simd"
	"steepest/internal/terms"
	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
)

// SAG is the stochastic average gradient (Schmidt, Le Roux and Bach 2017, arXiv:1309.2388). With the gradient tᵢ of term i at
// the point where it was last drawn, it is
//
//	tᵢ ← ∇fᵢ(x) for i in the batch,   x ← x − α·(1/n) Σ tⱼ.
//
// Its estimate is biased. The table starts with the gradients at x₀, which cost n gradients. For a linear model it stores a
// slope for each score of a row; for other problems it stores whole gradients. The ℓ2 penalty of a linear model is exact; an
// ℓ1 penalty is refused. Default: α = 1/(16 LMax), for which theorem 1 of the paper proves linear convergence on smooth convex
// terms with a strongly convex sum. Minimize returns an error if LMax is not known.
type SAG struct {
	LR schedule.Schedule `help:"step size α" open:"1/(16 LMax)"`
}

// Chain returns the step size alone, with the default 0.01 outside Minimize.
func (r SAG) Chain() optim.Chain { return rules.SGD{LR: r.LR}.Chain() }

// SAGA is SAG without the bias (Defazio, Bach and Lacoste-Julien 2014, arXiv:1407.0202):
//
//	x ← prox(x − α[(1/b) Σ (∇fᵢ(x) − tᵢ) + (1/n) Σ tⱼ]),   tᵢ ← ∇fᵢ(x) for i in the batch,
//
// with the sum over the b terms of the batch. Its table is that of SAG. An ℓ1 penalty is handled by its proximal step. Default:
// α = 1/(3 LMax), as in the paper's corollary 1 and theorem 2, which adapts to strong convexity.
type SAGA struct {
	LR schedule.Schedule `help:"step size α" open:"1/(3 LMax)"`
}

// Chain returns the step size alone, with the default 0.01 outside Minimize.
func (r SAGA) Chain() optim.Chain { return rules.SGD{LR: r.LR}.Chain() }

// memory is a problem as a table sees it: as a LinearModel.
type memory[T param.Float] interface {
	Len() int
	FLOPs(batch int) float64
	Outputs() int
	Slopes(dst, x []T, batch []uint32)
	AddSlopes(dst, slopes []T, batch []uint32)
	AddRidge(dst []T, s T, x []T)
}

// table stores the slopes of every term at the point where it was last drawn, and the mean of their gradients without the
// penalty.
type table[T param.Float] struct {
	memory[T]
	biased        bool // whether this is SAG
	width         int  // slopes of a term
	slopes, mean  []T
	filled        []T      // one element: 1 once the table is filled; a vector, as in State
	fresh, change []T      // of a batch
	before        []T      // the old slopes of a batch, which fresh replaces
	next          []T      // the next mean
	drawn         []uint32 // [term] the number of the last lazy step that drew it, counted by draws
	draws         uint32
	columns       []T // the mean at the columns of a batch
}

// maxTable bounds the numbers in a table and the memory of a step: 1 GiB of float64.
const maxTable = 1 << 27

func newTable[T param.Float](p objective.FiniteSum[T], batch int, biased bool) (*table[T], error) {
	d := objective.Dim(p)
	m, ok := p.(memory[T])
	if !ok {
		m = &gradients[T]{FiniteSum: p, d: d}
	}
	n, width := p.Len(), m.Outputs()
	if float64(n+3*batch)*float64(width) > maxTable {
		return nil, fmt.Errorf("train: a table of %d numbers for each of %d terms is too large; SVRG needs none", width, n)
	}
	if biased && hasPenalty(p) {
		return nil, errors.New("train: SAG takes no ℓ1 penalty; SAGA and SVRG do")
	}
	return &table[T]{
		memory: m, biased: biased, width: width, slopes: make([]T, n*width), mean: make([]T, d), filled: make([]T, 1),
		fresh: make([]T, batch*width), change: make([]T, batch*width), before: make([]T, batch*width), next: make([]T, d),
	}, nil
}

// estimate leaves the table unchanged if a slope or the estimate is not finite. Then the estimate is not finite.
func (e *table[T]) estimate(_ int, g, x []T, batch []uint32) cost {
	spent := costOf(e.memory, batch)
	b := spent.grads
	if e.filled[0] == 0 {
		spent.add(e.fill(g, x))
		if e.filled[0] == 0 {
			return spent
		}
	}
	fresh, change := e.fresh[:b*e.width], e.change[:b*e.width]
	e.Slopes(fresh, x, batch)
	if !simd.Finite(fresh) {
		clear(g)
		e.AddSlopes(g, fresh, batch)
		e.spoil(g)
		return spent
	}
	if !e.biased {
		e.start(g, x, e.mean)
		for j := range b {
			old := e.of(batch, j)
			for c, s := range fresh[j*e.width:][:e.width] {
				change[j*e.width+c] = (s - old[c]) / T(b)
			}
		}
		e.AddSlopes(g, change, batch)
	}
	e.remember(batch, b)
	copy(e.next, e.mean)
	e.AddSlopes(e.next, change, batch)
	if e.biased {
		e.start(g, x, e.next)
	}
	if simd.Finite(e.next) && simd.Finite(g) {
		e.mean, e.next = e.next, e.mean
	} else {
		e.forget(batch, b)
	}
	return spent
}

// remember replaces the slopes of a batch of b terms by the fresh ones, and stores the change of the mean.
func (e *table[T]) remember(batch []uint32, b int) {
	for j := range b { // a term that is drawn twice counts once
		old := e.of(batch, j)
		copy(e.before[j*e.width:], old)
		for c, s := range e.fresh[j*e.width:][:e.width] {
			e.change[j*e.width+c] = (s - old[c]) / T(e.Len())
			old[c] = s
		}
	}
}

// forget undoes remember.
func (e *table[T]) forget(batch []uint32, b int) {
	for j := b - 1; j >= 0; j-- {
		copy(e.of(batch, j), e.before[j*e.width:][:e.width])
	}
}

// fill fills the table with all gradients at x, unless one is not finite. Then the estimate g is not finite.
func (e *table[T]) fill(g, x []T) cost {
	e.Slopes(e.slopes, x, nil)
	clear(e.mean)
	e.AddSlopes(e.mean, e.slopes, nil)
	for j := range e.mean {
		e.mean[j] /= T(e.Len())
	}
	if simd.Finite(e.slopes) && simd.Finite(e.mean) {
		e.filled[0] = 1
	} else {
		copy(g, e.mean)
		e.spoil(g)
		clear(e.slopes)
		clear(e.mean)
	}
	return costOf(e.memory, nil)
}

// spoil makes the estimate g not finite. It may be finite, although slopes are not, if the rows of these slopes are empty.
func (e *table[T]) spoil(g []T) {
	if simd.Finite(g) {
		g[0] = T(math.NaN())
	}
}

// start stores the mean and the gradient of the ℓ2 penalty in g.
func (e *table[T]) start(g, x, mean []T) {
	copy(g, mean)
	e.AddRidge(g, 1, x)
}

// of returns the stored slopes of term j of a batch.
func (e *table[T]) of(batch []uint32, j int) []T {
	return e.slopes[terms.At(batch, j)*e.width:][:e.width]
}

func (e *table[T]) whole(int) bool           { return e.filled[0] == 0 }
func (e *table[T]) drift(sparseModel[T]) []T { return e.mean }

// touched adds (1/b) Σ (∇fᵢ − tᵢ)(x) for SAGA. For SAG it adds the change of the mean, since SAG steps along the new mean.
func (e *table[T]) touched(m sparseModel[T], g, x []T, batch []uint32) (factor T, spent cost) {
	b := len(batch)
	fresh, change := e.fresh[:b*e.width], e.change[:b*e.width]
	m.Slopes(fresh, x, batch)
	share := T(b)
	if e.biased {
		share = T(e.Len())
		e.draws++
		if e.drawn == nil {
			e.drawn = make([]uint32, e.Len())
		}
	}
	for j, i := range batch {
		again := e.biased && e.drawn[i] == e.draws // a term that is drawn twice counts once
		if e.biased {
			e.drawn[i] = e.draws
		}
		old := e.of(batch, j)
		for c, s := range fresh[j*e.width:][:e.width] {
			if change[j*e.width+c] = (s - old[c]) / share; again {
				change[j*e.width+c] = 0
			}
		}
	}
	m.AddSlopes(g, change, batch)
	return 1, costOf(m, batch)
}

// stepped stores the fresh slopes, unless the new mean is not finite.
func (e *table[T]) stepped(m sparseModel[T], batch []uint32) {
	b := len(batch)
	e.remember(batch, b)
	e.columns = e.columns[:0]
	e.means(m, batch, func(v *T) { e.columns = append(e.columns, *v) })
	m.AddSlopes(e.mean, e.change[:b*e.width], batch)
	finite := true
	e.means(m, batch, func(v *T) { finite = finite && *v-*v == 0 })
	if finite {
		return
	}
	e.forget(batch, b)
	at := 0
	e.means(m, batch, func(v *T) { *v = e.columns[at]; at++ })
}

// means calls do for the mean at each coordinate that a row of the batch stores.
func (e *table[T]) means(m sparseModel[T], batch []uint32, do func(v *T)) {
	d := len(e.mean) / e.width
	for _, i := range batch {
		columns, _ := m.Row(int(i))
		for c := range e.width {
			for _, j := range columns {
				do(&e.mean[c*d+int(j)])
			}
		}
	}
}

func (e *table[T]) name() string {
	if e.biased {
		return "sag"
	}
	return "saga"
}

func (e *table[T]) state() map[string][]T {
	return map[string][]T{"slopes": e.slopes, "mean": e.mean, "filled": e.filled}
}

// gradients adapts any problem to a table: the slopes of a term are its gradient, including the penalty.
type gradients[T param.Float] struct {
	objective.FiniteSum[T]
	d   int
	one [1]uint32
}

func (p *gradients[T]) Outputs() int { return p.d }

func (p *gradients[T]) AddRidge([]T, T, []T) {} // the slopes contain it

func (p *gradients[T]) Slopes(dst, x []T, batch []uint32) {
	for j := range len(dst) / p.d {
		p.one[0] = uint32(terms.At(batch, j))
		p.Grad(dst[j*p.d:][:p.d], x, p.one[:])
	}
}

func (p *gradients[T]) AddSlopes(dst, slopes []T, _ []uint32) {
	for j := 0; j < len(slopes); j += p.d {
		for i, s := range slopes[j:][:p.d] {
			dst[i] += s
		}
	}
}
