package matrix

import (
	"math"
	"slices"

	"steepest/internal/cosine"
	"steepest/internal/gemm"
	"steepest/internal/scratch"
	"steepest/optim"
	"steepest/optim/internal/rescale"
	"steepest/optim/matfun"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
)

// Dion steps along an approximation of rank r to the polar factor of the momentum. Each step improves it by a step of the power method
// (Ahn et al. 2025, arXiv:2504.05295, algorithm 1): M ← M + G, P = qr(MQ), R = MᵀP, M ← M − (1−μ)PRᵀ, Q = R with columns of length 1,
// x ← x − α(√(rows/cols)·PQᵀ + λx). The part of M outside the rank stays in the momentum. Q starts as the first r vectors of the
// discrete cosine transform; the authors use random numbers. The authors' code adds ε = 1e-8 to the lengths. Here ε is 0, so that the
// scale of G does not matter; columns at the level of rounding errors become 0. Vectors, embeddings and the head go to AdamW.
// Defaults: α = 0.01, μ = 0.95, λ = 0.01, ε = 0, r a quarter of the shorter side, rounded up.
type Dion struct {
	LR           schedule.Schedule  `help:"step size α"`
	Momentum     optim.Opt[float64] `range:"0,1" help:"momentum μ inside the rank"`
	RankFraction optim.Opt[float64] `range:"(0,1]" help:"rank relative to the shorter side"`
	Eps          float64            `range:"0," help:"ε added to the lengths of the columns of Q"`
	WeightDecay  optim.Opt[float64] `range:"0," help:"decay λ"`
	Matrices     MatrixChoice       `help:"hidden matrices, or all with embeddings and head"`
	Aux          rules.AdamW        `prefix:"aux-"`
}

var _ optim.Router = Dion{}

// Chain returns the approximate polar factor, its scale, the decay and the step size, for the matrices.
func (r Dion) Chain() optim.Chain {
	r = r.Resolved().(Dion)
	return optim.Chain{
		OrthogonalizeLowRank{Mu: r.Momentum.Get(), RankFraction: r.RankFraction.Get(), Eps: r.Eps, Matrices: r.Matrices},
		ScaleByShape{Scale: ScaleRatio, Radius: 1}, optim.Decay{Lambda: r.WeightDecay.Get()}, optim.LearningRate{LR: r.LR},
	}
}

// Routes sends the matrices to Chain and the rest to AdamW.
func (r Dion) Routes() optim.Routes {
	return optim.Routes{
		{Name: "dion", Rule: r.Chain(), Takes: r.Matrices.Takes},
		{Name: "adamw", Rule: r.Resolved().(Dion).Aux, Aux: true},
	}
}

// OrthogonalizeLowRank is Dion's T, with the momentum and the approximate polar factor, for the matrices of a choice.
type OrthogonalizeLowRank struct {
	Mu           float64 `range:"0,1"`
	RankFraction float64 `range:"(0,1]"`
	Eps          float64 `range:"0,"`
	Matrices     MatrixChoice
}

// Transform implements Transformer. Its state is the momentum M and the basis Q.
func (r OrthogonalizeLowRank) Transform() optim.Transform {
	return optim.Transform{
		Name: "dion",
		Slots: []optim.Slot{{Name: "m"}, {Name: "q", Size: func(p param.Param) int {
			count, rows, cols := p.Matrices()
			return count * cols * r.rank(rows, cols)
		}}},
		Check: r.Matrices.refuse,
		FLOPs: forMatrices(func(rows, cols int) float64 { // four products with the rank, and a QR
			rank := r.rank(rows, cols)
			return 4 * float64(rows) * float64(rank) * float64(2*cols+rank)
		}),
		Whole32: func() optim.Whole[float32] { return (&lowRank[float32]{OrthogonalizeLowRank: r}).transform },
		Whole64: func() optim.Whole[float64] { return (&lowRank[float64]{OrthogonalizeLowRank: r}).transform },
	}
}

func (r OrthogonalizeLowRank) rank(rows, cols int) int {
	return min(rows, cols, int(math.Ceil(r.RankFraction*float64(min(rows, cols)))))
}

type lowRank[T param.Float] struct {
	OrthogonalizeLowRank
	work    matfun.Workspace[T]
	p, r    []T
	scaled  []T // the momentum in a unit
	lengths []float64
}

func (l *lowRank[T]) transform(k int, _ *optim.Coeffs, t *optim.Tensor[T]) error {
	m, q := t.S[0], t.S[1]
	return t.ForMatrices(func(in, u []T, rows, cols int) error {
		rank := l.rank(rows, cols)
		size := cols * rank
		if k == 0 {
			cosines(q[:size], cols, rank)
		}
		err := l.step(in, u, m[:len(in)], q[:size], rows, cols, rank)
		m, q = m[len(in):], q[size:]
		return err
	})
}

// step sets u to PQᵀ.
func (l *lowRank[T]) step(g, u, m, q []T, rows, cols, rank int) error {
	for i, v := range g {
		m[i] += v
	}
	y, _, unit, err := rescale.Matrix(m, cols, &l.scaled)
	if err != nil {
		return err
	}
	l.p, l.r = scratch.Grow(l.p, rows*rank), scratch.Grow(l.r, cols*rank)
	gemm.Mul(false, false, rows, rank, cols, 1, y, cols, q, rank, 0, l.p, rank)
	if err := l.work.QR(l.p, rows, rank); err != nil {
		return err
	}
	gemm.Mul(true, false, cols, rank, rows, 1, y, cols, l.p, rank, 0, l.r, rank)
	gemm.Mul(false, true, rows, cols, rank, T(l.Mu-1), l.p, rank, l.r, rank, 1, y, cols)
	if unit != 1 {
		rescale.Shift(m, y, math.Ilogb(unit))
	}
	l.normalizeColumns(q, l.r, rank, l.Eps/unit, rescale.Epsilon[T]()*float64(max(rows, cols)))
	gemm.Mul(false, true, rows, cols, rank, 1, l.p, rank, q, rank, 0, u, cols)
	return nil
}

// normalizeColumns sets q to r with columns divided by their length plus eps. A column that is no longer than least times the longest
// one becomes 0.
func (l *lowRank[T]) normalizeColumns(q, r []T, cols int, eps, least float64) {
	l.lengths = scratch.Grow(l.lengths, cols)
	clear(l.lengths)
	for at := 0; at < len(r); at += cols {
		for j, v := range r[at:][:cols] {
			l.lengths[j] += float64(float64(v) * float64(v))
		}
	}
	longest := math.Sqrt(slices.Max(l.lengths))
	for j, square := range l.lengths {
		l.lengths[j] = 0 // the length of the column, later its factor
		if length := math.Sqrt(square); length > least*longest {
			l.lengths[j] = 1 / (length + eps)
		}
	}
	for at := 0; at < len(r); at += cols {
		for j, by := range l.lengths {
			q[at+j] = T(float64(r[at+j]) * by)
		}
	}
}

// cosines sets q to the first columns of the transposed matrix of the discrete cosine transform.
func cosines[T param.Float](q []T, rows, cols int) {
	for i := range rows {
		for j := range cols {
			scale := math.Sqrt(2 / float64(rows))
			if j == 0 {
				scale = math.Sqrt(1 / float64(rows))
			}
			q[i*cols+j] = T(scale * cosine.Pi((float64(i)+0.5)*float64(j)/float64(rows)))
		}
	}
}
