package matrix

import (
	"cmp"
	"math"
	"slices"

	"steepest/internal/scratch"
	"steepest/optim"
	"steepest/optim/matfun"
	"steepest/optim/norm"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
)

// Dion2 is Muon on a part of each matrix (Ahn et al. 2025, arXiv:2512.16928):
//
//	M ← M + G,  S = the rows of M with the largest ‖·‖₁, or the columns if a matrix has fewer,
//	x ← x − α(√(rows/cols)·polar(M_S) + λx),  M_S ← μM_S
//
// Rows outside S wait in the momentum M. Only the polar factor of M_S is computed. Vectors, embeddings and the head go to AdamW.
// Defaults of github.com/microsoft/dion: α = 0.01, S a quarter of the rows or columns, rounded up, μ = 0.95, the speedrun's polar factor with
// ε = 1e-8, λ = 0.01. The authors compute polar factors in bfloat16. If processes share a matrix, each chooses among its own rows;
// here S is chosen from the whole matrix, as with their selection_scope="global".
type Dion2 struct {
	LR          schedule.Schedule        `help:"step size α"`
	Fraction    optim.Opt[float64]       `range:"(0,1]" help:"part of the rows or columns that a step chooses"`
	Momentum    optim.Opt[float64]       `range:"0,1" help:"momentum μ of the chosen rows or columns"`
	Polar       optim.Opt[matfun.Preset] `help:"how the polar factor is computed"`
	Steps       optim.Opt[int]           `range:"0," help:"steps of the polar factor's iteration"`
	Eps         optim.Opt[float64]       `range:"0," help:"ε in the division by the norm of the matrix"`
	BF16        bool                     `help:"polar factor by products of bfloat16"`
	Gram        bool                     `help:"polar factor by steps on the smaller Gram matrix, if one side is 1.5 times the other or longer"`
	Scale       optim.Opt[ShapeScale]    `help:"factor of the step that depends on the shape of the matrix"`
	Heads       optim.Opt[int]           `range:"1," help:"heads of attention, into which queries, keys and values are cut"`
	WeightDecay optim.Opt[float64]       `range:"0," help:"decay λ"`
	Matrices    MatrixChoice             `help:"hidden matrices, or all with embeddings and head"`
	Aux         rules.AdamW              `prefix:"aux-"`
}

var _ optim.Router = Dion2{}

// Chain returns the choice, the polar factor, its scale, the decay and the step size, for the matrices.
func (r Dion2) Chain() optim.Chain { return r.Resolved().(Dion2).chain(false, nil) }

// chain returns Chain for resolved hyperparameters, with the transforms more after the polar factor. If rows is set, S consists of rows even
// if there are fewer columns.
func (r Dion2) chain(rows bool, after optim.Chain) optim.Chain {
	choose := ChooseLargest{Fraction: r.Fraction.Get(), Mu: r.Momentum.Get(), Rows: rows}
	it := iteration(r.Polar.Get(), r.Steps, r.Eps, r.BF16, r.Gram)
	polar := LMO{Norm: norm.Spectral, Iteration: it}.Transform()
	polar.Name, polar.Check = "polar", r.Matrices.refuse
	polar.FLOPs = forMatrices(func(rows, cols int) float64 {
		of, count := choose.count(rows, cols)
		return it.FLOPs(count, rows+cols-of)
	})
	var c optim.Chain
	for _, t := range slices.Concat(optim.Chain{choose, polar}, after, optim.Chain{ScaleByShape{Scale: r.Scale.Get(), Radius: 1}}) {
		c = append(c, inHeads(r.Heads.Get(), t))
	}
	return append(c, optim.Decay{Lambda: r.WeightDecay.Get()}, optim.LearningRate{LR: r.LR})
}

// Routes sends the matrices to Chain and the rest to AdamW.
func (r Dion2) Routes() optim.Routes { return r.routes("dion2", r.Chain()) }

