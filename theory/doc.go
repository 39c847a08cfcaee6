// Package theory applies the theorems of the lecture to runs, and checks their hypotheses.
//
//	Theorem + Problem + Run → Bound
//
// A [Problem] holds the constants from objective and optimum: L, L_max, μ, R = ‖x₀ − x*‖, the noise at x*. A [Run] holds the
// rule, the settings, and second moments that runs have measured ([Watch]). A [Bound] is a curve over the steps, on one
// [Quantity]. Every hypothesis is checked: held, broken or unknown. Every constant is marked: computed from the problem,
// measured along the run, or chosen. [Bounds] returns the bounds that apply to a run, and [Recommend] the step size with the
// best bound. [Power] and [Linear] fit the rates of the lecture's table of complexities.
//
// A theorem has its printed form and, if its proof gives more, a sharper form: a recursion for any step sizes that uses the
// second moment of each step, from a [Trace], in place of the largest. The table shows how tight they are: the bound divided by
// the measured value at the end of a run (testdata/tightness.txt has all values, and tests check them).
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
//	quadratic, κ = 5, half of each gradient    175
//	½x², normalized steps, α = 0.08              1          1
//	ridge logistic, sign descent                14          4.5
//
// There are three families of theorems, by their assumption on the noise:
//
//	second moment            E‖g‖² ≤ σ²          in general only a run can measure σ²
//	variance                 E‖g − ∇f‖² ≤ V      known in advance if the loss is Lipschitz
//	noise at the solution    σ*²                 a constant of the problem; the family for real data
package theory
