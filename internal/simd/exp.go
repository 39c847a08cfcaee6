package simd

import (
	"fmt"
	"math"
)

//go:generate go run -C _asm ./network -dir ..

// constants are the coefficients of eˣ and of the functions built on it. Vector code reads the fields up to log, in this order.
type constants[T Float] struct {
	low, high       T     // eˣ is 0 below and +Inf above
	log2e           T     // 1/ln 2
	shift           T     // v + shift − shift is v rounded to an integer, ties to even
	ln2High, ln2Low T     // their sum is ln 2, and their products with the exponents of T are exact
	exp             [10]T // (eʳ − 1 − r)/r² from the constant term up, minimax for |r| ≤ ½ ln 2
	tanhOne         T     // tanh(v/2) is 1 above
	geluEnd         T     // GELU is 0 to the left of −geluEnd, and its derivative 1 to the right of geluEnd
	geluLinear      T     // 2√(2/π)
	geluCubic       T     // 0.044715 geluLinear
	geluSlope       T     // 3 geluCubic
	logSplit        T     // √2 − 1
	ln2             T
	log             [7]T // (ln((1 + s)/(1 − s)) − 2s)/s³ from the constant term up in s², minimax for |s| ≤ (√2 − 1)²

	expTerms, logTerms int // how many coefficients there are
}

var constants32 = constants[float32]{
	low: -104, high: 89,
	log2e:   math.Log2E,
	shift:   3 << 22,
	ln2High: 0x1.62e4p-1, ln2Low: 0x1.7f7ep-20,
	exp:        [10]float32{0.49999994, 0.16666527, 0.041668266, 0.0083680805, 0.0013817844},
	tanhOne:    20,
	geluEnd:    11,
	geluLinear: 2 * math.Sqrt2 / sqrtPi,
	geluCubic:  0.044715 * 2 * math.Sqrt2 / sqrtPi,
	geluSlope:  3 * 0.044715 * 2 * math.Sqrt2 / sqrtPi,
	logSplit:   math.Sqrt2 - 1,
	ln2:        math.Ln2,
	log:        [7]float32{0.6666677, 0.3997816, 0.29857925},
	expTerms:   5, logTerms: 3,
}

var constants64 = constants[float64]{
	low: -746, high: 710,
	log2e:   math.Log2E,
	shift:   3 << 51,
	ln2High: 0x1.62e42feep-1, ln2Low: 0x1.a39ef35794p-33,
	exp: [10]float64{
		0.5000000000000006, 0.1666666666666646, 0.041666666666572295, 0.008333333333480922, 0.001388888893359023,
		0.00019841269510701115, 2.4801502655522103e-05, 2.755759923470929e-06, 2.7627085134513124e-07,
		2.4992001090893544e-08,
	},
	tanhOne:    40,
	geluEnd:    22,
	geluLinear: 2 * math.Sqrt2 / sqrtPi,
	geluCubic:  0.044715 * 2 * math.Sqrt2 / sqrtPi,
	geluSlope:  3 * 0.044715 * 2 * math.Sqrt2 / sqrtPi,
	logSplit:   math.Sqrt2 - 1,
	ln2:        math.Ln2,
	log: [7]float64{
		0.6666666666666712, 0.39999999999538144, 0.28571428718705205, 0.22222200736513278, 0.18183462199036116,
		0.15316457451879884, 0.14773537213730722,
	},
	expTerms: 10, logTerms: 7,
}

const sqrtPi = 1.77245385090551602729816748334114518279754945612238712821380779

func constantsOf[T Float]() *constants[T] {
	if c, ok := any(&constants32).(*constants[T]); ok {
		return c
	}
	return any(&constants64).(*constants[T])
}

// Exp computes dst ← eˣ. The vectors are of one length and may be the same. A result is within 1.1 units in the last place of
// the exact one, also where it is subnormal. The exponential of −Inf is 0, that of +Inf is +Inf, and NaN stays NaN.
func Exp[T Float](dst, x []T) { apply(expKernel, (*constants[T]).expOf, dst, x) }

// apply computes dst ← f(x) for the function f of kernel k.
func apply[T Float](k networkKernel, f func(*constants[T], T) T, dst, x []T) {
	mustMatch("dst", dst, len(x))
	if vectorNetwork(k, len(x), nil, nil, dst, x) {
		return
	}
	c := constantsOf[T]()
	for i, v := range x {
		dst[i] = f(c, v)
	}
}

// expOf scales by two powers of 2, because a single one would be subnormal where the result is.
func (c *constants[T]) expOf(x T) T {
	n, q := c.reduce(clamp(x, c.low, c.high))
	half := T(n*0.5) + c.shift - c.shift
	return T((1+q)*powerOf2(half)) * powerOf2(n-half)
}

// reduce returns n and q with eˣ = 2ⁿ(1 + q), where n is the integer nearest to x/ln 2. 1 + q itself is not computed, so not rounded.
func (c *constants[T]) reduce(x T) (n, q T) {
	n = T(x*c.log2e) + c.shift - c.shift
	r := x - T(n*c.ln2High) - T(n*c.ln2Low)
	square := T(r * r)
	return n, r + T(square*polynomial(c.exp[:c.expTerms], r, square))
}

// polynomial returns Σ aᵢxⁱ, given x and x². It sums even and odd terms apart, so that the two sums do not wait for each other.
func polynomial[T Float](a []T, x, square T) T {
	var sum [2]T
	for i := len(a) - 1; i >= 0; i-- {
		sum[i%2] = T(sum[i%2]*square) + a[i]
	}
	return sum[0] + T(sum[1]*x)
}

// powerOf2 returns 2ⁿ for an integer n whose power is a normal number. For NaN the result is undefined.
func powerOf2[T Float](n T) T { return T(math.Float64frombits(uint64(1023+int64(n)) << 52)) }

// clamp leaves NaN as it is.
func clamp[T Float](v, low, high T) T {
	if v < low {
		v = low
	}
	if v > high {
		v = high
	}
	return v
}

func abs[T Float](v T) T { return T(math.Abs(float64(v))) }

// mustMatch panics unless v has n elements.
func mustMatch[T Float](name string, v []T, n int) {
	if len(v) != n {
		panic(fmt.Sprintf("simd: len(%s) = %d, want %d", name, len(v), n))
	}
}
