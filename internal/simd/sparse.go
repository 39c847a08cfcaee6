package simd

import "slices"

//go:generate go run -C _asm ./sparse -dir ..

// GatherDot returns Σₖ values[k]·x[columns[k]]. The products of each group of four entries go to the sums s₀ … s₃; the last
// entries, if fewer than four, all go to s₀. The result is (s₀ + s₁) + (s₂ + s₃).
func GatherDot[T Float](columns []uint32, values, x []T) T {
	columns = columns[:len(values)]
	var s [4]T
	done := vectorGatherDot(&s, columns, values, x)
	columns, values = columns[done:], values[done:]
	s0, s1, s2, s3 := s[0], s[1], s[2], s[3]
	for len(values) >= 4 && len(columns) >= 4 {
		s0 += T(values[0] * x[columns[0]])
		s1 += T(values[1] * x[columns[1]])
		s2 += T(values[2] * x[columns[2]])
		s3 += T(values[3] * x[columns[3]])
		columns, values = columns[4:], values[4:]
	}
	for k, v := range values {
		s0 += T(v * x[columns[k]])
	}
	return (s0 + s1) + (s2 + s3)
}

// GatherDots stores in dst the products of consecutive sparse rows with x, as GatherDot computes them: row i has the entries from pointers[i] to
// below pointers[i+1].
func GatherDots[T Float](dst []T, pointers []int, columns []uint32, values, x []T) {
	pointers, columns, values = pointers[:len(dst)+1:len(pointers)], slices.Clip(columns), slices.Clip(values)
	for i := 0; i < len(dst); i++ {
		if i += vectorGatherDots(dst[i:], pointers[i:], columns, values, x); i < len(dst) {
			lo, hi := pointers[i], pointers[i+1]
			dst[i] = GatherDot(columns[lo:hi], values[lo:hi], x)
		}
	}
}

// ScatterAxpys adds s[i] times row i to y, in the order of i, for the rows of GatherDots. A row whose s[i] is 0 is left out.
func ScatterAxpys[T Float](s []T, pointers []int, columns []uint32, values, y []T) {
	pointers, columns, values = pointers[:len(s)+1:len(pointers)], slices.Clip(columns), slices.Clip(values)
	for i := 0; i < len(s); i++ {
		if i += vectorScatterAxpys(s[i:], pointers[i:], columns, values, y); i < len(s) && s[i] != 0 {
			lo, hi := pointers[i], pointers[i+1]
			ScatterAxpy(s[i], columns[lo:hi], values[lo:hi], y)
		}
	}
}

// ScatterAxpy adds s·values[k] to y[columns[k]], in the order of k.
func ScatterAxpy[T Float](s T, columns []uint32, values, y []T) {
	columns = columns[:len(values)]
	done := vectorScatterAxpy(s, columns, values, y)
	columns, values = columns[done:], values[done:]
	for k, v := range values {
		y[columns[k]] += T(s * v)
	}
}
