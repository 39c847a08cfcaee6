package simd

//go:generate go run -C _asm ./sparse -dir ..

// A sparse row is a list of columns and a list of as many values, in any order; a column that comes twice counts twice.
// The kernels below panic, as an index expression does, when a column is not less than the length of the vector: vector
// code tests each column before it reads or writes, so that no matrix, however wrong, reaches memory that is not its own.

// GatherDot returns Σₖ values[k]·x[columns[k]]. The products of each four entries go to four sums s₀ … s₃, those of the
// last entries, when they are less than four, to s₀; the result is (s₀ + s₁) + (s₂ + s₃).
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

// ScatterAxpy adds s·values[k] to y[columns[k]], for one k after the other.
func ScatterAxpy[T Float](s T, columns []uint32, values, y []T) {
	columns = columns[:len(values)]
	done := vectorScatterAxpy(s, columns, values, y)
	columns, values = columns[done:], values[done:]
	for k, v := range values {
		y[columns[k]] += T(s * v)
	}
}
