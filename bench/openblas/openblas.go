// Package openblas multiplies matrices by OpenBLAS, in its build for OpenMP. The threads of the build for plain threads fight with those
// of other pools.
package openblas

/*
#cgo CFLAGS: -O2
#cgo LDFLAGS: -L/usr/lib/x86_64-linux-gnu/openblas-openmp -Wl,-rpath,/usr/lib/x86_64-linux-gnu/openblas-openmp -lopenblas
#include <cblas.h>

static void sgemm(int reps, int ta, int tb, int m, int n, int k, float alpha, const float *a, int lda, const float *b, int ldb,
	float beta, float *c, int ldc) {
	for (int i = 0; i < reps; i++)
		cblas_sgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

static void dgemm(int reps, int ta, int tb, int m, int n, int k, double alpha, const double *a, int lda, const double *b, int ldb,
	double beta, double *c, int ldc) {
	for (int i = 0; i < reps; i++)
		cblas_dgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}
*/
import "C"

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/cpu"

	"steepest/bench/openmp"
)

// Version names the library, how it was built, and the processor whose kernels it uses. The environment variable OPENBLAS_CORETYPE
// chooses other kernels. Version fails if the build is not that for OpenMP, or if the kernels are not those for the processor, as when
// OpenBLAS does not know the processor.
func Version() (string, error) {
	if C.openblas_get_parallel() != C.OPENBLAS_OPENMP {
		return "", errors.New("openblas: not the build for OpenMP; install libopenblas-openmp-dev")
	}
	kernels := C.GoString(C.openblas_get_corename())
	if err := suit(kernels, os.Getenv("OPENBLAS_CORETYPE") != ""); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s; kernels %s", C.GoString(C.openblas_get_config()), kernels), nil
}

// widths are the bits of the vectors of the kernels with fused multiply-adds. All other kernels are slower.
var widths = map[string]int{"Haswell": 256, "Zen": 256, "SkylakeX": 512, "Cooperlake": 512, "Sapphirerapids": 512, "SapphireRapids": 512}

// suit returns an error if the processor has wider vectors than the kernels. Kernels that the user has chosen may be narrower, but not
// older than AVX2.
func suit(kernels string, chosen bool) error {
	width, best := 128, ""
	switch {
	case cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL:
		width, best = 512, "SkylakeX"
	case cpu.X86.HasAVX2 && cpu.X86.HasFMA:
		width, best = 256, "Haswell"
	}
	if got := max(128, widths[kernels]); got == 128 && width > got || got < width && !chosen {
		return fmt.Errorf("openblas: OpenBLAS takes its %s kernels, of %d bits, on a processor with vectors of %d bits, and would lose; "+
			"set OPENBLAS_CORETYPE=%s", kernels, got, width, best)
	}
	return nil
}

// Mul computes c ← alpha·op(a)·op(b) + beta·c reps times, row-major, op transposing where asked.
func Mul[T float32 | float64](threads, reps int, transA, transB bool, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) {
	ta, tb := flag(transA), flag(transB)
	cm, cn, ck, cr := C.int(m), C.int(n), C.int(k), C.int(reps)
	la, lb, lc := C.int(lda), C.int(ldb), C.int(ldc)
	openmp.Do(threads, func() {
		switch c := any(c).(type) {
		case []float32:
			a, b := any(a).([]float32), any(b).([]float32)
			C.sgemm(cr, ta, tb, cm, cn, ck, C.float(alpha), (*C.float)(&a[0]), la, (*C.float)(&b[0]), lb, C.float(beta), (*C.float)(&c[0]), lc)
		case []float64:
			a, b := any(a).([]float64), any(b).([]float64)
			C.dgemm(cr, ta, tb, cm, cn, ck, C.double(alpha), (*C.double)(&a[0]), la, (*C.double)(&b[0]), lb, C.double(beta), (*C.double)(&c[0]), lc)
		}
	})
}

func flag(b bool) C.int {
	if b {
		return 1
	}
	return 0
}
