// Package norm holds norms, their duals, and the linear minimization oracles that give the directions of steepest descent.
//
// The step of steepest descent in a norm minimizes the linear model of the objective within a ball, or with the square of
// the norm as a penalty (Bernstein and Newhouse, Old Optimizer, New Norm: An Anthology, arXiv:2409.20325):
//
//	normalized   x + α·lmo(g)         minimizes ⟨g, y⟩ over ‖y − x‖ ≤ α
//	regularized  x + α‖g‖*·lmo(g)     minimizes ⟨g, y⟩ + ‖y − x‖²/2α
//
// with lmo(g) = argmin ⟨g, d⟩ over ‖d‖ ≤ 1 and the dual norm ‖g‖* = −⟨g, lmo(g)⟩. The choice of the norm gives the method:
//
//	norm         lmo(G)                            ‖G‖*             normalized step
//	linf         −sign(G)                          Σ|gᵢⱼ|           sign descent
//	l2           −G/‖G‖_F                          ‖G‖_F            normalized gradient descent
//	l1           −sign(g) at the largest |g|       max |gᵢⱼ|        coordinate descent of Gauss and Southwell
//	spectral     −UVᵀ for G = UΣVᵀ                 Σσᵢ              spectral descent, Muon
//	nuclear      −u₁v₁ᵀ                            σ₁               Frank–Wolfe's step for matrices of low rank
//	rows         rows of −G, each by its length    Σ‖rowᵢ‖          Scion's RowNorm
//	columns      columns of −G, each by its length Σ‖columnⱼ‖       Scion's ColNorm
//
// All norms here have one form. A matrix has magnitudes: the absolute values of its entries, the lengths of its rows or
// columns, or its singular values. A norm is the ℓp norm of magnitudes m. Its dual is the ℓq norm of the same magnitudes,
// with 1/p + 1/q = 1. Its oracle negates the directions and replaces the magnitudes by the w ≥ 0 with ‖w‖_p = 1 and
// ⟨w, m⟩ = ‖m‖_q. A vector is a matrix with one row or one column.
package norm

import (
	"fmt"
	"math"
)

// Norm is a norm of matrices of any shape. Two Norms are equal if they agree on all matrices. The zero Norm is open: a rule
// may replace it by a default, and an Oracle panics.
type Norm struct {
	of kind
	p  float64 // in [1, ∞], or 0 in the zero Norm; not 2 unless of entries
}

// kind says whether the magnitudes of a norm belong to entries, rows, columns or singular values.
type kind uint8

const (
	ofEntries kind = iota
	ofRows
	ofColumns
	ofSingularValues
)

// Lp returns the ℓp norm of the entries, (Σ|xᵢⱼ|ᵖ)^(1/p), for p in [1, ∞]; it panics at others, as the functions below do.
func Lp(p float64) Norm { return newNorm(ofEntries, p) }

// Rows returns the ℓp norm of the Euclidean lengths of the rows.
func Rows(p float64) Norm { return newNorm(ofRows, p) }

// Columns returns the ℓp norm of the Euclidean lengths of the columns.
func Columns(p float64) Norm { return newNorm(ofColumns, p) }

// Schatten returns the ℓp norm of the singular values.
func Schatten(p float64) Norm { return newNorm(ofSingularValues, p) }

// The norms with names.
var (
	L1   = Lp(1)
	L2   = Lp(2)
	LInf = Lp(math.Inf(1))

	// Frobenius is L2, and equals Rows(2), Columns(2) and Schatten(2).
	Frobenius = L2
	// MaxEntry is LInf, max |xᵢⱼ| = ‖·‖_{1→∞}.
	MaxEntry = LInf
	// MaxRow is ‖·‖_{2→∞}, the length of the longest row.
	MaxRow = Rows(math.Inf(1))
	// MaxColumn is ‖·‖_{1→2}, the length of the longest column.
	MaxColumn = Columns(math.Inf(1))
	// Spectral is ‖·‖_{2→2}, the largest singular value.
	Spectral = Schatten(math.Inf(1))
	// Nuclear is the sum of the singular values.
	Nuclear = Schatten(1)
)

func newNorm(of kind, p float64) Norm {
	if !(p >= 1) {
		panic(fmt.Sprintf("norm: no norm has the exponent %v; it is in [1, ∞]", p))
	}
	if p == 2 { // Σᵢ‖rowᵢ‖² = Σⱼ‖columnⱼ‖² = Σσᵢ² = Σxᵢⱼ²
		of = ofEntries
	}
	return Norm{of, p}
}

// Dual returns the dual norm, ‖g‖* = max ⟨g, d⟩ over ‖d‖ ≤ 1. Its exponent q = p/(p − 1) is rounded. So the dual of the dual
// may differ in the last digit, and the dual of an Lp with p > 2⁵³ is L1.
func (n Norm) Dual() Norm {
	switch p := n.p; {
	case p == 0:
		return n
	case math.IsInf(p, 1):
		return Norm{n.of, 1}
	default:
		return newNorm(n.of, p/(p-1))
	}
}

// Radius returns the largest ‖x‖₂ over ‖x‖ ≤ 1 for matrices of rows × cols, m^(½ − 1/p) for m magnitudes and p ≥ 2, or 1 for p ≤ 2. By
// duality, it is also the largest ‖g‖* over ‖g‖₂ ≤ 1.
func (n Norm) Radius(rows, cols int) float64 {
	magnitudes := [...]int{ofEntries: rows * cols, ofRows: rows, ofColumns: cols, ofSingularValues: min(rows, cols)}[n.of]
	return math.Pow(float64(magnitudes), max(0, 0.5-1/n.p))
}
