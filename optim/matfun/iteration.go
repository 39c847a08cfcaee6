package matfun

import (
	"fmt"

	"steepest/internal/suggest"
)

// Iteration says how the polar factor is computed by matrix products: X₀ = X/‖X‖ in some norm, Xₖ₊₁ = pₖ(Xₖ).
//
// Products are computed in the type of the matrix unless Products says otherwise. To reproduce a reference that computes in
// bfloat16, set Products = StoredBF16.
type Iteration struct {
	// Table holds the polynomials pₖ, at least one.
	Table Table
	// Steps is the number of steps; 0 means the length of Table.
	Steps int
	// Norm is the norm of the start.
	Norm Norm
	// Safety multiplies the norm, so that rounding cannot make a singular value larger than 1; 0 means 1.
	Safety float64
	// Eps is ε, which is added to Safety·‖X‖, or is a lower bound of it if Floor is set. With ε = 0 the result does not depend
	// on the scale of X.
	Eps   float64
	Floor bool
	// Products is the precision of the operands of the products.
	Products Precision
	// Gram, for Products = Full and a matrix with one side at least 1.5 times the other, makes the steps on the small XXᵀ and computes X only
	// once or twice. At 768×3072 this takes 0.45 of the operations of five steps of KellerJordan. Only rounding differs: with singular values
	// down to 1e-3 of the largest, elements in float32 are off by less than 2e-3, and by 8e-3 with CANS; steps on X are off by 1e-5.
	Gram bool
}

func (it *Iteration) steps() int {
	if len(it.Table) == 0 || it.Steps < 0 {
		panic(fmt.Sprintf("matfun: an iteration of %d steps with a table of %d", it.Steps, len(it.Table)))
	}
	if it.Steps == 0 {
		return len(it.Table)
	}
	return it.Steps
}

// divisor returns the number by which X of the given norm is divided. Both are in the given unit, in which Eps is converted.
func (it *Iteration) divisor(norm, unit float64) float64 {
	if it.Safety != 0 {
		norm *= it.Safety
	}
	if it.Floor {
		return max(norm, it.Eps/unit)
	}
	return norm + it.Eps/unit
}

// Norm is the norm by which an Iteration first divides, so that no singular value is larger than 1.
type Norm uint8

// The norms of the start.
const (
	// Frobenius is ‖X‖_F = (Σσᵢ²)^½.
	Frobenius Norm = iota
	// Schatten4 is (Σσᵢ⁴)^¼ = ‖XXᵀ‖_F^½, which is nearer to the largest σ and costs no product, because XXᵀ is needed anyway.
	Schatten4
	// AOL divides row i of X, or column i if there are fewer columns, by (Σⱼ|XXᵀ|ᵢⱼ)^½, the almost-orthogonal layer of Prach
	// and Lampert (arXiv:2208.03160). It changes the singular vectors, and so the polar factor.
	AOL
)

// Precision says how the operands of a product are rounded.
type Precision uint8

// The precisions.
const (
	// Full keeps the type of the matrix.
	Full Precision = iota
	// BF16 rounds the operands of each product to bfloat16 and keeps X, sums and aX in float32.
	BF16
	// StoredBF16 rounds X and the result of each product to bfloat16 too, as references that compute in bfloat16 do.
	StoredBF16
)

var (
	normNames      = []string{"frobenius", "schatten4", "aol"}
	precisionNames = []string{"full", "bf16", "stored-bf16"}
)

// String returns the name, as UnmarshalText reads it.
func (n Norm) String() string { return normNames[n] }

// String returns the name, as UnmarshalText reads it.
func (p Precision) String() string { return precisionNames[p] }

// UnmarshalText reads a norm by its name.
func (n *Norm) UnmarshalText(text []byte) error { return suggest.Value(n, "norm", text, normNames) }

// UnmarshalText reads a precision by its name.
func (p *Precision) UnmarshalText(text []byte) error {
	return suggest.Value(p, "precision", text, precisionNames)
}
