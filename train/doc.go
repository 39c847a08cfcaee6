// Package train is the loop: it draws a batch, estimates the gradient, steps, averages, evaluates, records and
// knows when to stop. Everything that Steepest minimizes goes through a Run: Minimize makes one and lets it go to its end, and
// whoever wants to look at a run, save it or go on with it later holds one.
//
// What a run does depends on its settings and its seed alone. The batch of a step is a function of (seed, step), so any
// step can be looked at without replaying those before it, and every method of a comparison sees the same batches. The
// clock stands still while the loop evaluates and records, so that a curve over seconds shows the method and not the
// measurement.
package train
