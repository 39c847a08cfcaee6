// Package compare runs fair races: one problem, many methods, the same starting point, the same batches, the same budget
// of gradients, and the same number of trials to tune each method in.
//
// A race answers which method is best only as far as its seeds allow, so a Result holds every run, states what was
// searched and what was chosen, and tests whether the difference from the best is more than noise. A Suite draws a performance profile of
// races on several problems.
package compare
