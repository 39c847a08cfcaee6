// Package rules names the elementwise methods. It reads like the lecture's table. Each rule is a struct of hyperparameters, whose
// open fields take the defaults of its preset, and has a chain of a few transforms of package optim.
package rules
