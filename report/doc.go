// Package report draws what a comparison, a lecture scene or a run has measured: one [Page] becomes a self-contained
// HTML file that opens from disk without a network, one [Figure] becomes SVG or PNG, one [Table] becomes lines on a
// terminal. It exists so that every part of Steepest shows curves in the same way: a method keeps its colour from the
// page to the figure, the reader may exchange iterations for gradient evaluations, FLOPs or seconds, a band shows the
// spread over seeds, and a value that is not a number is a gap and never a guess.
//
// The package knows nothing of methods or problems; it takes names, positions and values. Curves or tables of the wrong
// shape break the contract and panic; the returned errors are those of the writer.
package report
