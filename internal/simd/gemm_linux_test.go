package simd

import "testing"

// TestBlockStaysInside runs every kernel on operands that begin or end at a forbidden page.
func TestBlockStaysInside(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		blockStaysInside[float32](t)
		blockStaysInside[float64](t)
	})
}

func blockStaysInside[T Float](t *testing.T) {
	const k = 6
	maxRows, maxCols := BlockShape[T]()
	for _, atEnd := range []bool{false, true} {
		a, b, c := guarded[T](t, maxRows*k, atEnd), guarded[T](t, maxCols*k, atEnd), guarded[T](t, maxRows*maxCols, atEnd)
		for rows := 1; rows <= maxRows; rows++ {
			for cols := 1; cols <= maxCols; cols++ {
				block := Block[T]{K: k, A: part(a, rows*k, atEnd), ARow: k, AStep: 1, B: part(b, cols*k, atEnd), BStep: cols,
					C: part(c, rows*cols, atEnd), CRow: cols, Alpha: 1, Beta: 1}
				block.Multiply(1, rows, cols)
				block.ARow, block.AStep = 1, rows
				block.Multiply(1, rows, cols)
			}
		}
	}
}

// TestBlockBF16StaysInside is TestBlockStaysInside for pairs of bfloat16.
func TestBlockBF16StaysInside(t *testing.T) {
	eachBF16(t, func(t *testing.T, maxRows, maxCols, step int) {
		k := 2 * step
		for _, atEnd := range []bool{false, true} {
			a, b, c := guarded[float32](t, maxRows*k, atEnd), guarded[float32](t, maxCols*k, atEnd), guarded[float32](t, maxRows*maxCols, atEnd)
			for rows := 1; rows <= maxRows; rows++ {
				for cols := 1; cols <= maxCols; cols++ {
					for beta := range 2 {
						MultiplyBF16(&Block[float32]{K: k, A: part(a, rows*k, atEnd), ARow: k, AStep: 1, B: part(b, cols*k, atEnd), BStep: cols,
							C: part(c, rows*cols, atEnd), CRow: cols, Alpha: 1, Beta: float32(beta)}, 1, rows, cols)
					}
				}
			}
		}
	})
}

// part returns the n elements of v that lie next to the guard page.
func part[T any](v []T, n int, atEnd bool) []T {
	if atEnd {
		return v[len(v)-n:]
	}
	return v[:n:n]
}

func TestPackingStaysInside(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		packingStaysInside[float32](t)
		packingStaysInside[float64](t)
	})
}

func packingStaysInside[T Float](t *testing.T) {
	const most = 19
	pad := Pad[T]()
	for _, atEnd := range []bool{false, true} {
		src, dst := guarded[T](t, most*most, atEnd), guarded[T](t, most*(most+pad), atEnd)
		for n := 1; n <= most; n++ {
			for k := 1; k <= most; k++ {
				to := (n + pad - 1) / pad * pad
				Transpose(part(dst, k*to, atEnd), to, part(src, n*k, atEnd), k, n, k)
				CopyBands(part(dst, k*to, atEnd), to, 0, part(src, n*k, atEnd), n, n, 1, k)
			}
		}
	}
}

// TestPartsStayInside is TestBlockStaysInside for parts and their packing.
func TestPartsStayInside(t *testing.T) {
	needParts(t)
	for _, atEnd := range []bool{false, true} {
		src, c := guarded[float32](t, PartsLines*PartsDepth, atEnd), guarded[float32](t, PartsLines*PartsLines, atEnd)
		a, b := guarded[float32](t, PartsLines*PartsWords, atEnd), guarded[float32](t, PartsLines*PartsWords, atEnd)
		for lines := 1; lines <= PartsLines; lines++ {
			for n := 1; n <= PartsLines; n++ {
				e := NewExtent()
				PackParts(a, part(src, lines*n, atEnd), n, lines, n, false, false, &e)
				PackParts(b, part(src, lines*n, atEnd), lines, lines, n, true, true, &e)
				for beta := range 2 {
					MultiplyParts(&Block[float32]{K: PartsWords, A: a, AStrip: PartsLines * PartsWords, B: b,
						C: part(c, lines*n, atEnd), CRow: n, Alpha: 1, Beta: float32(beta)}, 1, lines, n)
				}
			}
		}
	}
}

// TestSquareStaysInside packs squares of all sizes that begin or end at a forbidden page, and rounds blocks and adds rows of all sizes there.
func TestSquareStaysInside(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		squareStaysInside[float32](t)
		squareStaysInside[BF16](t)
		for _, atEnd := range []bool{false, true} {
			src, bias, dst := guarded[float32](t, 3*100, atEnd), guarded[float32](t, 100, atEnd), guarded[BF16](t, 3*100, atEnd)
			for cols := 1; cols <= 100; cols++ {
				RoundBlockBF16(part(dst, 3*cols, atEnd), cols, part(src, 3*cols, atEnd), cols, 3, cols, part(bias, cols, atEnd))
				AddRowsBF16(part(bias, cols, atEnd), part(dst, 3*cols, atEnd), cols, 3)
			}
		}
	})
}

func squareStaysInside[E float32 | BF16](t *testing.T) {
	const words = SquareDepth / 2
	for _, atEnd := range []bool{false, true} {
		src, dst := guarded[E](t, SquareLines*SquareDepth, atEnd), guarded[float32](t, SquareLines*words, atEnd)
		for lines := 1; lines <= SquareLines; lines++ {
			for k := 1; k <= SquareDepth; k++ {
				for _, byRow := range []bool{false, true} {
					from := lines
					if byRow {
						from = k
					}
					PackSquare(part(dst, lines*words, atEnd), words, part(src, lines*k, atEnd), from, lines, k, words, byRow, true)
					PackSquare(part(dst, lines*((k+1)/2), atEnd), lines, part(src, lines*k, atEnd), from, lines, k, (k+1)/2, byRow, false)
				}
			}
		}
	}
}
