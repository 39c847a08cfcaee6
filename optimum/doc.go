// Package optimum finds x* and f* of a problem to twelve digits, and says how it knows.
//
// Every plot of f − f*, and every theorem held against a run, needs them. A value that was merely the best so far would
// bend the end of each curve, so that an Optimum carries a bound on its own error from duality, strong convexity or
// self-concordance, and admits it where there is none. Linear models are solved in columns of one scale, whatever units the data have.
//
// A gap is a proof by duality, of the ℓ2 penalty or of losses that are not negative, or by curvature, whose constant is computed from the
// data. Both hold for real numbers: all rounding is counted in them, that of the value too. One by curvature, for models of one score of moderate
// size (d ≤ 500, (n+d)·d ≤ 2·10⁶, no fewer rows than columns unless there is an ℓ2 penalty), is given only where a second route, an orthogonal
// factorization of the rows, finds no smaller value. The gaps of the hinge loss and of the ℓ1 penalty are computed in float64, and not proved.
package optimum
