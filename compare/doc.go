// Package compare runs fair races: many methods on one problem, with the same starting point, the same batches, the same budget
// of gradients, and the same number of tuning trials for each method.
//
// A race can say which method is best only as far as its seeds allow. So a Result holds every run, states what was searched
// and chosen, and tests whether the difference from the best is more than noise. A Suite draws a performance profile of
// races on several problems.
package compare
