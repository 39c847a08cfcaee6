package matfun

import "math"

// qlSteps is the largest number of steps for an eigenvalue, as in LAPACK; it takes less than two on average.
const qlSteps = 30

// negligible counts as 0 compared with any matrix in its unit. Its square does not underflow.
const negligible = 0x1p-300

// ql replaces the diagonal d of a symmetric tridiagonal matrix by the eigenvalues, in no order, and multiplies Z from the left by
// the transposed matrix of eigenvectors (the implicit QL method; Martin and Wilkinson 1968, EISPACK's imtql2). It destroys the
// off-diagonal e, which has n elements; the last is not used. Row i of Z begins at z[i·ld]. It reports whether it converged. An
// element of e counts as 0 if it is negligible compared with the matrix. LAPACK compares it with its neighbors, but these may be
// rounding errors themselves.
func ql(d, e, z []float64, ld int) bool {
	n, norm := len(d), negligible
	e[n-1] = 0
	for i, v := range d {
		norm = max(norm, math.Abs(v), math.Abs(e[i]))
	}
	for l := range d {
		for step := 0; ; step++ {
			m := l
			for m < n-1 && math.Abs(e[m]) > 0x1p-53*norm {
				m++
			}
			if m == l {
				break
			}
			if m == l+1 {
				λ, μ, x, y := eigen2(d[l], e[l], d[m])
				d[l], d[m], e[l] = λ, μ, 0
				rotate(x, -y, z[l*ld:][:n], z[m*ld:][:n])
				break
			}
			if step == qlSteps {
				return false
			}
			qlStep(d, e, z, ld, l, m)
		}
	}
	return true
}

// eigen2 returns the eigenvalues of [a b; b c], b ≠ 0, larger magnitude first, and the eigenvector of the first (LAPACK's dlaev2).
// The second eigenvalue is the determinant divided by the first, which gives exactly 0 for [1 1; 1 1].
func eigen2(a, b, c float64) (λ, μ, x, y float64) {
	sign, root := math.Copysign(1, a+c), math.Hypot(a-c, 2*b)
	λ = (a + c + float64(sign*root)) / 2
	most, least := a, c
	if math.Abs(a) < math.Abs(c) {
		most, least = c, a
	}
	μ = float64(most/λ*least) - float64(b/λ*b)
	if x, y = b, (c-a+float64(sign*root))/2; sign*(c-a) < 0 {
		x, y = (a-c+float64(sign*root))/2, b
	}
	norm := math.Hypot(x, y)
	return λ, μ, x / norm, y / norm
}

// qlStep makes one step on the rows l to m, with Wilkinson's shift.
func qlStep(d, e, z []float64, ld, l, m int) {
	n := len(d)
	g := (d[l+1] - d[l]) / (2 * e[l])
	g = d[m] - d[l] + e[l]/(g+math.Copysign(math.Hypot(g, 1), g))
	s, c, p := 1., 1., 0.
	for i := m - 1; i >= l; i-- {
		f, b := s*e[i], float64(c*e[i])
		r := math.Hypot(f, g)
		e[i+1] = r
		if r == 0 { // the matrix splits here
			d[i+1] -= p
			e[m] = 0
			return
		}
		s, c = f/r, g/r
		g = d[i+1] - p
		r = float64((d[i]-g)*s) + float64(2*c*b)
		p = float64(s * r)
		d[i+1] = g + p
		g = float64(c*r) - b
		rotate(c, s, z[i*ld:][:n], z[(i+1)*ld:][:n])
	}
	d[l] -= p
	e[l], e[m] = g, 0
}

// rotate computes [x; y] ← [c −s; s c]·[x; y].
func rotate(c, s float64, x, y []float64) {
	y = y[:len(x)]
	for i, v := range x {
		x[i], y[i] = float64(c*v)-float64(s*y[i]), float64(s*v)+float64(c*y[i])
	}
}
