package simd

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func needParts(t *testing.T) {
	t.Helper()
	if !HasPartProducts() {
		t.Skip("no tiles of bfloat16")
	}
}

// band holds the lines of an operand, one after the other, and their packed parts.
type band struct {
	lines, k int
	at       [][]float32
	packed   []float32
	extent   Extent
}

// newBand packs numbers that f returns. NaN fill the gaps between the numbers and the destination.
func newBand(r *rand.Rand, lines, k int, columns, ofB bool, f func() float32) *band {
	b := &band{lines: lines, k: k, extent: NewExtent()}
	rows, cols := lines, k
	if columns {
		rows, cols = k, lines
	}
	stride := cols + r.IntN(3)
	src := slices.Repeat([]float32{float32(math.NaN())}, (rows-1)*stride+cols)
	b.at = make([][]float32, lines)
	for i := range lines {
		b.at[i] = make([]float32, k)
		for p := range k {
			b.at[i][p] = f()
			at := i*stride + p
			if columns {
				at = p*stride + i
			}
			src[at] = b.at[i][p]
		}
	}
	for p := 0; p < k; p += PartsDepth {
		from := p
		if columns {
			from = p * stride
		}
		piece := slices.Repeat([]float32{float32(math.NaN())}, PartsLines*PartsWords)
		PackParts(piece, src[from:], stride, lines, min(PartsDepth, k-p), columns, ofB, &b.extent)
		b.packed = append(b.packed, piece...)
	}
	return b
}

// part returns a part of the number at line i and step p, which may be outside the band.
func (b *band) part(part, i, p int, ofB bool) float32 {
	tile := b.packed[p/PartsDepth*PartsLines*PartsWords+part*partWords+i/partsTile*tileWords:]
	line, pair := i%partsTile, p%PartsDepth/2
	if ofB {
		line, pair = pair, line
	}
	return math.Float32frombits(math.Float32bits(tile[line*partsTile+pair]) >> (16 * (p % 2)) << 16)
}

// anySize returns numbers of all magnitudes whose parts are exact.
func anySize(r *rand.Rand) func() float32 {
	return func() float32 { return float32(math.Ldexp(2*r.Float64()-1, r.IntN(220)-93)) }
}

// TestPackParts compares each number with the sum of its parts, and each part with the remainder that it rounds.
func TestPackParts(t *testing.T) {
	needParts(t)
	r := rand.New(rand.NewPCG(1, 2))
	for option := range 4 {
		columns, ofB := option&1 != 0, option&2 != 0
		for lines := 1; lines <= PartsLines; lines++ {
			for k := 1; k <= PartsDepth; k++ {
				b := newBand(r, lines, k, columns, ofB, anySize(r))
				least, most := math.Inf(1), 0.0
				for i := range (lines + partsTile - 1) / partsTile * partsTile {
					for p := range PartsDepth {
						left := float32(0)
						if i < lines && p < k {
							left = b.at[i][p]
							most = max(most, math.Abs(float64(left)))
							if left != 0 {
								least = min(least, math.Abs(float64(left)))
							}
						}
						for part := range 3 {
							v := b.part(part, i, p, ofB)
							if math.Abs(float64(left-v)) > 0x1p-8*math.Abs(float64(left)) {
								t.Fatalf("columns %v, of B %v, %d × %d: part %d of (%d, %d) is %g, for %g", columns, ofB, lines, k, part, i, p, v, left)
							}
							left -= v
						}
						if left != 0 {
							t.Fatalf("columns %v, of B %v, %d × %d: (%d, %d) leaves %g", columns, ofB, lines, k, i, p, left)
						}
					}
				}
				e := b.extent.Exponents()
				if math.Ldexp(1, e.Most) > most || most >= math.Ldexp(1, e.Most+1) || math.Ldexp(1, e.Least) > least || least > math.Ldexp(1, e.Least+1) {
					t.Fatalf("exponents %+v for numbers from %g to %g", e, least, most)
				}
			}
		}
	}
}

