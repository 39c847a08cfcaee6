// Package gonumopt connects Steepest and gonum's optimize in both directions. Problem passes one of our problems to gonum's
// methods, such as L-BFGS and Newton. Method runs one of our rules under gonum's Minimize, with its settings, recorders and
// statuses.
package gonumopt
