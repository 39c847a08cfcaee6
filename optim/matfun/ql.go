package matfun

import "math"

// qlSteps is the largest number of steps for an eigenvalue, as in LAPACK. It takes 1.7 on average.
const qlSteps = 30

// negligible is so small beside any matrix in its unit that it counts as 0, and squares of it still do not underflow.
const negligible = 0x1p-300

// ql replaces the diagonal d of a symmetric tridiagonal matrix by the eigenvalues, in no order, and multiplies Z from the left by
// the transpose of its eigenvectors (the implicit QL method; Martin and Wilkinson 1968, EISPACK's imtql2). What is beside the
// diagonal, e, it destroys; the last element of e is of no consequence. Row i of Z begins at z[i·ld]. It tells whether it converges.
func ql(d, e, z []float64, ld int) bool {
	n := len(d)
	for l := range d {
		for step := 0; ; step++ {
			m := l
			for m < n-1 && math.Abs(e[m]) > 0x1p-53*(math.Abs(d[m])+math.Abs(d[m+1]))+negligible {
				m++
			}
			if m == l {
				break
			}
			if step == qlSteps*n {
				return false
			}
			qlStep(d, e, z, ld, l, m)
		}
	}
	return true
}

// qlStep is one step on the rows from l to m, with the shift of Wilkinson.
func qlStep(d, e, z []float64, ld, l, m int) {
	n := len(d)
	g := (d[l+1] - d[l]) / (2 * e[l])
	g = d[m] - d[l] + e[l]/(g+math.Copysign(math.Hypot(g, 1), g))
	s, c, p := 1., 1., 0.
	for i := m - 1; i >= l; i-- {
		f, b := s*e[i], c*e[i]
		r := math.Hypot(f, g)
		e[i+1] = r
		if r == 0 { // the matrix splits here
			d[i+1] -= p
			e[m] = 0
			return
		}
		s, c = f/r, g/r
		g = d[i+1] - p
		r = (d[i]-g)*s + 2*c*b
		p = s * r
		d[i+1] = g + p
		g = c*r - b
		rotate(c, s, z[i*ld:][:n], z[(i+1)*ld:][:n])
	}
	d[l] -= p
	e[l], e[m] = g, 0
}

// rotate is [x; y] ← [c −s; s c]·[x; y].
func rotate(c, s float64, x, y []float64) {
	y = y[:len(x)]
	for i, v := range x {
		x[i], y[i] = c*v-s*y[i], s*v+c*y[i]
	}
}
