package simd

// SquareLines and SquareDepth are the most lines and columns of a square.
const (
	SquareLines = 16
	SquareDepth = 32
)

// PackSquare rounds a square of k columns to bfloat16, if it is not in bfloat16 already, and packs it in words, which are pairs of columns. Columns
// after the last are 0, and so are subnormal numbers of float32. Element p of line i is
//
//	src[i*from+p]    if byRow is set
//	src[p*from+i]    otherwise
//
// and word p of line i goes to
//
//	dst[i*to+p]    for all p < 16, if byLine is set
//	dst[p*to+i]    for p < words, otherwise
func PackSquare[E float32 | BF16](dst []float32, to int, src []E, from, lines, k, words int, byRow, byLine bool) {
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
		var whole [SquareLines * SquareDepth]E
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
func packSquare[E float32 | BF16](dst []float32, to int, src []E, from, lines, k, words int, byRow, byLine bool) {
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
					halves[h] = asBF16(src[i*row+p*col])
				}
			}
			dst[i*line+w*word] = pair(halves[0], halves[1])
		}
	}
}

// asBF16 returns v rounded to bfloat16 by narrowed, or v itself if it is a bfloat16.
func asBF16[E float32 | BF16](v E) BF16 {
	if v, ok := any(v).(float32); ok {
		return narrowed(v)
	}
	return BF16(v)
}

// RoundBlockBF16 adds a bias to a block of rows × cols elements and rounds it to bfloat16: dst[i*to+j] ← src[i*from+j] + bias[j]. Subnormal
// results become 0.
func RoundBlockBF16(dst []BF16, to int, src []float32, from, rows, cols int, bias []float32) {
	if rows == 0 || cols == 0 {
		return
	}
	_, _, _ = dst[(rows-1)*to+cols-1], src[(rows-1)*from+cols-1], bias[cols-1]
	if hasBF16Products() {
		for j := 0; j < cols; j += blockCols {
			vectorRoundBlock(dst[j:], to, src[j:], from, rows, min(blockCols, cols-j), bias[j:])
		}
		return
	}
	for i := range rows {
		for j, b := range bias[:cols] {
			dst[i*to+j] = narrowed(src[i*from+j] + b)
		}
	}
}

// blockCols is the most columns that vectorRoundBlock takes.
const blockCols = 32
