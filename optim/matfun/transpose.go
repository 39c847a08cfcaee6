package matfun

import "steepest/internal/simd"

// transposed sets dst to the transpose of the rows × cols matrix src.
func transposed[T simd.Float](dst []T, to int, src []T, from, rows, cols int) {
	const size = 64 // a multiple of simd.Pad
	whole := rows - rows%simd.Pad[T]()
	for i := 0; i < whole; i += size {
		for j := 0; j < cols; j += size {
			simd.Transpose(dst[j*to+i:], to, src[i*from+j:], from, min(size, whole-i), min(size, cols-j))
		}
	}
	for i := whole; i < rows; i++ {
		for j, v := range src[i*from:][:cols] {
			dst[j*to+i] = v
		}
	}
}
