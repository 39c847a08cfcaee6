package optim

import (
	"steepest/internal/simd"
	"steepest/param"
)

// Lookahead lets the transforms before it make k steps, and then goes back to a point on the way (Zhang et al. 2019, arXiv:1907.08610,
// algorithm 1): every k-th step is s ← s + α(x − u − s), x ← s, from s = x₀. It belongs after LearningRate. After a k-th step x is s, so
// s is evaluated. The transforms before it keep their state. With momentum μ it is the outer step of DiLoCo and MuLoCo for one worker
// (Douillard et al. 2023, arXiv:2311.08105; Thérien et al. 2025, arXiv:2505.23725): with Δ = s − (x − u), b ← μb + αΔ, s ← s − (μb + αΔ),
// x ← s.
type Lookahead struct {
	Steps int     `range:"1," help:"steps k from one step of the slow weights to the next"`
	Alpha float64 `range:"(0," help:"share α of the way that the slow weights go"`
	Mu    float64 `range:"0,1" help:"Nesterov's momentum μ of the slow weights"`
}

// Transform implements Transformer. Its state is s, and b if there is momentum.
func (r Lookahead) Transform() Transform {
	t := Transform{
		Name:  "lookahead",
		Slots: []Slot{{Name: "slow", FromX: true}},
		Begin: func(s *Step, _ []float64, c *Coeffs) {
			if (s.Age+1)%r.Steps == 0 {
				c[0] = r.Alpha
			}
		},
		Tile32: lookahead[float32], Tile64: lookahead[float64],
		idle: func(c *Coeffs) bool { return c[0] == 0 },
	}
	if r.Mu > 0 {
		t.Slots = append(t.Slots, Slot{Name: "b"})
		t.Tile32, t.Tile64 = outerStep[float32](r.Mu), outerStep[float64](r.Mu)
	}
	return t
}

// outerStep is lookahead with momentum.
func outerStep[T param.Float](mu float64) func(*Coeffs, *Tile[T]) {
	return func(c *Coeffs, t *Tile[T]) {
		alpha, keep := T(c[0]), T(mu)
		if alpha == 0 {
			copy(t.U, t.In)
			return
		}
		for i, x := range t.X {
			s, b := &t.S[0][i], &t.S[1][i]
			delta := T(alpha * (*s - (x - t.In[i])))
			*b = T(keep**b) + delta
			*s -= T(keep**b) + delta
			t.U[i] = x - *s
		}
	}
}

func lookahead[T param.Float](c *Coeffs, t *Tile[T]) {
	if c[0] == 0 {
		copy(t.U, t.In)
		return
	}
	simd.SlowWeights(c[:], t.U, t.In, t.X, t.S[0], t.take())
}
