// Package rules has the elementwise methods, from SGD to Prodigy. It reads like the lecture's table.
//
// A rule is a struct of hyperparameters. Its method Chain returns a few transforms of package optim, and optim.New makes an Optimizer of
// the rule. A step size LR is a schedule; nil is open. Other fields that may be open are set by optim.Set. Open fields have the defaults
// of the Preset, which the comment of the rule lists: first those of the preset Lecture, then the differences of the others.
//
// In the formulas x are the parameters, g is the gradient, α the step size LR, t = 1, 2, … the number of the step, and an index − marks
// the value of the previous step. Products, quotients, powers and roots of vectors are taken element by element. A hat marks an average
// whose bias is corrected: m̂ = m/(1−β₁ᵗ).
package rules
