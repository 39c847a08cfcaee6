// Package report draws the results of comparisons, lecture scenes and runs: a [Page] becomes a self-contained HTML file that
// opens from disk without a network, a [Figure] becomes SVG or PNG, and a [Table] becomes lines on a terminal. All parts of
// Steepest use it, so that curves look the same everywhere: a method has the same colour on a page and in a figure; the reader
// can switch between iterations, gradient evaluations, FLOPs and seconds; a band shows the spread over seeds; and NaN is a gap.
//
// The package does not depend on methods or problems; it takes names, positions and values. It panics if curves or tables have
// the wrong shape. The returned errors are those of the writer.
package report
