//go:build !purego && !noasm

package simd

import "unsafe"

// vectorBlock returns the shape of the largest block that vector registers hold, 0 if there is no vector code.
func vectorBlock[T Float]() (rows, cols int) {
	size := int(unsafe.Sizeof(T(0)))
	switch {
	case useAVX512:
		return 8, 3 * 64 / size
	case useAVX2 && size == 4:
		return 6, 2 * 32 / size
	case useAVX2:
		return 4, 3 * 32 / size
	default:
		return 0, 0
	}
}

// vectorLanes returns the number of elements in a vector register, 0 if there is no vector code.
func vectorLanes[T Float]() int {
	size := int(unsafe.Sizeof(T(0)))
	switch {
	case useAVX512:
		return 64 / size
	case useAVX2:
		return 32 / size
	default:
		return 0
	}
}

// vectorMultiply does what Multiply does and returns true, if there is vector code.
func (b *Block[T]) vectorMultiply(strips, rows, cols int) bool {
	switch b := any(b).(type) {
	case *Block[float32]:
		if useAVX512 {
			multiplyF32AVX512(b, rows, b.prepare(strips, cols, 16))
			return true
		}
		if useAVX2 {
			multiplyF32AVX2(b, rows, b.prepare(strips, cols, 8))
			return true
		}
	case *Block[float64]:
		if useAVX512 {
			multiplyF64AVX512(b, rows, b.prepare(strips, cols, 8))
			return true
		}
		if useAVX2 {
			multiplyF64AVX2(b, rows, b.prepare(strips, cols, 4))
			return true
		}
	}
	return false
}

// prepare sets the unexported fields, which the kernels read, and returns the number of registers for a row of the block. Operands count as
// packed if strips and panels are as wide as the largest block, strips are padded to whole vectors of AVX2, and K allows one round of four
// steps for each line of C, and one more, before the masked steps.
func (b *Block[T]) prepare(strips, cols, lanes int) (vectors int) {
	b.strips = strips
	vectors = (cols + lanes - 1) / lanes
	beyond := vectors*lanes - cols
	b.last = lanes - beyond
	b.masked = 0
	for ; beyond > 0 && b.masked < b.K; beyond -= b.BStep {
		b.masked++
	}
	b.packed = 0
	rows, width := vectorBlock[T]()
	if pad := Pad[T](); b.ARow == 1 && b.AStep == (rows+pad-1)/pad*pad && b.BStep == width && b.K-b.masked >= 4*(8*3+1) {
		b.packed = 1
	}
	return vectors
}

// vectorTranspose transposes the first columns of src and returns their number: 0 if there is no vector code or too few columns.
// The last columns may be transposed a second time.
func vectorTranspose[T Float](dst []T, to int, src []T, from, rows, k int) int {
	size := int(unsafe.Sizeof(T(0)))
	lanes, columns := 32/size, 16/size
	if !useAVX2 || k < columns || rows == 0 {
		return 0
	}
	_, _ = src[(rows-1)*from+k-1], dst[(k-1)*to+(rows+lanes-1)/lanes*lanes-1]
	transpose := func(p, k int) {
		i := 0
		for ; useAVX512 && i+2*lanes <= rows; i += 2 * lanes {
			switch d := any(&dst[p*to+i]).(type) {
			case *float32:
				transposeF32AVX512(d, to*size, any(&src[i*from+p]).(*float32), from*size, k)
			case *float64:
				transposeF64AVX512(d, to*size, any(&src[i*from+p]).(*float64), from*size, k)
			}
		}
		for ; i < rows; i += lanes {
			switch d := any(&dst[p*to+i]).(type) {
			case *float32:
				transposeF32AVX2(d, to*size, any(&src[i*from+p]).(*float32), from*size, min(lanes, rows-i), k)
			case *float64:
				transposeF64AVX2(d, to*size, any(&src[i*from+p]).(*float64), from*size, min(lanes, rows-i), k)
			}
		}
	}
	transpose(0, k/columns*columns)
	if k%columns > 0 {
		transpose(k-columns, columns)
	}
	return k
}

// vectorCopyBands does what CopyBands does and returns true, if there is vector code.
func vectorCopyBands[T Float](dst []T, to, band int, src []T, from, cols, bands, k int) bool {
	if !useAVX2 || cols == 0 || bands == 0 || k == 0 {
		return false
	}
	size, pad := int(unsafe.Sizeof(T(0))), Pad[T]()
	_, _ = src[(k-1)*from+bands*cols-1], dst[(bands-1)*band+(k-1)*to+(cols+pad-1)/pad*pad-1]
	copy32, copy64 := copyBandsF32AVX2, copyBandsF64AVX2
	if useAVX512 {
		copy32, copy64 = copyBandsF32AVX512, copyBandsF64AVX512
	}
	switch d := any(&dst[0]).(type) {
	case *float32:
		copy32(d, to*size, band*size, any(&src[0]).(*float32), from*size, cols, bands, k)
	case *float64:
		copy64(d, to*size, band*size, any(&src[0]).(*float64), from*size, cols, bands, k)
	}
	return true
}
