package simd

import "math"

// Edge is the number of rows and columns of the blocks into which matrices are cut for products that stay in tiles.
//
// A matrix is stored in steps of 32 × 32 bfloat16. A step is two tiles of 16 × 16 words; a word is a pair of bfloat16. The left operand
// of a product is a list of strips of 32 rows, the right operand a list of panels of 32 columns:
//
//	strip: step s holds columns 32s … 32s+31      panel: step s holds rows 32s … 32s+31
//
//	        step 0   step 1                                 tile 0  tile 1
//	tile 0 ┌────────┬────────┬──                    step 0 ┌───────┬───────┐
//	       ├────────┼────────┼──                           ├───────┼───────┤
//	tile 1 └────────┴────────┴──                    step 1 └───────┴───────┘
//
//	word (i, p) of tile h: columns 2p and 2p+1      word (p, j) of tile h: rows 2p and 2p+1
//	of row 16h+i                                    of column 16h+j
//
// So a strip is the panel of the transposed matrix, with the words of each tile transposed.
const Edge = 32

// StepBF16 is the number of elements of a step.
const StepBF16 = Edge * Edge

const (
	rowWords = 16           // a row of a tile, and the number of its rows
	tileBF16 = StepBF16 / 2 // elements
	rowBF16  = 2 * rowWords // elements of a row
)

// HasTiles reports whether the processor multiplies tiles. Without tiles, MultiplyPanels and the functions around it do not pay.
func HasTiles() bool { return hasTiles() }

// MultiplyPanels multiplies a strip A by each of count panels of B. It sets block j of C, 32 × 32 float32, to the product with panel j,
// or adds the product if add is set. Block j begins at c[j*next], with rows row apart; panel j begins at b[j*panel] and has as many
// steps as A. The rounding is that of MultiplyBF16.
func MultiplyPanels(c []float32, row, next int, a, b []BF16, panel, count int, add bool) {
	if count == 0 || len(a) == 0 {
		return
	}
	_, _ = c[(count-1)*next+(Edge-1)*row+Edge-1], b[(count-1)*panel+len(a)-1]
	if hasTiles() {
		vectorMultiplyPanels(c, row, next, a, b, panel, count, add)
		return
	}
	for j := range count {
		for at := range StepBF16 {
			i, k := at/Edge, at%Edge
			var sum float32
			if e := c[j*next+i*row+k]; add {
				sum = e
			}
			for s := 0; s < len(a); s += StepBF16 {
				for p := range rowBF16 {
					sum += float32(widened(a[s+lineAt(i, p)]) * widened(b[j*panel+s+pairAt(p, k)]))
				}
			}
			c[j*next+i*row+k] = sum
		}
	}
}

// PackPanels scales 32 rows of src, row apart, rounds them to bfloat16 and stores them as one step of each of count panels. The step of
// panel j begins at dst[j*panel]. Denormal numbers become 0.
func PackPanels(dst []BF16, panel int, src []float32, row, count int, scale float32) {
	if count == 0 {
		return
	}
	_, _ = dst[(count-1)*panel+StepBF16-1], src[(Edge-1)*row+count*Edge-1]
	if hasTiles() {
		vectorPackPanels(dst, panel, src, row, count, scale)
		return
	}
	for j := range count {
		for at := range StepBF16 {
			i, k := at/Edge, at%Edge
			dst[j*panel+pairAt(i, k)] = narrowed(scale * src[i*row+j*Edge+k])
		}
	}
}

// PackStrip scales 32 rows of src, row apart, in place, stores them in the strip dst, rounded as PackPanels rounds, and then multiplies
// the rows of src by after.
func PackStrip(dst []BF16, src []float32, row int, scale, after float32) {
	count := len(dst) / StepBF16
	if count == 0 {
		return
	}
	_ = src[(Edge-1)*row+count*Edge-1]
	if hasTiles() {
		vectorPackStrip(dst, src, row, count, scale, after)
		return
	}
	for j := range count {
		for at := range StepBF16 {
			i, k := at/Edge, at%Edge
			e := &src[i*row+j*Edge+k]
			*e *= scale
			dst[j*StepBF16+lineAt(i, k)] = narrowed(*e)
			*e *= after
		}
	}
}

// TransposeTiles sets the tiles of dst to those of src, with rows and columns of words exchanged.
func TransposeTiles(dst, src []BF16) {
	dst = dst[:len(src)]
	if len(src) > 0 && hasTiles() {
		vectorTransposeTiles(dst, src)
		return
	}
	for at := range src {
		tile, word, half := at/tileBF16*tileBF16, at%tileBF16/2, at%2
		dst[tile+word%rowWords*rowBF16+word/rowWords*2+half] = src[at]
	}
}

// CopyTransposed sets dst[j*to+i] = src[i*from+j] for i < rows and j < cols.
func CopyTransposed(dst []float32, to int, src []float32, from, rows, cols int) {
	whole := vectorCopyTransposed(dst, to, src, from, rows, cols)
	for i := range rows {
		done := 0
		if i < whole {
			done = cols / rowWords * rowWords
		}
		for j, v := range src[i*from:][:cols][done:] {
			dst[(done+j)*to+i] = v
		}
	}
}

// SumPanels sets a block s of a symmetric matrix to αs + βu and packs it as a step of the panel of its columns. Unless mirror is nil, it
// packs the transposed block as a step of the panel of its rows too. The rows of s and u are contiguous. u may be s.
func SumPanels(panel, mirror []BF16, s []float32, alpha float32, u []float32, beta float32) {
	panel, s, u = panel[:StepBF16], s[:StepBF16], u[:StepBF16]
	if mirror != nil {
		mirror = mirror[:StepBF16]
	}
	if hasTiles() {
		vectorSumPanels(panel, mirror, s, alpha, u, beta)
		return
	}
	for at := range s {
		i, k := at/Edge, at%Edge
		s[at] = float32(alpha*s[at]) + float32(beta*u[at])
		panel[pairAt(i, k)] = narrowed(s[at])
		if mirror != nil {
			mirror[pairAt(k, i)] = narrowed(s[at])
		}
	}
}

// pairAt and lineAt return the offset of element (i, j) of a step in a panel and in a strip.
func pairAt(i, j int) int { return j/rowWords*tileBF16 + i/2*rowBF16 + j%rowWords*2 + i%2 }
func lineAt(i, j int) int { return i*rowBF16 + j }

func widened(v BF16) float32 { return math.Float32frombits(uint32(v) << 16) }

// narrowed returns v rounded to bfloat16, or a 0 of the same sign if v is denormal.
func narrowed(v float32) BF16 {
	const smallest = 0x1p-126
	var to [1]BF16
	if -smallest < v && v < smallest {
		v *= 0
	}
	RoundBF16(to[:], []float32{v})
	return to[0]
}
