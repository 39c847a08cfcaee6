// Package train is the training loop. Everything that Steepest minimizes goes through it:
//
//	draw a batch → estimate the gradient → step → average → evaluate → record → stop?
//
// Minimize makes a Run and finishes it. To look at a run, save it or resume it later, make a Run yourself.
//
// A run depends only on its settings and its seed. The batch of a step is a function of (seed, step), so any step can be
// examined without replaying earlier ones, and all methods of a comparison see the same batches. The clock stops while the
// loop evaluates and records, so that a curve over seconds shows the method and not the measurement.
package train
