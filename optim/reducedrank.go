package optim

import (
	"math"

	"steepest/internal/simd"
	"steepest/param"
)

// ReducedRank extrapolates x from its last three moves d₁, d₂, d₃, once in Every steps, as result 34 of the third track of the
// modded-nanogpt speedrun does (2026): c solves (G + 10⁻⁶·tr(G)/3·I)c = 1 with Gᵢⱼ = ⟨dᵢ, dⱼ⟩ and is scaled to Σc = 1, γᵢ = Σⱼ cⱼ over j
// ≥ i, and then x ← x − Damping·Σγᵢdᵢ. The extrapolation is shortened to the length Most·‖x‖, and is not among the d. Products and
// lengths are those of all parameters of a route together. The other steps do not change. ReducedRank belongs after all other transforms.
type ReducedRank struct {
	Every   int     `range:"1," help:"steps from one extrapolation to the next"`
	Damping float64 `range:"0," help:"part of the extrapolation that is made"`
	Most    float64 `range:"0," help:"largest length of the extrapolation, relative to the parameters"`
	From    int     `range:"0," help:"first step that may extrapolate"`
	To      int     `range:"0," help:"first step without extrapolation again; 0 for never"`
}

// Transform implements Transformer. Its state is −d₁ and −d₂, as updates.
func (r ReducedRank) Transform() Transform {
	t := Transform{
		Name:  "reduced-rank",
		fault: span(r.From, r.To),
		Slots: []Slot{{Name: "first"}, {Name: "second"}},
		Begin: func(s *Step, _ []float64, c *Coeffs) {
			if within(s.K, r.From, r.To) && s.Age >= 2 && (s.K+1)%r.Every == 0 {
				c[3] = 1
			}
		},
		Fit: func(_ param.Param, sums, _ []float64, _ float64, c *Coeffs) {
			if c[3] == 1 {
				r.fit(sums, c)
			}
		},
		Tile32: reducedRank[float32], Tile64: reducedRank[float64],
	}
	for i := range 3 {
		for j := range i + 1 {
			t.Sums = append(t.Sums, Sum{Tile32: productOfMoves(i, j, simd.DotWide), Tile64: productOfMoves(i, j, simd.Dot[float64]), Global: true})
		}
	}
	t.Sums = append(t.Sums, Sum{Tile32: squareAfterStep[float32], Tile64: squareAfterStep[float64], Global: true})
	return t
}

// fit sets the coefficients to the factors of the updates in the extrapolation.
func (r ReducedRank) fit(sums []float64, c *Coeffs) {
	g := [3][3]float64{{sums[0], sums[1], sums[3]}, {sums[1], sums[2], sums[4]}, {sums[3], sums[4], sums[5]}}
	trace := g[0][0] + g[1][1] + g[2][2]
	if !(trace > 0) {
		return
	}
	left, right := g, [3]float64{1, 1, 1}
	for i := range 3 {
		left[i][i] += float64(1e-6 * trace / 3)
	}
	for i := range 3 { // forward elimination of a positive definite matrix
		for k := i + 1; k < 3; k++ {
			by := left[k][i] / left[i][i]
			for j := i; j < 3; j++ {
				left[k][j] -= float64(by * left[i][j])
			}
			right[k] -= float64(by * right[i])
		}
	}
	for i := 2; i >= 0; i-- {
		for j := i + 1; j < 3; j++ {
			right[i] -= float64(left[i][j] * right[j])
		}
		right[i] /= left[i][i]
	}
	sum, rest, square := right[0]+right[1]+right[2], 0., 0.
	for i := 2; i >= 0; i-- {
		rest += right[i] / sum
		c[i] = rest
	}
	for i := range 3 {
		for j := range 3 {
			square += float64(c[i] * c[j] * g[i][j])
		}
	}
	by := r.Damping
	if length, most := by*math.Sqrt(max(0, square)), r.Most*math.Sqrt(sums[6]); length > most {
		by *= most / length
	}
	for i := range 3 {
		c[i] *= by
	}
}

// moveOf returns −dᵢ₊₁.
func moveOf[T param.Float](t *Tile[T], i int) []T {
	if i == 2 {
		return t.In
	}
	return t.S[i]
}

func productOfMoves[T param.Float](i, j int, dot func(x, y []T) float64) func(*Coeffs, *Tile[T]) float64 {
	return func(c *Coeffs, t *Tile[T]) float64 {
		if c[3] == 0 {
			return 0
		}
		return dot(moveOf(t, i), moveOf(t, j))
	}
}

// squareAfterStep returns ‖x − u‖².
func squareAfterStep[T param.Float](c *Coeffs, t *Tile[T]) float64 {
	if c[3] == 0 {
		return 0
	}
	return simd.DistanceSquared(t.X, t.In)
}

func reducedRank[T param.Float](c *Coeffs, t *Tile[T]) {
	by := [3]T{T(c[0]), T(c[1]), T(c[2])}
	for i, u := range t.In {
		first, second := t.S[0][i], t.S[1][i]
		t.S[0][i], t.S[1][i] = second, u
		t.U[i] = u - T(by[0]*first) - T(by[1]*second) - T(by[2]*u)
	}
}
