package simd

// SquareLines and SquareDepth are the most lines and columns of a square.
const (
	SquareLines = 16
	SquareDepth = 32
)

// PackSquare rounds a square of k columns to bfloat16 and packs it in words, which are pairs of columns. Subnormal numbers become 0, and so
// do columns after the last. Element p of line i is
//
//	src[i*from+p]    if byRow is set
//	src[p*from+i]    otherwise
//
// and word p of line i goes to
//
//	dst[i*to+p]    for all p < 16, if byLine is set
//	dst[p*to+i]    for p < words, otherwise
func PackSquare(dst []float32, to int, src []float32, from, lines, k, words int, byRow, byLine bool) {
	if lines == 0 || k == 0 || words == 0 {
		return
	}
	words = min(words, SquareDepth/2)
	if byLine {
		_ = dst[(lines-1)*to+SquareDepth/2-1]
	} else {
		_ = dst[(words-1)*to+lines-1]
	}
	if byRow {
		_ = src[(lines-1)*from+k-1]
	} else {
		_ = src[(k-1)*from+lines-1]
	}
	if !hasBF16Products() {
		packSquare(dst, to, src, from, lines, k, words, byRow, byLine)
		return
	}
	if k < SquareDepth {
		var whole [SquareLines * SquareDepth]float32
		if byRow {
			for i := range lines {
				copy(whole[i*SquareDepth:][:k], src[i*from:])
			}
			from = SquareDepth
		} else {
			for p := range k {
				copy(whole[p*SquareLines:][:lines], src[p*from:])
			}
			from = SquareLines
		}
		src = whole[:]
	}
	vectorPackSquare(dst, to, src, from, lines, words, byRow, byLine)
}

// packSquare is PackSquare word by word.
func packSquare(dst []float32, to int, src []float32, from, lines, k, words int, byRow, byLine bool) {
	row, col, line, word := from, 1, 1, to
	if !byRow {
		row, col = 1, from
	}
	if byLine {
		line, word, words = to, 1, SquareDepth/2
	}
	for i := range lines {
		for w := range words {
			var halves [2]BF16
			for h := range halves {
				if p := 2*w + h; p < k {
					halves[h] = narrowed(src[i*row+p*col])
				}
			}
			dst[i*line+w*word] = pair(halves[0], halves[1])
		}
	}
}
