// Package optimum finds x* and f* of a problem to twelve digits, with a certificate.
//
// Every plot of f − f*, and every comparison of a theorem with a run, needs them. The best value so far would not do: it bends
// the end of each curve. So an Optimum has a bound on its own error, from duality, strong convexity or self-concordance, and
// says so if there is none. Linear models are solved with columns scaled to one size, for any units of the data.
//
// A gap is a proof by duality (from the ℓ2 penalty, or because losses are not negative) or by curvature (with a constant computed from the
// data). Both hold for real numbers: they include all rounding errors, also those of the value. A proof by curvature, for models of one score
// of moderate size (d ≤ 500, (n+d)·d ≤ 2·10⁶, no fewer rows than columns unless there is an ℓ2 penalty), is given only if a second route, an
// orthogonal factorization of the rows, finds no smaller value. The gaps of the hinge loss and of the ℓ1 penalty are computed in float64 and
// are not proofs.
package optimum
