// Package optimum finds x* and f* of a problem to twelve digits, and says how it knows.
//
// Every plot of f − f*, and every theorem held against a run, needs them. A value that was merely the best so far would
// bend the end of each curve, so that an Optimum carries a bound on its own error from duality, strong convexity or
// self-concordance, and admits it where there is none.
package optimum