func TestExponentsOfSpecialNumbers(t *testing.T) {
	needParts(t)
	r := rand.New(rand.NewPCG(3, 4))
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		x    float32
		want Exponents
	}{
		{0, Exponents{384, -127}}, {-1.5, Exponents{0, 0}}, {inf, Exponents{127, 128}}, {-inf, Exponents{127, 128}},
		{float32(math.NaN()), Exponents{128, 128}}, {math.MaxFloat32, Exponents{127, 127}}, {0x1.8p-140, Exponents{-127, -127}},
	} {
		e := newBand(r, 1, 1, false, false, func() float32 { return c.x }).extent
		if got := e.Exponents(); got != c.want {
			t.Errorf("the exponents of %v are %+v, want %+v", c.x, got, c.want)
		}
	}
}

// parts is a product of some strips of rows with a panel.
type parts struct {
	a      []*band
	b      *band
	strips int
	block  Block[float32]
	memory []float32 // C with 20 elements before it and 20 after it
}

func newParts(r *rand.Rand, strips, rows, cols, k int, f, g func() float32) *parts {
	p := &parts{b: newBand(r, cols, k, r.IntN(2) == 0, true, g), strips: strips}
	p.block = Block[float32]{K: (k + PartsDepth - 1) / PartsDepth * PartsWords, B: p.b.packed, CRow: cols + r.IntN(3), Alpha: 1}
	p.block.AStrip = p.block.K * PartsLines
	for range strips {
		p.a = append(p.a, newBand(r, rows, k, r.IntN(2) == 0, false, f))
		p.block.A = append(p.block.A, p.a[len(p.a)-1].packed...)
	}
	p.memory = wholeNumbers[float32](r, (strips*rows-1)*p.block.CRow+cols+40)
	end := len(p.memory) - 20
	p.block.C = p.memory[20:end:end]
	return p
}

// check compares C with sums in float64, within units·2⁻²⁴ times the sum of the magnitudes of their terms. It also checks the memory
// around C.
func (p *parts) check(t *testing.T, units float64) {
	t.Helper()
	rows, cols := p.a[0].lines, p.b.lines
	before := slices.Clone(p.memory)
	if p.block.Beta == 0 {
		p.block.C[0] = float32(math.NaN())
	}
	MultiplyParts(&p.block, p.strips, rows, cols)
	for at, got := range p.memory {
		i, j := (at-20)/p.block.CRow, (at-20)%p.block.CRow
		if at < 20 || i >= p.strips*rows || j >= cols {
			if got != before[at] {
				t.Fatalf("%d strips of %d × %d: element %d beside C is %v", p.strips, rows, cols, at, got)
			}
			continue
		}
		want := float64(p.block.Beta) * float64(before[at])
		size := math.Abs(want)
		for l, b := range p.b.at[j] {
			term := float64(p.block.Alpha) * float64(p.a[i/rows].at[i%rows][l]) * float64(b)
			want, size = want+term, size+math.Abs(term)
		}
		if e := math.Abs(float64(got) - want); !(e <= units*0x1p-24*size) {
			t.Fatalf("%d strips of %d × %d × %d, α = %v, β = %v: element (%d, %d) is %v, want %v, %.2f units", p.strips, rows, cols, p.b.k,
				p.block.Alpha, p.block.Beta, i, j, got, want, e/size*0x1p24)
		}
	}
}

// TestMultiplyPartsIsExact multiplies whole numbers that have two parts or three, with sums that float32 holds.
func TestMultiplyPartsIsExact(t *testing.T) {
	needParts(t)
	r := rand.New(rand.NewPCG(5, 6))
	upTo := func(n int) func() float32 { return func() float32 { return float32(r.IntN(2*n+1) - n) } }
	for rows := 1; rows <= PartsLines; rows++ {
		for cols := 1; cols <= PartsLines; cols++ {
			for _, n := range [][2]int{{300, 300}, {1 << 17, 1}, {1, 1 << 17}} {
				p := newParts(r, 1+r.IntN(3), rows, cols, 1+r.IntN(70), upTo(n[0]), upTo(n[1]))
				if r.IntN(2) == 0 {
					p.block.Alpha, p.block.Beta = float32(r.IntN(3)-1), float32(r.IntN(3)-1)
				}
				p.check(t, 0)
			}
		}
	}
}

