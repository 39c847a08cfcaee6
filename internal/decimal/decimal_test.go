package decimal

import (
	"math"
	"math/big"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"steepest/internal/mutate"
)

// notNumbers are texts that Go, Python or a spreadsheet accepts as numbers, but Parse does not.
var notNumbers = []string{
	"", " ", "+", "-", ".", "-.", "e5", ".e5", "1e", "1e+", "1e1.5", "1.2.3", "1,5", "1 000", " 1", "1 ", "--1", "+-1", "18_24", "1_0",
	"_1", "1_", "1e1_0", "0x1p-2", "0X1P4", "0x10", "0b1", "0o7", "1p4", "inf", "-Inf", "+inf", "infinity", "-Infinity", "nan", "NaN",
	"1f", "1d5", "1l", "½", "１", "1\x00", "\ufeff1", "1e５", "∞",
}

func TestParse(t *testing.T) {
	for _, text := range notNumbers {
		if v, ok := Parse(text); ok {
			t.Errorf("%q is %v", text, v)
		}
	}
	for text, want := range map[string]float64{
		"0": 0, "-0": math.Copysign(0, -1), "+1": 1, "1.": 1, ".5": 0.5, "-.5e-1": -0.05, "1E5": 1e5, "1e+5": 1e5, "007": 7,
		"1e400": math.Inf(1), "-1e400": math.Inf(-1), "1e-400": 0, "4.9e-324": 5e-324, "1e0000000001": 10,
		"9007199254740993": 9007199254740992,
	} {
		if v, ok := Parse(text); !ok || math.Float64bits(v) != math.Float64bits(want) {
			t.Errorf("%q is %v, %v, want %v", text, v, ok, want)
		}
		if _, ok := ParseFinite(text); ok != !math.IsInf(want, 0) {
			t.Errorf("%q is finite: %v", text, ok)
		}
	}
}

var grammar = regexp.MustCompile(`^[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?$`)

func FuzzParse(f *testing.F) {
	for _, text := range tricky() {
		f.Add(text)
	}
	f.Fuzz(check)
}

func TestParseMutations(t *testing.T) {
	mutate.Try(t, "internal/decimal/FuzzParse", tricky(), func(t *testing.T, text string, r *rand.Rand) {
		check(t, text)
		for range 3 {
			check(t, draw(r))
		}
	})
}

func tricky() []string {
	return slices.Concat(notNumbers, []string{"1", "-2.5e-3", "+.5", "5.", "1e400", "0.000000000000000000012345678901234567", "1e23", "8.5e22",
		"9007199254740993.0000000000000000000001", "2.2250738585072011e-308", "2.4703282292062327208e-324", "2.4703282292062327209e-324",
		"1.7976931348623158e308", "1.7976931348623159e308", "18446744073709551615e-27", "12345678901234567890.12345e-1", "0e99999", "1e-99999"})
}

// draw returns a number that is hard to read: halfway between two float64s or near to that, with many digits, or at the ends of the range.
func draw(r *rand.Rand) string {
	sign := []string{"", "-", "+"}[r.IntN(3)]
	x := math.Abs(math.Float64frombits(r.Uint64()))
	switch r.IntN(4) {
	case 0: // as in most files
		x = r.NormFloat64() * math.Pow10(r.IntN(12)-8)
	case 1: // subnormal
		x = math.Float64frombits(r.Uint64() >> (12 + r.IntN(50)))
	}
	if x != x || math.IsInf(x, 0) {
		x = math.MaxFloat64
	}
	switch r.IntN(5) {
	case 0:
		return strconv.FormatFloat(x, "eg"[r.IntN(2)], r.IntN(22)-1, 64)
	case 1: // halfway, in full or in part, or next to there
		next := math.Nextafter(x, 0)
		half := new(big.Float).SetPrec(64).SetFloat64(x)
		half.Quo(half.Add(half, big.NewFloat(next)), big.NewFloat(2))
		text := half.Text('e', []int{16, 17, 18, 19, 20, 25, 40, 800}[r.IntN(8)])
		digits, exponent, _ := strings.Cut(text, "e")
		return sign + digits + []string{"", "", "0", "1", "00000000000000000001"}[r.IntN(5)] + "e" + exponent
	case 2: // a whole number of 64 bits, few or many of them set, times a power of ten
		m := r.Uint64() >> r.IntN(64)
		if r.IntN(2) == 0 {
			m = r.Uint64()>>11<<r.IntN(11) + 1<<r.IntN(11)
		}
		return sign + strconv.FormatUint(m, 10) + "e" + strconv.Itoa(r.IntN(700)-370)
	case 3: // halfway between numbers above 2⁵³, whose product with a power of five has at most 64 bits
		q := r.IntN(28) - 4
		m := big.NewInt(int64(1<<53|r.Uint64()>>11)<<1 | 1)
		if q < 0 {
			m.Mul(m, new(big.Int).Exp(big.NewInt(5), big.NewInt(int64(-q)), nil))
			m.Lsh(m, uint(r.IntN(3)))
		} else {
			m.Div(m, new(big.Int).Exp(big.NewInt(5), big.NewInt(int64(q)), nil))
		}
		return sign + m.String() + "e" + strconv.Itoa(q)
	}
	number := make([]byte, 1+r.IntN(30)) // digits with a point somewhere
	for i := range number {
		number[i] = byte('0' + r.IntN(10)*r.IntN(2))
	}
	at := r.IntN(len(number) + 1)
	text := sign + string(number[:at]) + "." + string(number[at:])
	if r.IntN(2) == 0 {
		text += "e" + strconv.Itoa(r.IntN(700)-350)
	}
	return text
}

