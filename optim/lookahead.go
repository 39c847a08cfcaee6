package optim

import "steepest/param"

// Lookahead lets what stands before it make k steps, and goes back from there to a share of the way (Zhang et al. 2019, arXiv:1907.08610, algorithm 1): in
// every k-th step s ← s + α(x − u − s), x ← s, from s = x₀. It stands behind LearningRate. The s is what is evaluated after a k-th step, and the
// state of what stands before it stays.
type Lookahead struct {
	Steps int     `range:"1," help:"steps k between two of the slow weights"`
	Alpha float64 `range:"(0," help:"share α of the way that the slow weights go"`
}

// Transform keeps s.
func (r Lookahead) Transform() Transform {
	return Transform{
		Name:  "lookahead",
		Slots: []Slot{{Name: "slow", FromX: true}},
		Begin: func(s *Step, _ []float64, c *Coeffs) {
			if (s.Age+1)%r.Steps == 0 {
				c[0] = r.Alpha
			}
		},
		Tile32: lookahead[float32], Tile64: lookahead[float64],
	}
}

func lookahead[T param.Float](c *Coeffs, t *Tile[T]) {
	alpha := T(c[0])
	if alpha == 0 {
		copy(t.U, t.In)
		return
	}
	for i, x := range t.X {
		s := &t.S[0][i]
		*s += T(alpha * (x - t.In[i] - *s))
		t.U[i] = x - *s
	}
}
