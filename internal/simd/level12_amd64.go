//go:build !purego && !noasm

package simd

import "unsafe"

// The size of T is a constant in each instance of the functions below, so only useAVX2 is tested at run time.

func dot[T Float](x, y []T) T {
	switch {
	case len(x) < few:
		return dotFew(x, y)
	case !useAVX2:
		return portableDot(x, y)
	case unsafe.Sizeof(x[0]) == 4:
		return T(dotF32AVX2(len(x), first[float32](x), first[float32](y)))
	default:
		return T(dotF64AVX2(len(x), first[float64](x), first[float64](y)))
	}
}

func dotWide(x, y []float32) float64 {
	switch {
	case len(x) < few:
		return dotWideFew(x, y)
	case !useAVX2:
		return portableDotWide(x, y)
	default:
		return dotWideF32AVX2(len(x), unsafe.SliceData(x), unsafe.SliceData(y))
	}
}

func sumSquares[T Float](x []T) (sum, magnitude float64) {
	switch {
	case len(x) < few || !useAVX2:
		return portableSumSquares(x)
	case unsafe.Sizeof(x[0]) == 4:
		s := sumSquaresF32AVX2(len(x), first[float32](x))
		return s, s
	default:
		return sumSquaresF64AVX2(len(x), first[float64](x))
	}
}

func zeros[T Float](x []T) T {
	switch {
	case len(x) < few || !useAVX2:
		return portableZeros(x)
	case unsafe.Sizeof(x[0]) == 4:
		return T(zerosF32AVX2(len(x), first[float32](x)))
	default:
		return T(zerosF64AVX2(len(x), first[float64](x)))
	}
}

func asum[T Float](x []T) T {
	switch {
	case len(x) < few:
		return asumFew(x)
	case !useAVX2:
		return portableAsum(x)
	case unsafe.Sizeof(x[0]) == 4:
		return T(asumF32AVX2(len(x), first[float32](x)))
	default:
		return T(asumF64AVX2(len(x), first[float64](x)))
	}
}

func axpy[T Float](a T, x, y []T) {
	switch {
	case !useAVX2 || len(x) < few:
		portableAxpy(a, x, y)
	case unsafe.Sizeof(a) == 4:
		axpyF32AVX2(len(x), float32(a), first[float32](x), first[float32](y))
	default:
		axpyF64AVX2(len(x), float64(a), first[float64](x), first[float64](y))
	}
}

func scal[T Float](a T, x []T) {
	switch {
	case !useAVX2 || len(x) < few:
		portableScal(a, x)
	case unsafe.Sizeof(a) == 4:
		scalF32AVX2(len(x), float32(a), first[float32](x))
	default:
		scalF64AVX2(len(x), float64(a), first[float64](x))
	}
}

func gemvN[T Float](alpha T, a []T, lda int, x, y []T) {
	m, n := len(y), len(x)
	switch {
	case !useAVX2:
		portableGemvN(alpha, a, lda, x, y)
	case unsafe.Sizeof(alpha) == 4:
		gemvNF32AVX2(m, n, float32(alpha), first[float32](a), lda, first[float32](x), first[float32](y))
	default:
		gemvNF64AVX2(m, n, float64(alpha), first[float64](a), lda, first[float64](x), first[float64](y))
	}
}

func gemvNBF16(alpha float32, a []BF16, lda int, x, y []float32) {
	if !useAVX2 || len(x) < 8 {
		portableGemvNBF16(alpha, a, lda, x, y)
		return
	}
	gemvNBF16AVX2(len(y), len(x), alpha, (*uint16)(unsafe.SliceData(a)), lda, unsafe.SliceData(x), unsafe.SliceData(y))
}

// gemvT takes rows in groups of four. Portable code takes the last rows.
func gemvT[T Float](alpha T, a []T, lda int, x, y []T) {
	m := len(x) &^ 3
	if !useAVX2 || m == 0 {
		portableGemvT(alpha, a, lda, x, y)
		return
	}
	if unsafe.Sizeof(alpha) == 4 {
		gemvTF32AVX2(m, len(y), float32(alpha), first[float32](a), lda, first[float32](x), first[float32](y))
	} else {
		gemvTF64AVX2(m, len(y), float64(alpha), first[float64](a), lda, first[float64](x), first[float64](y))
	}
	if m < len(x) {
		portableGemvT(alpha, a[m*lda:], lda, x[m:], y)
	}
}

func ger[T Float](alpha T, x, y, a []T, lda int) {
	m, n := len(x), len(y)
	switch {
	case !useAVX2:
		portableGer(alpha, x, y, a, lda)
	case unsafe.Sizeof(alpha) == 4:
		gerF32AVX2(m, n, float32(alpha), first[float32](x), first[float32](y), first[float32](a), lda)
	default:
		gerF64AVX2(m, n, float64(alpha), first[float64](x), first[float64](y), first[float64](a), lda)
	}
}
