package matfun

import (
	"cmp"
	"math"
	"slices"

	"steepest/internal/gemm"
	"steepest/internal/parallel"
	"steepest/internal/scratch"
	"steepest/internal/simd"
)

// divide computes the eigendecomposition of symmetric tridiagonal matrices by divide and conquer (Cuppen 1981, A divide and conquer
// method for the symmetric tridiagonal eigenproblem; Gu and Eisenstat 1995, for orthogonal vectors; LAPACK's dstedc). A matrix is
// diag(T₁, T₂), with blocks of half its order, plus a matrix of rank 1. With T₁ = Q₁D₁Q₁ᵀ and T₂ = Q₂D₂Q₂ᵀ it is
//
//	T = diag(Q₁, Q₂)·(D + ρzzᵀ)·diag(Q₁, Q₂)ᵀ.
//
// The eigenvalues of D + ρzzᵀ are roots of a secular equation. Where an element of z or a gap of D is negligible, an eigenvalue is known
// without solving the equation (deflation). For a matrix of low rank this is the case for most eigenvalues.
type divide struct {
	n     int
	d, e  []float64 // of T; d becomes the eigenvalues
	rows  []float64 // eigenvectors: row i belongs to d[i] and is 0 outside the bounds of its matrix
	order []int     // of the rows of a matrix by ascending d

	z      []float64
	side   []side
	kept   []int     // the rows that are not negligible, by ascending d
	gone   []int     // the negligible rows
	packed []float64 // the left halves of the kept rows, their right halves, and the gone rows

	equation secular
	place    []int     // the position of pole j of the equation when the rows are sorted by side
	poles    []float64 // the poles in that order
	zhat     []float64 // z in that order, then the ẑ for which the computed roots are exact
	values   []float64 // the roots, then d of the gone rows
	s        []float64 // row j: the poles minus root j, then the eigenvector of root j

	doRoot, doColumns, doVector func(worker, i int) // methods, stored once to avoid an allocation per call
}

// side says in which half a row has elements other than 0.
type side uint8

const (
	left side = iota
	both
	right
)

// divideLeaf is the order up to which a matrix is not divided further. divideColumns is the number of columns of s in a task.
const (
	divideLeaf    = 32
	divideColumns = 64
)

// decompose decomposes the matrix with the diagonal d and the off-diagonal e. It leaves the eigenvalues in d and the eigenvectors in
// m.rows; m.order sorts both. It destroys e. It reports whether the iteration converged.
func (m *divide) decompose(d, e []float64) bool {
	n := len(d)
	m.n, m.d, m.e = n, d, e
	m.rows, m.packed, m.s = scratch.Grow(m.rows, n*n), scratch.Grow(m.packed, n*n), scratch.Grow(m.s, n*n)
	m.side, m.order, m.kept = scratch.Grow(m.side, n), scratch.Grow(m.order, n), scratch.Grow(m.kept, n)
	m.gone, m.place = scratch.Grow(m.gone, n), scratch.Grow(m.place, n)
	m.z, m.poles = scratch.Grow(m.z, n), scratch.Grow(m.poles, n)
	m.zhat, m.values = scratch.Grow(m.zhat, n), scratch.Grow(m.values, n)
	m.equation.d, m.equation.z = scratch.Grow(m.equation.d, n), scratch.Grow(m.equation.z, n)
	if m.doRoot == nil {
		m.doRoot, m.doColumns, m.doVector = m.root, m.columns, m.vector
	}
	clear(m.rows)
	ok := m.part(0, n)
	m.d, m.e = nil, nil
	return ok
}

// part decomposes the matrix of rows lo to hi.
func (m *divide) part(lo, hi int) bool {
	if hi-lo <= divideLeaf {
		e := m.z[:hi-lo]
		copy(e, m.e[lo:hi])
		for i := lo; i < hi; i++ {
			m.rows[i*m.n+i] = 1
		}
		ok := hi == lo || ql(m.d[lo:hi], e, m.rows[lo*m.n+lo:], m.n)
		m.sort(lo, hi)
		return ok
	}
	mid := lo + (hi-lo)/2
	β := math.Abs(m.e[mid-1])
	m.d[mid-1] -= β
	m.d[mid] -= β
	if !m.part(lo, mid) || !m.part(mid, hi) {
		return false
	}
	m.merge(lo, mid, hi)
	m.sort(lo, hi)
	return true
}

// sort sets m.order of the rows lo to hi.
func (m *divide) sort(lo, hi int) {
	order := m.order[lo:hi]
	for i := range order {
		order[i] = lo + i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Or(cmp.Compare(m.d[i], m.d[j]), cmp.Compare(i, j)) })
}

// merge combines the decompositions of rows lo to mid and mid to hi.
func (m *divide) merge(lo, mid, hi int) {
	ρ, n := 2*math.Abs(m.e[mid-1]), m.n
	for i := lo; i < mid; i++ {
		m.side[i], m.z[i] = left, m.rows[i*n+mid-1]*math.Sqrt2/2
	}
	for i := mid; i < hi; i++ {
		m.side[i], m.z[i] = right, m.rows[i*n+mid]*math.Copysign(math.Sqrt2/2, m.e[mid-1])
	}
	m.sort(lo, hi)
	m.deflate(lo, hi, ρ)
	counts := m.group(ρ)
	inLeft, inRight := counts[left]+counts[both], counts[both]+counts[right]
	packed := m.packed[inLeft*(mid-lo):]
	m.pack(lo, mid, hi, counts[left], packed)
	k := len(m.kept)
	parallel.For(k, m.doRoot)
	parallel.For((k+divideColumns-1)/divideColumns, m.doColumns)
	parallel.For(k, m.doVector)
	copy(m.d[lo:hi], m.values)
	gemm.Mul(false, false, k, mid-lo, inLeft, 1, m.s, k, m.packed, mid-lo, 0, m.rows[lo*n+lo:], n)
	gemm.Mul(false, false, k, hi-mid, inRight, 1, m.s[counts[left]:], k, packed, hi-mid, 0, m.rows[lo*n+mid:], n)
}

