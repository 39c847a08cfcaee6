package matfun

import (
	"fmt"
	"math"
	"sync"
)

// PolarExpress is the composition of odd polynomials that is nearest to 1 in the maximum norm on [Lower, 1], after Amsel,
// Persson, Musco and Gower, The Polar Express (arXiv:2505.16932). It is greedy: if the steps so far map the interval to
// [l, u], the next step is the polynomial p that minimizes the maximum of |1 − p| on [l, u], and it maps [l, u] to
// [p(l), 2 − p(l)]. By theorem 3.1 of the paper no composition does better.
//
// With Cushion = Safety = 0 it is also the table of CANS (Grishina, Smirnov and Rakhuba, arXiv:2506.10935).
type PolarExpress struct {
	// Lower is the smallest singular value that counts, in (0, 1]; 0 means 10⁻³.
	Lower float64
	// Degree is the degree of each polynomial, 3 or 5; 0 means 5.
	Degree int
	// Steps is the number of polynomials; 0 means 8.
	Steps int
	// Cushion keeps p from being fitted to an interval with l < Cushion·u. There p would come so near to 0 within [l, u] that
	// rounding could make singular values negative. A polynomial changed by the cushion is scaled so that p(l) and p(u) lie
	// around 1.
	Cushion float64
	// Safety is the ε by which rounding may make a singular value too large: all polynomials but the last become p(x/(1+ε)).
	Safety float64
	// SafetyAfter applies the safety once all polynomials are known, as the paper's algorithm 1 does. Otherwise each polynomial
	// is fitted to the result of the safe ones before it, as the authors' function optimal_composition does.
	SafetyAfter bool
}

// PaperCushion gives the table that the paper's code prints. The comment there says 0.02.
const PaperCushion = 0.02407327424182761

var polarExpressTables sync.Map // of Table by PolarExpress

// Table returns the polynomials, which the caller must not change. They are computed at the first call. It panics if a field
// is out of range.
func (e PolarExpress) Table() Table {
	e = e.resolved()
	if t, ok := polarExpressTables.Load(e); ok {
		return t.(Table)
	}
	t, _ := polarExpressTables.LoadOrStore(e, e.compose())
	return t.(Table)
}

func (e PolarExpress) resolved() PolarExpress {
	if e.Lower == 0 {
		e.Lower = 1e-3
	}
	if e.Degree == 0 {
		e.Degree = 5
	}
	if e.Steps == 0 {
		e.Steps = 8
	}
	if !(e.Lower > 0 && e.Lower <= 1) || e.Degree != 3 && e.Degree != 5 || e.Steps < 0 ||
		!(e.Cushion >= 0 && e.Cushion < 1) || !(e.Safety >= 0 && e.Safety < 1) {
		panic(fmt.Sprintf("matfun: no such table: %+v", e))
	}
	return e
}

func (e PolarExpress) compose() Table {
	t := make(Table, e.Steps)
	l, u := e.Lower, 1.
	for k := range t {
		p := e.nearest(l, u)
		safe := p.dilated(1 + e.Safety)
		if k == e.Steps-1 {
			safe = p
		}
		t[k] = safe
		if !e.SafetyAfter {
			p = safe
		}
		l = p.At(l)
		u = 2 - l
	}
	return t
}

// nearest returns the polynomial nearest to 1 on [l, u], after the cushion has narrowed the interval.
func (e PolarExpress) nearest(l, u float64) Odd {
	fit := minimaxQuintic
	if e.Degree == 3 {
		fit = minimaxCubic
	}
	if l >= e.Cushion*u {
		return fit(l, u)
	}
	p := fit(e.Cushion*u, u)
	return p.scaled(2 / (p.At(l) + p.At(u)))
}

// minimaxCubic returns the odd cubic that minimizes max |1 − p| on [l, u], in closed form (section 3.2 of the paper).
func minimaxCubic(l, u float64) Odd {
	α := math.Sqrt(3 / (float64(u*u) + float64(l*u) + float64(l*l)))
	β := 4 / (2 + float64(l*u*(l+u)*α*α*α))
	return Odd{1.5 * α * β, -0.5 * α * α * α * β, 0}
}

// minimaxQuintic returns the odd quintic that minimizes max |1 − p| on [l, u]. By Chebyshev's theorem its error alternates:
// 1 − p = E, −E, E, −E at four points l < q < r < u, and q and r are the extrema of p. Remez's algorithm finds them: it
// computes p from the points and the points from p in turn (appendix D of the paper).
//
// On an interval so short that E is below rounding, it returns the Taylor polynomial around the middle, which is the limit.
func minimaxQuintic(l, u float64) Odd {
	if l >= (1-1e-5)*u {
		return Taylor[0].dilated((l + u) / 2)
	}
	q, r := (float64(3*l)+u)/4, (l+float64(3*u))/4
	for before := 0.; ; {
		p, e := alternating(l, q, r, u)
		if math.Abs(e-before) < 1e-15 {
			return p
		}
		before = e
		a, b, c := p[0], p[1], p[2]
		root := math.Sqrt(float64(9*b*b) - float64(20*a*c))
		q, r = math.Sqrt((float64(-3*b)-root)/(10*c)), math.Sqrt((float64(-3*b)+root)/(10*c))
	}
}

// alternating solves p(x) + (−1)ⁱE = 1 at the points x₀ … x₃ by elimination with pivots.
func alternating(points ...float64) (p Odd, e float64) {
	var m [4][5]float64
	sign := 1.
	for i, x := range points {
		m[i] = [5]float64{x, x * x * x, x * x * x * x * x, sign, 1}
		sign = -sign
	}
	for k := range 4 {
		top := k
		for i := k; i < 4; i++ {
			if math.Abs(m[i][k]) > math.Abs(m[top][k]) {
				top = i
			}
		}
		m[k], m[top] = m[top], m[k]
		for i := range 4 {
			if f := m[i][k] / m[k][k]; i != k {
				for j := k; j < 5; j++ {
					m[i][j] -= float64(f * m[k][j])
				}
			}
		}
	}
	for i := range 3 {
		p[i] = m[i][4] / m[i][i]
	}
	return p, m[3][4] / m[3][3]
}
