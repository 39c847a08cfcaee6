package matfun

import (
	"fmt"
	"math"

	"steepest/internal/gemm"
	"steepest/internal/scratch"
	"steepest/internal/simd"
	"steepest/internal/suggest"
	"steepest/optim/internal/rescale"
)

// Root says how the inverse root A^(−1/P) of a symmetric positive semi-definite matrix A is computed.
type Root struct {
	// P is any number above 0. Shampoo's is twice the number of sides that are preconditioned.
	P float64
	// Method is how the root is computed. If ByNewton fails, ByEigen takes over.
	Method RootMethod
	// Eps is the ε of Ridge, at least 0.
	Eps float64
	// Ridge says how the eigenvalues are kept away from 0.
	Ridge Ridge
}

// RootMethod is a way to compute inverse roots.
type RootMethod uint8

// The methods.
const (
	// ByEigen takes the root of the eigenvalues.
	ByEigen RootMethod = iota
	// ByNewton is the coupled Newton iteration on Xᵖ·A → I (Guo and Higham 2006, A Schur–Newton method for the matrix pth root),
	// in the type of the matrix, by products of symmetric matrices alone. P must be a whole number and the ridge Shift or
	// ShiftRelative. It does not converge if the smallest eigenvalue, ridge included, is so small compared with the largest that
	// rounding errors matter.
	ByNewton
)

// Ridge says how an eigenvalue λ is changed before its root is taken. u is the distance from 1 to the next number of A's type. An
// absolute ε in (0, n·u·λ_max) counts as n·u·λ_max: otherwise the root would be that of rounding errors. A has no negative eigenvalues,
// so for Shift, ShiftRelative and PseudoInverse a negative computed λ counts as 0, and for ByEigen a λ < −√u·λ_max is an error.
type Ridge uint8

// The ridges.
const (
	// Shift is λ + ε: A + εI (Gupta, Koren and Singer 2018).
	Shift Ridge = iota
	// ShiftRelative is λ + ε·λ_max, as in google-research's Shampoo. There λ_max counts as at least 10⁻¹⁶ or 10⁻⁶, so that the root of
	// a zero matrix does not fail. Here the root of a zero matrix is 0, and the scale of A does not matter.
	ShiftRelative
	// ShiftNegative is λ + ε − min(λ_min, 0), as in Meta's Distributed Shampoo.
	ShiftNegative
	// Clamp is max(λ, ε), as in Emerging-Optimizers.
	Clamp
	// PseudoInverse takes the root of the eigenvalues above ε·λ_max and sets the others to 0, like Meta's option for matrices of
	// low rank. ε = 0 stands for n·u.
	PseudoInverse
)

// Relative reports whether the ridge is independent of the scale of A.
func (r Ridge) Relative() bool { return r == ShiftRelative || r == PseudoInverse }

var (
	rootMethodNames = []string{"eigen", "newton"}
	ridgeNames      = []string{"shift", "shift-relative", "shift-negative", "clamp", "pseudo-inverse"}
)

// String returns the name, as UnmarshalText reads it.
func (m RootMethod) String() string { return rootMethodNames[m] }

// String returns the name, as UnmarshalText reads it.
func (r Ridge) String() string { return ridgeNames[r] }

// UnmarshalText reads a method by its name.
func (m *RootMethod) UnmarshalText(text []byte) error {
	return suggest.Value(m, "root", text, rootMethodNames)
}

// UnmarshalText reads a ridge by its name.
func (r *Ridge) UnmarshalText(text []byte) error { return suggest.Value(r, "ridge", text, ridgeNames) }

// Names returns the names of all methods.
func (RootMethod) Names() []string { return rootMethodNames }

// Names returns the names of all ridges.
func (Ridge) Names() []string { return ridgeNames }

// InverseRoot sets dst to A^(−1/P) for the symmetric positive semi-definite A of order n whose upper triangle is in a. dst and
// a may be the same slice. The residual is ‖XᵖA − I‖_F, where X is dst before it is scaled back from its unit and A includes the
// ridge. If P is not a whole number, Xᵖ is computed from the eigenvalues, and the residual is that of the decomposition.
//
// It fails, and leaves dst unchanged, if the triangle holds a NaN or an infinity, if an eigenvalue is 0 in spite of the ridge,
// or if the root is too large for its type.
func (w *Workspace[T]) InverseRoot(dst, a []T, n int, r Root) (residual float64, err error) {
	return w.root(dst, a, n, r, true)
}

// Root is InverseRoot without the residual.
func (w *Workspace[T]) Root(dst, a []T, n int, r Root) error {
	_, err := w.root(dst, a, n, r, false)
	return err
}

