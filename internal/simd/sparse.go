package simd

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

// ScatterAxpy adds s·values[k] to y[columns[k]], in the order of k.
func ScatterAxpy[T Float](s T, columns []uint32, values, y []T) {
	columns = columns[:len(values)]
	done := vectorScatterAxpy(s, columns, values, y)
	columns, values = columns[done:], values[done:]
	for k, v := range values {
		y[columns[k]] += T(s * v)
	}
}