func check(t *testing.T, text string) {
	v, ok := Parse(text)
	if want := grammar.MatchString(text); ok != want {
		t.Fatalf("%q is a number: %v, want %v", text, ok, want)
	}
	if !ok {
		return
	}
	want, _ := strconv.ParseFloat(text, 64)
	if math.Float64bits(v) != math.Float64bits(want) {
		t.Fatalf("%q is %v, want %v", text, v, want)
	}
	for _, tail := range []string{"x12345678", ",5", "e", "e+ 12345678"} {
		s := strings.Replace(text, ".", ",", 1) + tail
		longer := tail == ",5" && !strings.ContainsAny(text, ".eE") // which goes on in the tail
		if v, n := Scan([]byte(s), 0, ','); !longer && (n != len(text) || math.Float64bits(v) != math.Float64bits(want)) {
			t.Fatalf("%q starts with %v of %d bytes, want %v of %d", s, v, n, want, len(text))
		}
	}
}

// TestPowers: the table has 128 bits of each power.
func TestPowers(t *testing.T) {
	if len(powers) != mostPower-leastPower+1 {
		t.Fatalf("%d powers", len(powers))
	}
	for i, bits := range powers {
		q := i + leastPower
		p := new(big.Int).SetUint64(bits[0])
		p.Add(p.Lsh(p, 64), new(big.Int).SetUint64(bits[1]))
		five := new(big.Int).Exp(big.NewInt(5), big.NewInt(int64(max(q, -q))), nil)
		// p·2^s is five, or p·five is 2^s, to less than one unit of p on the side that the table promises.
		low, exact, high := new(big.Int).Set(p), five, new(big.Int).Add(p, big.NewInt(1))
		if q < 0 {
			exact = new(big.Int).Lsh(big.NewInt(1), uint(five.BitLen()+127))
			if q >= -27 {
				low, high = new(big.Int).Sub(p, big.NewInt(1)), p
			}
			low, high = low.Mul(low, five), new(big.Int).Mul(high, five)
		} else if shift := five.BitLen() - 128; shift >= 0 {
			low.Lsh(low, uint(shift))
			high.Lsh(high, uint(shift))
		} else {
			exact = new(big.Int).Lsh(five, uint(-shift))
		}
		if low.Cmp(exact) > 0 || high.Cmp(exact) < 0 || p.BitLen() != 128 {
			t.Errorf("5^%d is not between %v and %v", q, low, high)
		}
	}
}

func TestDigitsAgreesWithBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := []byte(rapid.StringMatching(`[0-9]{0,9}`).Draw(t, "digits"))
		s = append(s, rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(t, "tail")...)
		v, n := Digits(s, 0)
		wantV, wantN := fewDigits(s)
		if n != wantN || n > 0 && v != wantV {
			t.Fatalf("Digits(%q) = %d, %d, want %d, %d", s, v, n, wantV, wantN)
		}
	})
}

func BenchmarkScan(b *testing.B) {
	for _, text := range []string{"1", "0.53125", "0.12345678901234567", "-1.2345678901234567e-05"} {
		b.Run(text, func(b *testing.B) {
			s := []byte(text + " 12345678")
			for b.Loop() {
				Scan(s, 0, '.')
			}
		})
	}
}

// BenchmarkScanNormal reads normal numbers, whose signs and lengths a processor cannot predict.
func BenchmarkScanNormal(b *testing.B) {
	const count = 50_000
	for name, digits := range map[string]int{"5 digits": 5, "17 digits": -1} {
		b.Run(name, func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 1))
			var text []byte
			for range count {
				text = append(strconv.AppendFloat(text, r.NormFloat64(), 'g', digits, 64), ' ')
			}
			for b.Loop() {
				for i := 0; i < len(text); i++ {
					_, i = Scan(text, i, '.')
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(count*b.N), "ns/number")
		})
	}
}

// TestText: a number is written with the fewest digits, and read back as itself.
func TestText(t *testing.T) {
	for v, want := range map[float64]string{7: "7", 1e6: "1000000", -2e15: "-2000000000000000", 0.25: "0.25", 1e16: "1e+16", 1e-7: "1e-07"} {
		if got := Text(v); got != want {
			t.Errorf("%v is written %q, want %q", v, got, want)
		} else if back, ok := Parse(got); !ok || back != v {
			t.Errorf("%q is read as %v", got, back)
		}
	}
}