func (w *Workspace[T]) root(dst, a []T, n int, r Root, check bool) (residual float64, err error) {
	mustBeSquare(a, n)
	mustBeSquare(dst, n)
	if !(r.P > 0) || math.IsInf(r.P, 1) || !(r.Eps >= 0) {
		panic(fmt.Sprintf("matfun: no such root: %+v", r))
	}
	if r.Method == ByNewton {
		if residual, ok := w.newtonRoot(dst, a, n, r); ok {
			return residual, nil
		}
	}
	return w.eigenRoot(dst, a, n, r, check)
}

// whole returns P if it is a whole number.
func (r Root) whole() (p int, ok bool) {
	p = int(min(r.P, math.MaxInt32))
	return p, float64(p) == r.P
}

func (w *Workspace[T]) eigenRoot(dst, a []T, n int, r Root, check bool) (residual float64, err error) {
	m := &w.eigen
	unit, err := symmetric(&m.vectors, a, n)
	if err != nil {
		return math.NaN(), err
	}
	if check {
		m.a = append(m.a[:0], m.vectors...)
	}
	if err := m.decompose(n); err != nil {
		return math.NaN(), err
	}
	if err := m.roots(r, unit, rescale.Epsilon[T]()); err != nil {
		return math.NaN(), err
	}
	largest, back := 0., math.Pow(unit, -1/r.P)
	for _, d := range m.diagonal {
		if x := T(d * back); x-x != 0 {
			return math.NaN(), fmt.Errorf("matfun: the root of the %d × %d matrix has the eigenvalue %g, too large for %T", n, n, d*back, x)
		}
		largest = max(largest, d)
	}
	x := m.squares[0]
	if largest == 0 { // no unit is needed
		largest = 1
	}
	for i, d := range m.diagonal {
		m.scales[i] = T(d / largest)
	}
	spectral(x, m.vectors, m.scales[:n], m.squares[1])
	gemm.Mirror(n, x, n)
	for i, v := range x {
		dst[i] = T(float64(v) * largest * back)
	}
	if !check {
		return 0, nil
	}
	return m.residual(r, n, largest), nil
}

// roots sets m.diagonal to the eigenvalues of X, in the unit of A, and m.kept to the eigenvalues of XᵖA.
func (m *eigen[T]) roots(r Root, unit, u float64) error {
	n := len(m.values)
	m.diagonal, m.kept = scratch.Grow(m.diagonal, n), scratch.Grow(m.kept, n)
	if n == 0 {
		return nil
	}
	least, most, eps := m.values[0], m.values[n-1], r.Eps/unit
	if r.Eps > 0 {
		eps = max(eps, float64(n)*u*most)
	}
	if r.Ridge != ShiftNegative && r.Ridge != Clamp && least < -math.Sqrt(u)*max(most, 0) {
		return fmt.Errorf("matfun: the %d × %d matrix is not positive semi-definite: its eigenvalues are %g to %g", n, n, least*unit, most*unit)
	}
	for i, λ := range m.values {
		ridged := max(λ, 0) + eps
		switch r.Ridge {
		case ShiftRelative:
			if ridged = max(λ, 0) + float64(r.Eps*most); most <= 0 {
				ridged = math.Inf(1)
			}
		case ShiftNegative:
			ridged = λ - min(least, 0) + eps
		case Clamp:
			ridged = max(λ, eps)
		case PseudoInverse:
			rank := r.Eps
			if rank == 0 {
				rank = float64(n) * u
			}
			if ridged = λ; λ <= rank*most {
				ridged = math.Inf(1)
			}
		}
		if !(ridged > 0) {
			return fmt.Errorf("matfun: the %d × %d matrix is singular: its eigenvalues are %g to %g; a larger ε would help", n, n, least*unit, most*unit)
		}
		m.diagonal[i], m.kept[i] = math.Pow(ridged, -1/r.P), λ/ridged
	}
	return nil
}

// residual returns ‖XᵖA − V·diag(kept)·Vᵀ‖_F, computed in float64. X is the first of m.squares, in the given unit.
func (m *eigen[T]) residual(r Root, n int, unit float64) float64 {
	for i := range m.wide {
		m.wide[i] = scratch.Grow(m.wide[i], n*n)
	}
	x, y, free, a, v := m.wide[0], m.wide[1], m.wide[2], m.wide[3], m.wide[4]
	convert(x, m.squares[0])
	simd.Scal(unit, x)
	convert(a, m.a)
	convert(v, m.vectors)
	if p, whole := r.whole(); whole {
		y, free = power(x, y, free, n, p)
	} else {
		for i, d := range m.diagonal {
			m.diagonal[i] = math.Pow(d, r.P)
		}
		spectral(y, v, m.diagonal, free)
		gemm.Mirror(n, y, n)
	}
	spectral(x, v, m.kept, free)
	gemm.MulTriangle(true, false, false, n, n, 1, y, n, a, n, -1, x, n)
	return symmetricNorm(x, n)
}