// deflate sorts the rows lo to hi into kept and gone ones. A row is gone if its element of z is negligible compared with the matrix, or
// becomes so by a rotation with the next row.
func (m *divide) deflate(lo, hi int, ρ float64) {
	order, d, z, n := m.order[lo:hi], m.d, m.z, m.n
	limit := max(0x1p-50*max(-d[order[0]], d[order[len(order)-1]], ρ), negligible)
	m.kept, m.gone = m.kept[:0], m.gone[:0]
	last := -1
	for _, r := range order {
		if ρ*math.Abs(z[r]) <= limit {
			m.gone = append(m.gone, r)
			continue
		}
		if last >= 0 {
			norm := math.Hypot(z[last], z[r])
			c, s := z[r]/norm, z[last]/norm
			if math.Abs((d[r]-d[last])*c*s) > limit {
				m.kept = append(m.kept, last)
			} else {
				rotate(c, s, m.rows[last*n+lo:last*n+hi], m.rows[r*n+lo:r*n+hi])
				c2, s2 := float64(c*c), float64(s*s)
				d[last], d[r] = float64(d[last]*c2)+float64(d[r]*s2), float64(d[last]*s2)+float64(d[r]*c2)
				if z[r] = norm; m.side[r] != m.side[last] {
					m.side[r] = both
				}
				m.gone = append(m.gone, last)
			}
		}
		last = r
	}
	if last >= 0 {
		m.kept = append(m.kept, last)
	}
}

// group sets up the equation of the kept rows and sorts them by side. It returns the number of rows of each side.
func (m *divide) group(ρ float64) (counts [3]int) {
	for _, r := range m.kept {
		counts[m.side[r]]++
	}
	k, next := len(m.kept), [3]int{0, counts[left], counts[left] + counts[both]}
	q := &m.equation
	q.rho, q.d, q.z = ρ, q.d[:k], q.z[:k]
	for j, r := range m.kept {
		p := next[m.side[r]]
		next[m.side[r]]++
		m.place[j] = p
		q.d[j], q.z[j] = m.d[r], m.z[r]
		m.poles[p], m.zhat[p] = m.d[r], m.z[r]
	}
	return counts
}

// pack copies the left and right halves of the kept rows to m.packed, and moves the gone rows behind the kept ones.
func (m *divide) pack(lo, mid, hi, onlyLeft int, packed []float64) {
	n, k := m.n, len(m.kept)
	for j, r := range m.kept {
		row, p := m.rows[r*n:][:n], m.place[j]
		if m.side[r] != right {
			copy(m.packed[p*(mid-lo):], row[lo:mid])
		}
		if m.side[r] != left {
			copy(packed[(p-onlyLeft)*(hi-mid):], row[mid:hi])
		}
	}
	packed = m.packed[n*n-len(m.gone)*(hi-lo):]
	for i, r := range m.gone {
		copy(packed[i*(hi-lo):], m.rows[r*n+lo:r*n+hi])
		m.values[k+i] = m.d[r]
	}
	for i := range m.gone {
		copy(m.rows[(lo+k+i)*n+lo:(lo+k+i)*n+hi], packed[i*(hi-lo):])
	}
}

// root computes root j of the equation, and row j of s.
func (m *divide) root(_, j int) {
	k := len(m.kept)
	o, τ := m.equation.root(j)
	origin, row := m.equation.d[o], m.s[j*k:][:k]
	m.values[j] = origin + τ
	for p, d := range m.poles[:k] {
		row[p] = d - origin - τ
	}
}

// columns computes elements of the ẑ for which the computed roots are exact, up to a common factor:
// ẑᵢ² = Πⱼ (λⱼ − dᵢ) / Π_{j≠i} (dⱼ − dᵢ) (Löwner's formula).
func (m *divide) columns(_, c int) {
	k := len(m.kept)
	lo, hi := c*divideColumns, min((c+1)*divideColumns, k)
	squares, poles := m.z[lo:hi], m.poles[lo:hi]
	for p := range squares {
		squares[p] = 1
	}
	for j, place := range m.place[:k] {
		d := m.poles[place]
		for p, difference := range m.s[j*k+lo : j*k+hi] {
			if lo+p != place {
				difference /= poles[p] - d
			}
			squares[p] *= difference
		}
	}
	for p, s := range squares {
		m.zhat[lo+p] = math.Copysign(math.Sqrt(math.Abs(s)), m.zhat[lo+p])
	}
}

// vector replaces row j of s by the eigenvector of root j.
func (m *divide) vector(_, j int) {
	k := len(m.kept)
	row := m.s[j*k:][:k]
	for p, z := range m.zhat[:k] {
		row[p] = z / row[p]
	}
	simd.Scal(1/simd.Nrm2(row), row)
}
