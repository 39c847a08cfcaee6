package matfun

import (
	"steepest/internal/gemm"
	"steepest/internal/parallel"
	"steepest/internal/scratch"
	"steepest/internal/simd"
)

// tridiagonal is A = QTQᵀ with a symmetric tridiagonal T and the product Q = H₀ … H_{n−2} of reflectors (Dongarra, Hammarling and
// Sorensen 1989, Block reduction of matrices to condensed forms; LAPACK's dsytrd).
type tridiagonal[T simd.Float] struct {
	d, e []float64 // the diagonal and the off-diagonal of T; e has n elements, the last is not used

	a    []T // A, then, in row i to the right of the diagonal, the vector of Hᵢ
	n    int
	tau  []T
	v, w []T // the rows V and W of a panel, for A − VᵀW − WᵀV; a copy of v follows w
	t    []T

	from int // the first row and column of the part of A that is multiplied by x
	x    []T
	sums []T                      // partial sums of the product, n elements each
	do   func(worker, strand int) // m.multiplyBands, stored once to avoid an allocation per call
}

const (
	tridiagonalPanel = 48  // reflectors that are applied to the rest of A at once
	bandRows         = 32  // rows of a band, which stays in the cache for both of its products
	strands          = 4   // number of partial sums; band b belongs to partial sum b mod strands
	backBlock        = 128 // reflectors that are applied to the eigenvectors at once
)

// reduce reduces the symmetric matrix with the upper triangle of a.
func (m *tridiagonal[T]) reduce(a []T, n int) {
	m.a, m.n = a, n
	m.d, m.e, m.tau = scratch.Grow(m.d, n), scratch.Grow(m.e, n), scratch.Grow(m.tau, n)
	m.sums = scratch.Grow(m.sums, strands*n)
	m.v = scratch.Grow(m.v, 3*tridiagonalPanel*n)
	m.w = m.v[tridiagonalPanel*n:]
	m.t = scratch.Grow(m.t, backBlock*backBlock+2*backBlock*n)
	if m.do == nil {
		m.do = m.multiplyBands
	}
	for lo := 0; lo < n; lo += tridiagonalPanel {
		hi := min(lo+tridiagonalPanel, n)
		m.completeBands(lo)
		for i := lo; i < hi; i++ {
			m.reflect(i, i-lo)
		}
		if rest := n - hi; rest > 0 {
			gemm.MulTriangle(true, true, false, rest, 2*tridiagonalPanel, -1, m.v[hi:], n, m.w[hi:], n, 1, a[hi*n+hi:], n)
		}
	}
	m.a = nil
}

// completeBands copies the upper triangle to the lower one where the bands from row lo on cross the diagonal.
func (m *tridiagonal[T]) completeBands(lo int) {
	for i := lo; i < m.n; i++ {
		for j := max(lo, i/bandRows*bandRows); j < i; j++ {
			m.a[i*m.n+j] = m.a[j*m.n+i]
		}
	}
}

// reflect computes Hᵢ, the reflector after c others of a panel, and its row of W. The panel replaces A by A − VᵀW − WᵀV.
func (m *tridiagonal[T]) reflect(i, c int) {
	n := m.n
	row := m.a[i*n+i:][:n-i]
	s, r := m.t[:c], m.t[c:2*c]
	for j := range c {
		s[j], r[j] = m.v[j*n+i], m.w[j*n+i]
	}
	simd.GemvT(-1, m.w[i:], n, s, row)
	simd.GemvT(-1, m.v[i:], n, r, row)
	if m.d[i] = float64(row[0]); i == n-1 {
		return
	}
	v, w := row[1:], m.w[c*n+i+1:][:n-i-1]
	tau, beta := reflector(v)
	m.tau[i], m.e[i] = tau, float64(beta)
	copy(m.v[c*n+i+1:], v)
	copy(m.w[(tridiagonalPanel+c)*n+i+1:], v)
	m.multiply(w, v, i+1)
	m.subtract(w, m.v[i+1:], m.w[i+1:], s, v)
	m.subtract(w, m.w[i+1:], m.v[i+1:], s, v)
	simd.Scal(m.tau[i], w)
	simd.Axpy(-m.tau[i]/2*simd.Dot(w, v), v, w)
}

// subtract subtracts PᵀRv from w. s holds Rv.
func (m *tridiagonal[T]) subtract(w, p, r, s, v []T) {
	clear(s)
	simd.GemvN(1, r, m.n, v, s)
	simd.GemvT(-1, p, m.n, s, w)
}

// multiply sets y to Ax, where A is the part from row and column from on.
func (m *tridiagonal[T]) multiply(y, x []T, from int) {
	m.x, m.from = x, from
	parallel.For(strands, m.do)
	copy(y, m.sums[from:m.n])
	for s := 1; s < strands; s++ {
		simd.Axpy(1, m.sums[s*m.n+from:][:len(y)], y)
	}
}

// multiplyBands computes one of the partial sums. It reads each band once, for the band itself and for its transpose below.
func (m *tridiagonal[T]) multiplyBands(_, strand int) {
	n, from := m.n, m.from
	y := m.sums[strand*n:][:n]
	clear(y[from:])
	for band := strand * bandRows; band < n; band += strands * bandRows {
		lo, hi := max(band, from), min(band+bandRows, n)
		if lo >= hi {
			continue
		}
		simd.GemvN(1, m.a[lo*n+lo:], n, m.x[lo-from:], y[lo:hi])
		if hi < n {
			simd.GemvT(1, m.a[lo*n+hi:], n, m.x[lo-from:hi-from], y[hi:])
		}
	}
}

// back sets Z to QZ for an n × n matrix Z. a is as reduce leaves it.
func (m *tridiagonal[T]) back(a, z []T) {
	n := m.n
	work := m.t[backBlock*backBlock:]
	for lo := (n - 2) / backBlock * backBlock; lo >= 0 && n > 1; lo -= backBlock {
		hi := min(lo+backBlock, n-1)
		for i := lo; i < hi; i++ {
			clear(a[i*n+lo+1 : i*n+i+1])
		}
		r := reflectors[T]{a[lo*n+lo+1:], n, hi - lo, n - lo - 1, m.t}
		r.compact(m.tau[lo:], work)
		r.apply(false, z[(lo+1)*n:], n, n, work)
	}
}
