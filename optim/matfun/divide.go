package matfun

import (
	"cmp"
	"math"
	"slices"

	"steepest/internal/gemm"
	"steepest/internal/parallel"
	"steepest/internal/simd"
)

// divide takes symmetric tridiagonal matrices apart by dividing them (Cuppen 1981, A divide and conquer method for the symmetric
// tridiagonal eigenproblem; Gu and Eisenstat 1995, for vectors that are orthogonal; LAPACK's dstedc). A matrix is two of half its
// order side by side, T₁ and T₂, and one of rank 1, so that with T₁ = Q₁D₁Q₁ᵀ and T₂ = Q₂D₂Q₂ᵀ
//
//	T = diag(Q₁, Q₂)·(D + ρzzᵀ)·diag(Q₁, Q₂)ᵀ.
//
// The eigenvalues of D + ρzzᵀ are roots of a secular equation. Where an element of z, or a gap of D, is negligible they are known
// without it, which is what happens to most of those of a matrix of low rank.
type divide struct {
	n     int
	d, e  []float64 // of T; d becomes the eigenvalues
	rows  []float64 // eigenvectors, row i with d[i], and 0 but between the bounds of its matrix
	order []int     // of the rows of a matrix by ascending d

	z      []float64
	side   []side
	kept   []int // the rows that are not negligible, by ascending d
	gone   []int // the others
	packed []float64

	equation secular
	place    []int     // of pole j of the equation among all by sides
	poles    []float64 // by sides
	zhat     []float64 // by sides
	values   []float64 // the roots
	s        []float64 // row j: poles − root j, and then the eigenvector of root j

	doRoot, doColumns, doVector func(worker, i int) // methods, kept because they would be allocated
}

// side says where a row has elements that are not 0.
type side uint8

const (
	left side = iota
	both
	right
)

// The order of the matrices that are no longer divided, and the number of columns of s that are a task.
const (
	divideLeaf    = 32
	divideColumns = 64
)

// decompose takes the matrix of order n with d on the diagonal and e beside it apart. What d and e hold becomes undefined, n × n elements
// of packed and s as well. It tells whether it converges.
func (m *divide) decompose(d, e, rows, packed, s []float64) bool {
	n := len(d)
	m.n, m.d, m.e, m.rows, m.packed, m.s = n, d, e, rows, packed, s
	m.order, m.side, m.kept, m.gone, m.place = grow(m.order, n), grow(m.side, n), grow(m.kept, n), grow(m.gone, n), grow(m.place, n)
	m.z, m.poles, m.zhat, m.values = grow(m.z, 2*n), grow(m.poles, n), grow(m.zhat, n), grow(m.values, n)
	m.equation.d, m.equation.z = grow(m.equation.d, n), grow(m.equation.z, n)
	if m.doRoot == nil {
		m.doRoot, m.doColumns, m.doVector = m.root, m.columns, m.vector
	}
	clear(rows)
	ok := m.part(0, n)
	m.d, m.e, m.rows, m.packed, m.s = nil, nil, nil, nil, nil
	return ok
}

// part takes the matrix from lo to hi apart.
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

// sort makes the order of the matrix from lo to hi.
func (m *divide) sort(lo, hi int) {
	order := m.order[lo:hi]
	for i := range order {
		order[i] = lo + i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Or(cmp.Compare(m.d[i], m.d[j]), cmp.Compare(i, j)) })
}

// merge makes the eigenvectors from lo to hi of those from lo to mid and from mid to hi.
func (m *divide) merge(lo, mid, hi int) {
	ρ, n := 2*math.Abs(m.e[mid-1]), m.n
	for i := lo; i < mid; i++ {
		m.side[i], m.z[i] = left, m.rows[i*n+mid-1]*math.Sqrt2/2
	}
	for i := mid; i < hi; i++ {
		m.side[i], m.z[i] = right, math.Copysign(m.rows[i*n+mid], m.rows[i*n+mid]*m.e[mid-1])*math.Sqrt2/2
	}
	m.sort(lo, hi)
	m.deflate(lo, hi, ρ)
	counts := m.group(ρ)
	m.pack(lo, mid, hi, counts)
	m.vectors(lo, hi)
	k, inLeft, inRight := len(m.kept), counts[left]+counts[both], counts[both]+counts[right]
	gemm.Mul(false, false, k, mid-lo, inLeft, 1, m.s, k, m.packed, mid-lo, 0, m.rows[lo*n+lo:], n)
	gemm.Mul(false, false, k, hi-mid, inRight, 1, m.s[counts[left]:], k, m.packed[inLeft*(mid-lo):], hi-mid, 0, m.rows[lo*n+mid:], n)
}
