// Package theory states what the theorems of the lecture promise of a run, and checks whether they may.
//
// A [Theorem] meets a [Problem], which is what objective and its optimum know: L, L_max, μ, R = ‖x₀ − x*‖, the noise at x*;
// and a [Run], which is the rule, the settings, and the second moments that runs have measured ([Watch]). The result is a
// [Bound]: a curve over the steps, on one [Quantity], with every hypothesis checked, as held, broken or unknown, and every
// constant marked as computed from the problem, measured along the run, or chosen. [Bounds] returns those that speak of a
// run, [Recommend] the step size that promises most, and [Power] and [Linear] fit the rates that the lecture's table of
// complexities claims.
//
// A theorem comes as it is printed, and where its proof gives more, in a sharper form: a recursion that takes any step sizes and,
// from a [Trace], the second moment of each step in place of the largest. How sharp they are, as the bound over what was measured
// at the end of a run (testdata/tightness.txt has all, and the tests hold them):
//
//	problem and steps                        printed    sharper
//	½x² ± x, α = 0.1                             1.9        1
//	quadratic, κ = 5, α = 0.05                 123          5
//	quadratic, κ = 1.5, (2k+1)/(2μ(k+1)²)        7.6        1.8
//	quadratic, κ = 5, the same                 430          8.1
//	ε|x| ± x, best α for 1600 steps              1.38       1.38
//	ε|x| ± x, ε = 0.2, α₀/√(k+1)                24          1.5
//	ridge logistic, switch                      50         31
//	one-hot least squares, 1/(4R²)               7.7
//	ε|x| ± x, ε = 0.2, Schedule-Free SGD         1.5        1.5
//	two logistic losses, DoG                                9.5
//
// Theorems come in families, by what they ask of the noise. One family bounds the second moment E‖g‖² by σ², which in general only
// a run can measure. One bounds the variance E‖g − ∇f‖² by V, which is known in advance where the loss is Lipschitz. The third asks
// for the noise at the solution alone, which is a number of the problem: it is the one for real data.
package theory
