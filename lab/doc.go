// Package lab serves pages in which one watches runs while they grow, plays with methods on functions of two unknowns, and runs the scenes of
// the lecture.
//
// Runs are read from their folders (package runs), so that the process which trains knows nothing of the lab: no reader can slow it
// down. What pages show is computed here, by the code that the program runs by; scripts only draw. A page is files of this binary, asks
// no other server, and keeps what it shows in its address.
package lab
