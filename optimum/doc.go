// Package optimum finds x* and f* of a problem to twelve digits, and says how it knows.
//
// Every plot of f − f*, and every theorem held against a run, needs them. A value that was merely the best so far would
// bend the end of each curve, so that an Optimum carries a bound on its own error from duality, strong convexity or
// self-concordance, and admits it where there is none. Linear models are solved in columns of one scale, whatever units the data have.
// The word certified says in which arithmetic it holds. A certificate by duality needs no constant of the problem. One by curvature, for least
// squares and logistic regression of moderate size (d ≤ 500, (n+d)·d ≤ 2·10⁶, no fewer rows than columns unless there is an ℓ2 penalty), is
// given only where a second route, an orthogonal factorization of the rows, finds no smaller value. Elsewhere it rests on the bound alone.
package optimum