// TestMultiplyPartsRounds: the error of a product of two numbers is little more than half a unit, which needs all six products of parts.
// The error of a sum is no larger than the error of a sum of float32 products.
func TestMultiplyPartsRounds(t *testing.T) {
	needParts(t)
	r := rand.New(rand.NewPCG(7, 8))
	random := func() float32 { return r.Float32() + 1 }
	for range 20 {
		newParts(r, 2, PartsLines, PartsLines, 1, random, random).check(t, 1.6)
		newParts(r, 1, PartsLines, PartsLines, 64, random, random).check(t, 8)
		newParts(r, 1, PartsLines, PartsLines, 320, random, random).check(t, 16)
	}
}

// TestPartsOfOne: 1·x and x·1 are x, for all x whose exponents suit.
func TestPartsOfOne(t *testing.T) {
	needParts(t)
	r := rand.New(rand.NewPCG(9, 10))
	one := func() float32 { return 1 }
	for range 20 {
		newParts(r, 1, PartsLines, PartsLines, 1, one, anySize(r)).check(t, 0)
		newParts(r, 1, PartsLines, PartsLines, 1, anySize(r), one).check(t, 0)
	}
}

// TestSuit multiplies numbers at the bounds of Suit. Their products are as exact as products of other numbers.
func TestSuit(t *testing.T) {
	needParts(t)
	r := rand.New(rand.NewPCG(11, 12))
	for a := -103; a <= 126; a += 3 {
		for _, b := range []int{-103, -96 - a, 40, 125 - a, 126 - a, 126} {
			at := Exponents{a, a}
			suits := at.Suit(Exponents{b, b}, 1)
			want := b >= -103 && b <= 126 && a+b >= -96 && a+b <= 125
			if suits != want {
				t.Errorf("2^%d and 2^%d suit: %v, want %v", a, b, suits, want)
			}
			if suits {
				newParts(r, 1, 16, 16, 1, func() float32 { return float32(math.Ldexp(1+r.Float64(), a)) },
					func() float32 { return float32(math.Ldexp(1+r.Float64(), b)) }).check(t, 1.6)
			}
		}
	}
	for _, c := range []struct {
		a, b Exponents
		k    int
		want bool
	}{
		{Exponents{0, 127}, Exponents{0, 0}, 1, false}, // rounds to an infinity
		{Exponents{0, 0}, Exponents{0, 128}, 1, false},
		{Exponents{0, 60}, Exponents{0, 60}, 16, true},
		{Exponents{0, 60}, Exponents{0, 60}, 64, false},
		{Exponents{-104, 0}, Exponents{100, 100}, 1, false},
		{Exponents{384, -127}, Exponents{384, -127}, 1 << 20, true}, // zeros
	} {
		if got := c.a.Suit(c.b, c.k); got != c.want {
			t.Errorf("%+v and %+v suit for %d: %v, want %v", c.a, c.b, c.k, got, c.want)
		}
	}
}

// BenchmarkMultiplyParts counts operations on numbers, not on their parts.
func BenchmarkMultiplyParts(b *testing.B) {
	if !HasPartProducts() {
		b.Skip("no tiles of bfloat16")
	}
	r := rand.New(rand.NewPCG(13, 14))
	const k = 512
	p := newParts(r, 8, PartsLines, PartsLines, k, r.Float32, r.Float32)
	for b.Loop() {
		MultiplyParts(&p.block, 8, PartsLines, PartsLines)
	}
	b.ReportMetric(float64(2*8*k*PartsLines*PartsLines)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
}
