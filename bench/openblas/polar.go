package openblas

/*
#cgo CFLAGS: -fopenmp
#include <cblas.h>
#include <string.h>

extern void sgesdd_(const char *jobz, const int *m, const int *n, float *a, const int *lda, float *s, float *u, const int *ldu,
	float *vt, const int *ldvt, float *work, const int *lwork, int *iwork, int *info);

// mirror copies the upper triangle of a to the lower.
static void mirror(int n, float *a) {
	enum { block = 64 };
	#pragma omp parallel for schedule(dynamic)
	for (int i0 = 0; i0 < n; i0 += block)
		for (int j0 = 0; j0 <= i0; j0 += block)
			for (int i = i0; i < i0 + block && i < n; i++)
				for (int j = j0; j < j0 + block && j < i; j++)
					a[(size_t)i * n + j] = a[(size_t)j * n + i];
}

// newton_schulz sets x to five steps of Jordan's iteration from g/‖g‖, g being m×n and m ≤ n. It has memory for two more
// matrices m×m and one m×n.
static void newton_schulz(int syrk, int m, int n, const float *g, float *x, float *gram, float *poly, float *other) {
	const float a = 3.4445f, b = -4.7750f, c = 2.0315f;
	size_t size = (size_t)m * n;
	float *from = other, *to = x, *swap;
	memcpy(from, g, size * sizeof(float));
	cblas_sscal(size, 1 / cblas_snrm2(size, from, 1), from, 1);
	for (int step = 0; step < 5; step++) {
		if (syrk) {
			cblas_ssyrk(CblasRowMajor, CblasUpper, CblasNoTrans, m, n, 1, from, n, 0, gram, m);
			mirror(m, gram);
			memcpy(poly, gram, (size_t)m * m * sizeof(float));
			cblas_ssyrk(CblasRowMajor, CblasUpper, CblasNoTrans, m, m, c, gram, m, b, poly, m);
			for (size_t i = 0; i < m; i++)
				poly[i * m + i] += a;
			mirror(m, poly);
		} else {
			cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, m, m, n, 1, from, n, from, n, 0, gram, m);
			memcpy(poly, gram, (size_t)m * m * sizeof(float));
			cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, m, m, c, gram, m, gram, m, b, poly, m);
			for (size_t i = 0; i < m; i++)
				poly[i * m + i] += a;
		}
		cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, m, 1, poly, m, from, n, 0, to, n);
		swap = from, from = to, to = swap;
	}
}

// polar sets x to the polar factor of g, m×n, by the singular value decomposition. LAPACK stores by columns, so that g is its
// transpose there, and so is x. It returns LAPACK's info.
static int polar(int m, int n, const float *g, float *x, float *a, float *s, float *u, float *vt, float *work, int lwork, int *iwork) {
	int k = m < n ? m : n, info;
	memcpy(a, g, (size_t)m * n * sizeof(float));
	sgesdd_("S", &n, &m, a, &n, s, u, &n, vt, &k, work, &lwork, iwork, &info);
	if (info == 0 && lwork > 0)
		cblas_sgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n, m, k, 1, u, n, vt, k, 0, x, n);
	return info;
}
*/
import "C"

import (
	"fmt"
	"unsafe"

	"steepest/bench/openmp"
)

// NewtonSchulz returns a function that sets x to five steps of Jordan's iteration from g/‖g‖ reps times, for g of rows × cols
// with rows ≤ cols, by SGEMM, and with syrk its symmetric products by SSYRK.
func NewtonSchulz(threads int, syrk bool, rows, cols int, x, g []float32) (run func(reps int)) {
	gram, poly, other := make([]float32, rows*rows), make([]float32, rows*rows), make([]float32, rows*cols)
	return func(reps int) {
		openmp.Do(threads, func() {
			for range reps {
				C.newton_schulz(flag(syrk), C.int(rows), C.int(cols), pointer(g), pointer(x), pointer(gram), pointer(poly), pointer(other))
			}
		})
	}
}

// Polar returns a function that sets x to the polar factor of g, rows × cols, reps times, by SGESDD and a product.
func Polar(threads, rows, cols int, x, g []float32) (run func(reps int)) {
	k := min(rows, cols)
	a, s, u, vt := make([]float32, rows*cols), make([]float32, k), make([]float32, cols*k), make([]float32, k*rows)
	iwork, size := make([]C.int, 8*k), make([]float32, 1)
	factor := func(work []float32, n int) {
		info := C.polar(C.int(rows), C.int(cols), pointer(g), pointer(x), pointer(a), pointer(s), pointer(u), pointer(vt),
			pointer(work), C.int(n), &iwork[0])
		if info != 0 {
			panic(fmt.Sprintf("openblas: sgesdd returns %d", info))
		}
	}
	factor(size, -1)
	work := make([]float32, int(size[0]))
	return func(reps int) {
		openmp.Do(threads, func() {
			for range reps {
				factor(work, len(work))
			}
		})
	}
}

func pointer(v []float32) *C.float { return (*C.float)(unsafe.Pointer(&v[0])) }