func (r Dion2) routes(name string, matrices optim.Chain) optim.Routes {
	return optim.Routes{
		{Name: name, Rule: matrices, Takes: r.Matrices.Takes},
		{Name: "adamw", Rule: r.Resolved().(Dion2).Aux, Aux: true},
	}
}

// Dion3 is Dion2 that always chooses rows, and normalizes the rows of the polar factor as NorMuon does. The average square of a row changes
// only while the row is in S (NorDion2, also called Dion3, in github.com/microsoft/dion). Defaults: those of Dion2, β₂ = 0.95.
type Dion3 struct {
	Dion2
	Beta2 optim.Opt[float64] `range:"0,1" help:"decay β₂ of the average square of a row"`
}

var _ optim.Router = Dion3{}

// Chain returns Dion2's chain with NormalizeNeurons after the polar factor.
func (r Dion3) Chain() optim.Chain {
	r = r.Resolved().(Dion3)
	return r.chain(true, optim.Chain{NormalizeNeurons{Beta: r.Beta2.Get(), Eps: 1e-8, Waits: true}})
}

// Routes sends the matrices to Chain and the rest to AdamW.
func (r Dion3) Routes() optim.Routes { return r.routes("dion3", r.Chain()) }

// ChooseLargest is the momentum of Dion2: M ← M + u. The new u is M in the rows with the largest ‖·‖₁, and 0 elsewhere. Then these rows of M are
// multiplied by μ. If a matrix has fewer columns than rows, columns take the place of rows.
type ChooseLargest struct {
	Fraction float64 `range:"(0,1]" help:"part of the rows or columns that a step chooses"`
	Mu       float64 `range:"0,1" help:"momentum μ of the chosen rows or columns"`
	Rows     bool    `help:"choose rows even if there are fewer columns"`
}

// Transform implements Transformer. Its state is M.
func (r ChooseLargest) Transform() optim.Transform {
	return optim.Transform{
		Name:    "choose",
		Slots:   []optim.Slot{{Name: "m"}},
		Check:   AllMatrices.refuse,
		FLOPs:   perElement(4),
		Whole32: func() optim.Whole[float32] { return (&chooser[float32]{ChooseLargest: r}).transform },
		Whole64: func() optim.Whole[float64] { return (&chooser[float64]{ChooseLargest: r}).transform },
	}
}

// count returns the number of rows (or columns), and how many of them a step chooses.
func (r ChooseLargest) count(rows, cols int) (of, count int) {
	if of = rows; r.columns(rows, cols) {
		of = cols
	}
	return of, min(of, int(math.Ceil(r.Fraction*float64(of))))
}

func (r ChooseLargest) columns(rows, cols int) bool { return !r.Rows && cols < rows }

type chooser[T param.Float] struct {
	ChooseLargest
	sums  []float64 // ‖·‖₁ of rows or columns
	order []int
}

func (r *chooser[T]) transform(_ int, _ *optim.Coeffs, t *optim.Tensor[T]) error {
	m := t.S[0]
	return t.ForMatrices(func(in, u []T, rows, cols int) error {
		r.step(in, u, m[:len(in)], rows, cols)
		m = m[len(in):]
		return nil
	})
}

func (r *chooser[T]) step(in, u, m []T, rows, cols int) {
	of, count := r.count(rows, cols)
	place := func(at int) int { return at / cols }
	if r.columns(rows, cols) {
		place = func(at int) int { return at % cols }
	}
	r.sums, r.order = scratch.Grow(r.sums, of), scratch.Grow(r.order, of)
	clear(r.sums)
	for at, v := range in {
		m[at] += v
		r.sums[place(at)] += math.Abs(float64(m[at]))
	}
	for i := range r.order {
		r.order[i] = i
	}
	slices.SortStableFunc(r.order, func(i, j int) int { return cmp.Compare(r.sums[j], r.sums[i]) })
	for _, i := range r.order[count:] {
		r.sums[i] = 0
	}
	for at, v := range m {
		if u[at] = 0; r.sums[place(at)] > 0 {
			u[at], m[at] = v, T(r.Mu)*v
		}
	}
}
