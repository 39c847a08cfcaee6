// Package rules names the elementwise methods: it reads like the lecture's table. Each rule is a struct of hyperparameters, whose
// open fields take the default of its preset, and a chain of a few transforms of optim.
package rules
