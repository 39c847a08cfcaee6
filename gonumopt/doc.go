// Package gonumopt joins Steepest to gonum's optimize in both directions: Problem shows one of our problems to its
// methods, so that L-BFGS and Newton can solve it, and Method runs one of our rules under its Minimize, with its
// settings, recorders and statuses.
package gonumopt
