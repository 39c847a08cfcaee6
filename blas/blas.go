package blas

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// Implementation is a BLAS for blas32.Use and blas64.Use. It may also be given to cblas64.Use and cblas128.Use, which then get
// gonum's. It has the methods of gonum's Implementation, and replaces those named in the package comment.
type Implementation struct{ gonum.Implementation }

var (
	_ blas.Float32    = Implementation{}
	_ blas.Float64    = Implementation{}
	_ blas.Complex64  = Implementation{}
	_ blas.Complex128 = Implementation{}
)

// The methods of this package handle the arguments that suit their kernels, and pass all others to reference: wrong ones, for
// which it panics, and those with little or nothing to do.
var reference gonum.Implementation

// dense reports whether a slice of the length holds n > 0 elements without gaps.
func dense(n, inc, length int) bool { return inc == 1 && 0 < n && n <= length }

// vector reports whether a slice of the length holds n > 0 elements at the increment.
func vector(n, inc, length int) bool {
	return n > 0 && (inc > 0 && (n-1)*inc < length || inc < 0 && (1-n)*inc < length)
}

// matrix reports whether a slice of the length holds m > 0 rows of n > 0 elements that are ld apart.
func matrix(m, n, ld, length int) bool { return m > 0 && n > 0 && ld >= n && (m-1)*ld+n <= length }

// transposes reports in trans whether t is a transposition, and in valid whether t is a known value.
func transposes(t blas.Transpose) (trans, valid bool) {
	trans = t == blas.Trans || t == blas.ConjTrans
	return trans, trans || t == blas.NoTrans
}
