// Package onednn multiplies matrices by oneDNN.
package onednn

/*
#cgo CFLAGS: -O2
#cgo LDFLAGS: -ldnnl
#include <oneapi/dnnl/dnnl.h>

static int sgemm(int reps, char ta, char tb, int m, int n, int k, float alpha, const float *a, int lda, const float *b, int ldb,
	float beta, float *c, int ldc) {
	int status = 0;
	for (int i = 0; i < reps; i++)
		status |= dnnl_sgemm(ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
	return status;
}
*/
import "C"

import (
	"fmt"

	"steepest/bench/openmp"
)

// Version names the library.
func Version() string {
	v := C.dnnl_version()
	return fmt.Sprintf("oneDNN %d.%d.%d", v.major, v.minor, v.patch)
}

// Mul computes c ← alpha·op(a)·op(b) + beta·c reps times, row-major, op transposing where asked.
func Mul(threads, reps int, transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	openmp.Do(threads, func() {
		status := C.sgemm(C.int(reps), letter(transA), letter(transB), C.int(m), C.int(n), C.int(k), C.float(alpha),
			(*C.float)(&a[0]), C.int(lda), (*C.float)(&b[0]), C.int(ldb), C.float(beta), (*C.float)(&c[0]), C.int(ldc))
		if status != C.dnnl_success {
			panic(fmt.Sprintf("onednn: status %d", status))
		}
	})
}

func letter(b bool) C.char {
	if b {
		return 'T'
	}
	return 'N'
}
