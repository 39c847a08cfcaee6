// Package lab serves pages on which one watches runs while they grow, plays with methods on functions of two unknowns, and runs the scenes
// of the lecture.
//
// Runs are read from their folders (package runs). The training process knows nothing of the lab, so no reader can slow it down. This
// package computes all that pages show, with the same code as the program; scripts only draw. Pages consist of files in this binary, ask
// no other server, and keep their state in the address.
package lab
