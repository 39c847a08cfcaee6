package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// operation is a kernel as the tests see it: v[0] is u, computed from the vector from, and the other vectors follow in the order of the
// parameters.
type operation[T Float] struct {
	name            string
	vectors, coeffs int
	run             func(c []float64, from []T, v [][]T, then *Move[T])
}

func operations[T Float]() []operation[T] {
	return []operation[T]{
		{"AcceleratedFlow", 3, 4, func(c []float64, from []T, v [][]T, then *Move[T]) { AcceleratedFlow(c, v[0], from, v[1], v[2], then) }},
		{"AdaptiveMaximum", 4, 10, func(c []float64, from []T, v [][]T, then *Move[T]) {
			AdaptiveMaximum(c, v[0], from, v[1], v[2], v[3], then)
		}},
		{"AdaptiveMoments", 3, 9, func(c []float64, from []T, v [][]T, then *Move[T]) { AdaptiveMoments(c, v[0], from, v[1], v[2], then) }},
		{"AverageAhead", 3, 3, func(c []float64, from []T, v [][]T, then *Move[T]) { AverageAhead(c, v[0], from, v[1], v[2], then) }},
		{"BeliefMoments", 3, 10, func(c []float64, from []T, v [][]T, then *Move[T]) { BeliefMoments(c, v[0], from, v[1], v[2], then) }},
		{"Clip", 1, 2, func(c []float64, from []T, v [][]T, then *Move[T]) { Clip(c, v[0], from, then) }},
		{"CombineDifference", 3, 2, func(c []float64, from []T, v [][]T, then *Move[T]) {
			CombineDifference(c, v[0], from, v[1], v[2], then)
		}},
		{"CombineX", 2, 2, func(c []float64, from []T, v [][]T, then *Move[T]) { CombineX(c, v[0], from, v[1], then) }},
		{"DecayAgreeing", 2, 1, func(c []float64, from []T, v [][]T, then *Move[T]) { DecayAgreeing(c, v[0], from, v[1], then) }},
		{"DifferenceMoments", 5, 13, func(c []float64, from []T, v [][]T, then *Move[T]) {
			DifferenceMoments(c, v[0], from, v[1], v[2], v[3], v[4], then)
		}},
		{"Divide", 1, 1, func(c []float64, from []T, v [][]T, then *Move[T]) { Divide(c, v[0], from, then) }},
		{"DivideByDeviation", 3, 5, func(c []float64, from []T, v [][]T, then *Move[T]) {
			DivideByDeviation(c, v[0], from, v[1], v[2], then)
		}},
		{"DivideByRoot", 2, 5, func(c []float64, from []T, v [][]T, then *Move[T]) { DivideByRoot(c, v[0], from, v[1], then) }},
		{"DualAverage", 4, 2, func(c []float64, from []T, v [][]T, then *Move[T]) {
			DualAverage(c, v[0], from, v[1], v[2], v[3], then)
		}},
		{"Extrapolate", 2, 1, func(c []float64, from []T, v [][]T, then *Move[T]) { Extrapolate(c, v[0], from, v[1], then) }},
		{"Flush", 1, 0, func(_ []float64, from []T, v [][]T, then *Move[T]) { Flush(v[0], from, then) }},
		{"FollowLeader", 4, 4, func(c []float64, from []T, v [][]T, then *Move[T]) {
			c = append(c[:3:3], max(math.Abs(c[3]), 1e-3))
			FollowLeader(c, v[0], from, v[1], v[2], v[3], then)
		}},
		{"KeepAgreeing", 2, 1, func(c []float64, from []T, v [][]T, then *Move[T]) { KeepAgreeing(c, v[0], from, v[1], then) }},
		{"LargestMoment", 3, 6, func(c []float64, from []T, v [][]T, then *Move[T]) { LargestMoment(c, v[0], from, v[1], v[2], then) }},
		{"Linear", 2, 4, func(c []float64, from []T, v [][]T, then *Move[T]) { Linear(c, v[0], from, v[1], then) }},
		{"MixedMoments", 4, 10, func(c []float64, from []T, v [][]T, then *Move[T]) {
			MixedMoments(c, v[0], from, v[1], v[2], v[3], then)
		}},
		{"PastMeanSquare", 2, 5, func(c []float64, from []T, v [][]T, then *Move[T]) { PastMeanSquare(c, v[0], from, v[1], then) }},
		{"Resilient", 3, 4, func(c []float64, from []T, v [][]T, then *Move[T]) { Resilient(c, v[0], from, v[1], v[2], then) }},
		{"Scale", 1, 1, func(c []float64, from []T, v [][]T, then *Move[T]) { Scale(c, v[0], from, then) }},
		{"Sign", 1, 0, func(_ []float64, from []T, v [][]T, then *Move[T]) { Sign(v[0], from, then) }},
		{"SignOfAverage", 2, 4, func(c []float64, from []T, v [][]T, then *Move[T]) { SignOfAverage(c, v[0], from, v[1], then) }},
		{"SlowWeights", 3, 1, func(c []float64, from []T, v [][]T, then *Move[T]) { SlowWeights(c, v[0], from, v[1], v[2], then) }},
		{"SquareRatio", 3, 3, func(c []float64, from []T, v [][]T, then *Move[T]) { SquareRatio(c, v[0], from, v[1], v[2], then) }},
		{"YogiMoments", 3, 9, func(c []float64, from []T, v [][]T, then *Move[T]) { YogiMoments(c, v[0], from, v[1], v[2], then) }},
	}
}

// sizes returns lengths for every way in which a vector can end within a register, and some near the tile size of package optim.
func sizes() []int {
	var all []int
	for n := range 71 {
		all = append(all, n)
	}
	return append(all, 1023, 1024, 1025)
}

// eachImplementation runs a test once for each implementation, with all others switched off.
func eachImplementation(t *testing.T, test func(t *testing.T)) {
	for _, name := range Implementations() {
		t.Run(name, func(t *testing.T) {
			defer Select(name)()
			test(t)
		})
	}
}

// facts are exact in float32: the formulas worked out by hand, one element for each vector.
var facts = []struct {
	name     string
	c        []float64
	in, want []float64
}{
	{"AcceleratedFlow", []float64{2, 3, 1, 0.5}, []float64{1, 2, 3}, []float64{-4.5, 2, 11}},
	{"AdaptiveMaximum", []float64{0.5, 0.25, 0.5, 1, 2, 1, 4, 9, 1, 2}, []float64{2, 4, 0, 20}, []float64{1, 3, 4, 20}},
	{"AdaptiveMaximum", []float64{0.5, 0.25, 0.5, 1, 2, 1, 4, 4, 2, 2}, []float64{2, 4, 0, 1}, []float64{1, 3, 4, 16}},
	{"AdaptiveMoments", []float64{0.5, 0.25, 0.5, 1, 2, 1, 4, 9, 3}, []float64{2, 4, 0}, []float64{1, 3, 4}},
	{"AverageAhead", []float64{0.5, 0.25, 2}, []float64{5, 4, 1}, []float64{4, 1, 2}},
	{"BeliefMoments", []float64{0.5, 0.25, 0.5, 1, 2, 1, 4, 9, 3, 2}, []float64{2, 4, 4}, []float64{1, 3, 4}},
	{"Clip", []float64{-1, 2}, []float64{5}, []float64{2}},
	{"Clip", []float64{-1, 2}, []float64{-3}, []float64{-1}},
	{"Clip", []float64{-1, 2}, []float64{0.5}, []float64{0.5}},
	{"Clip", []float64{-1, 2}, []float64{math.NaN()}, []float64{math.NaN()}},
	{"CombineDifference", []float64{2, 3}, []float64{1, 2, 4}, []float64{-4, 2, 4}},
	{"CombineX", []float64{2, 3}, []float64{1, 2}, []float64{8, 2}},
	{"DecayAgreeing", []float64{0.5}, []float64{-3, -2}, []float64{-4, -2}},
	{"DecayAgreeing", []float64{0.5}, []float64{-3, 2}, []float64{-3, 2}},
	{"DecayAgreeing", []float64{0.5}, []float64{0, 2}, []float64{1, 2}},
	{"DifferenceMoments", []float64{0.5, 0.5, 0.5, 1, 0.25, 0.5, 2, 1, 2, 11, 1, 1, 0.5}, []float64{2, 4, 10, 0, -4}, []float64{2, 3, 8, 12.5, 2}},
	{"Divide", []float64{4}, []float64{1}, []float64{0.25}},
	{"Divide", []float64{0}, []float64{-5}, []float64{0}},
	{"DivideByDeviation", []float64{0.5, 0.5, 2, 10, 2}, []float64{3, 1, -1}, []float64{0.5, 5, 1}},
	{"DivideByDeviation", []float64{0.5, 0.5, 1, 4, 0}, []float64{2, 0, 6}, []float64{1, 2, 4}},
	{"DivideByRoot", []float64{0.5, 1, 4, 9, 3}, []float64{2, 0}, []float64{0.25, 4}},
	{"DivideByRoot", []float64{1, 1, 1, 0, 0}, []float64{0, 0}, []float64{0, 0}},
	{"DualAverage", []float64{2, 0.5}, []float64{1, 7, 4, 3}, []float64{4, 7, 4, 5}},
	{"Extrapolate", []float64{0.5}, []float64{3, 1}, []float64{4, 3}},
	{"Flush", nil, []float64{-3}, []float64{-3}},
	{"Flush", nil, []float64{math.SmallestNonzeroFloat64}, []float64{0}},
	{"Flush", nil, []float64{math.Inf(-1)}, []float64{math.Inf(-1)}},
	{"Flush", nil, []float64{math.NaN()}, []float64{math.NaN()}},
	{"FollowLeader", []float64{0.5, 0.5, 1, 4}, []float64{3, 1, 16, 9}, []float64{0.25, 1, 25, 4}},
	{"FollowLeader", []float64{0.5, 0.5, 1, 4}, []float64{3, 0.125, 16, 9}, []float64{0.125, 0.125, 25, 2.5}},
	{"FollowLeader", []float64{0.5, 0.5, 1, 4}, []float64{3, 0, 16, 2}, []float64{0, 0, 25, -1}},
	{"FollowLeader", []float64{0.5, 0.5, 1, 4}, []float64{3, 0, 16, -4}, []float64{0.25, 0, 25, -4}},
	{"FollowLeader", []float64{0.5, 0.5, -3, 0.5}, []float64{3, 0.125, 16, 9}, []float64{0.25, 0.125, 25, -0.5}},
	{"KeepAgreeing", []float64{3}, []float64{-2, -1}, []float64{-6, -1}},
	{"KeepAgreeing", []float64{3}, []float64{-2, 1}, []float64{0, 1}},
	{"KeepAgreeing", []float64{3}, []float64{2, 0}, []float64{0, 0}},
	{"LargestMoment", []float64{0.5, 0.5, 0.5, 2, 1, 3}, []float64{-2, 4, 10}, []float64{0.25, 1, 5}},
	{"LargestMoment", []float64{0.5, 0.5, 0.5, 2, 3, 3}, []float64{-2, 4, 2}, []float64{0.25, 1, 5}},
	{"Linear", []float64{0.5, 2, 3, -1}, []float64{1, 4}, []float64{11, 4}},
	{"MixedMoments", []float64{0.5, 0.25, 0.5, 1, 2, 1, 4, 5, 0.5, 1}, []float64{2, 4, 0, 2}, []float64{1, 3, 4, 3}},
	{"PastMeanSquare", []float64{0.5, 1, 1, -2, 2}, []float64{6, 4}, []float64{2, 38}},
	{"PastMeanSquare", []float64{0.5, 1, 1, -2, 2}, []float64{-1, 4}, []float64{-0.5, 3}},
	{"Resilient", []float64{0.5, 2, 1, 8}, []float64{-3, 2, -1}, []float64{-4, 4, -1}},
	{"Resilient", []float64{0.5, 2, 1, 8}, []float64{-3, 2, 1}, []float64{0, 1, 0}},
	{"Resilient", []float64{0.5, 2, 1, 8}, []float64{-3, 2, 0}, []float64{-2, 2, -1}},
	{"Resilient", []float64{0.5, 2, 1, 8}, []float64{-3, 8, -1}, []float64{-8, 8, -1}},
	{"Scale", []float64{-2}, []float64{3}, []float64{-6}},
	{"Sign", nil, []float64{5}, []float64{1}},
	{"Sign", nil, []float64{-0.5}, []float64{-1}},
	{"Sign", nil, []float64{math.Copysign(0, -1)}, []float64{math.Copysign(0, -1)}},
	{"Sign", nil, []float64{math.NaN()}, []float64{math.NaN()}},
	{"SignOfAverage", []float64{1, -1, 0.5, 2}, []float64{3, 1}, []float64{-1, 6.5}},
	{"SlowWeights", []float64{0.5}, []float64{1, 5, 2}, []float64{2, 5, 3}},
	{"SquareRatio", []float64{0.5, 1, 4}, []float64{2, 16, 0}, []float64{1, 12, 1}},
	{"YogiMoments", []float64{0.5, 0, 0.5, 0.5, 2, 1, 4, 9, 3}, []float64{2, 4, 6}, []float64{1, 3, 4}},
	{"YogiMoments", []float64{0.5, 0, 0.5, 0.5, 2, 1, 4, 9, 3}, []float64{2, 4, 2}, []float64{1, 3, 4}},
	{"YogiMoments", []float64{0.5, 0, 0.5, 0.5, 2, 1, 4, 9, 3}, []float64{2, 4, 4}, []float64{1, 3, 4}},
}

func TestFormulas(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		formulas[float32](t)
		formulas[float64](t)
	})
}

func formulas[T Float](t *testing.T) {
	covered := make(map[string]bool)
	for _, op := range operations[T]() {
		for _, f := range facts {
			if f.name != op.name {
				continue
			}
			covered[op.name] = true
			var got, want [][]T // long enough for a whole register and a rest
			for i := range f.in {
				got = append(got, slices.Repeat([]T{T(f.in[i])}, 19))
				want = append(want, slices.Repeat([]T{T(f.want[i])}, 19))
			}
			op.run(f.c, got[0], got, nil)
			if d := difference(got, want); d != "" {
				t.Errorf("%s[%T], c = %v on %v: %s", op.name, T(0), f.c, f.in, d)
			}
		}
		if !covered[op.name] {
			t.Errorf("%s has no fact", op.name)
		}
	}
}

func TestSameBits(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		for _, n := range sizes() {
			for seed := range uint64(2 * len(moves)) {
				sameBits[float32](t, n, int(seed%4), seed)
				sameBits[float64](t, n, int(seed%4), seed)
			}
		}
	})
}

func FuzzSameBits(f *testing.F) {
	f.Add(uint16(1027), uint8(3), uint64(1))
	f.Fuzz(func(t *testing.T, n uint16, offset uint8, seed uint64) {
		for _, name := range Implementations() {
			restore := Select(name)
			sameBits[float32](t, int(n%3000), int(offset%16), seed)
			sameBits[float64](t, int(n%3000), int(offset%16), seed)
			restore()
		}
	})
}

// TestSubnormalState: a number of the state becomes a 0 of the same sign when it is halved below the smallest normal number, or when two
// normal numbers cancel to a subnormal one.
func TestSubnormalState(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		subnormalState(t, float32(0x1p-126))
		subnormalState(t, 0x1p-1022)
	})
}

// inputs says how many vectors after the update a kernel only reads.
var inputs = map[string]int{
	"AcceleratedFlow": 1, "CombineDifference": 2, "CombineX": 1, "DecayAgreeing": 1, "DualAverage": 2, "FollowLeader": 1, "KeepAgreeing": 1, "SlowWeights": 1,
}

func subnormalState[T Float](t *testing.T, smallest T) {
	for _, op := range operations[T]() {
		for _, test := range []struct {
			c           float64
			from, start T
		}{{0.5, 0, 1.5 * smallest}, {0.5, 0, -1.5 * smallest}, {0.75, 0, smallest}, {1, -1.25 * smallest, 1.5 * smallest}, {1, 0, smallest / 4}} {
			for _, n := range []int{1, 19, 100} {
				v := make([][]T, op.vectors)
				for i := range v {
					v[i] = slices.Repeat([]T{test.start}, n)
				}
				before := slices.Clone(v[op.vectors-1])
				op.run(slices.Repeat([]float64{test.c}, op.coeffs), slices.Repeat([]T{test.from}, n), v, nil)
				for i, w := range v[1:] {
					if i < inputs[op.name] {
						continue
					}
					for j, e := range w {
						if e != 0 && abs(e) < smallest {
							t.Fatalf("%s[%T] of %d elements, %+v: element %d of vector %d is %v", op.name, e, n, test, j, i+1, e)
						}
						if e == 0 && op.name == "Linear" && test.from == 0 && math.Signbit(float64(e)) != (before[j] < 0) {
							t.Fatalf("Linear[%T] takes %v to %v", e, before[j], e)
						}
					}
				}
			}
		}
	}
}

// TestSubnormalLast does the same for numbers of the state that no later operation of the formula reads.
func TestSubnormalLast(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		subnormalLast(t, float32(0x1p-126), 0x1p-63)
		subnormalLast(t, 0x1p-1022, 0x1p-511)
	})
}

func subnormalLast[T Float](t *testing.T, smallest, root T) {
	m := []T{1.5 * smallest}
	SignOfAverage([]float64{1, 0, 1, 1}, []T{0}, []T{-1.25 * smallest}, m, nil)
	v, d := []T{root * root}, []T{1.5 * smallest}
	SquareRatio([]float64{1, -1, 1}, []T{0}, []T{root}, v, d, nil)
	if m[0] != 0 || v[0] != 0 || d[0] != 0 {
		t.Errorf("m = %v, v = %v, d = %v", m, v, d)
	}
}

// moves are the ways a kernel can end.
var moves = []*Move[float64]{nil, {C: [3]float64{-0.1}}, {Mixes: true, C: [3]float64{-0.1, 1, 0.01}}}

// move returns m with the vector x.
func move[T Float](m *Move[float64], x []T) *Move[T] {
	if m == nil {
		return nil
	}
	return &Move[T]{x, m.Mixes, m.C}
}

// sameBits compares the current implementation with the portable one, on n elements that begin at an offset within larger arrays. The
// arrays must not change around these elements.
func sameBits[T Float](t *testing.T, n, offset int, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, uint64(offset)))
	for _, op := range operations[T]() {
		c := make([]float64, op.coeffs)
		for i := range c {
			c[i] = float64(anyNumber[T](r))
		}
		var got, want, gotPart, wantPart [][]T
		for i := range op.vectors + 1 { // the last is X of a Move
			array := make([]T, offset+n+16)
			for j := range array {
				array[j] = anyNumber[T](r)
			}
			got, want = append(got, array), append(want, slices.Clone(array))
			gotPart = append(gotPart, got[i][offset:offset+n:offset+n])
			wantPart = append(wantPart, want[i][offset:offset+n:offset+n])
		}
		gotFrom, wantFrom := gotPart[0], wantPart[0]
		if seed%2 == 1 {
			gotFrom, wantFrom = slices.Clone(gotFrom), slices.Clone(wantFrom)
		}
		then := moves[int(seed)%len(moves)]
		op.run(c, gotFrom, gotPart, move(then, gotPart[op.vectors]))
		restore := Select(Portable)
		op.run(c, wantFrom, wantPart, move(then, wantPart[op.vectors]))
		restore()
		if then != nil {
			copy(gotPart[0], wantPart[0]) // u holds anything
		}
		if d := difference(got, want); d != "" {
			t.Fatalf("%s[%T] of %d elements from %d, c = %v, then %v: %s", op.name, T(0), n, offset, c, then, d)
		}
	}
}

// anyNumber returns mostly normal numbers, and now and then a special one (0, subnormal, infinite, NaN).
func anyNumber[T Float](r *rand.Rand) T {
	smallest, largest := math.SmallestNonzeroFloat64, math.MaxFloat64
	if T(smallest) == 0 {
		smallest, largest = math.SmallestNonzeroFloat32, math.MaxFloat32
	}
	special := []float64{
		0, math.Copysign(0, -1), 1, -1, math.NaN(), math.Inf(1), math.Inf(-1),
		smallest, -smallest, 1e4 * smallest, -1e6 * smallest, largest, -largest,
	}
	if i := r.IntN(3 * len(special)); i < len(special) {
		return T(special[i])
	}
	return T(r.NormFloat64())
}

// difference says where two lists of vectors differ in a bit, or returns "". All NaN count as equal.
func difference[T Float](got, want [][]T) string {
	for i := range want {
		for j, w := range want[i] {
			g := got[i][j]
			if bits(g) != bits(w) && (g == g || w == w) {
				return fmt.Sprintf("vector %d, element %d is %v, want %v", i, j, g, w)
			}
		}
	}
	return ""
}

// bits returns the bits of v, which differ for ±0. The conversion to float64 is exact and keeps the sign of 0.
func bits[T Float](v T) uint64 { return math.Float64bits(float64(v)) }

func TestShortVectorPanics(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		for _, op := range operations[float32]() {
			for short := 1; short < op.vectors; short++ {
				v := slices.Repeat([][]float32{make([]float32, 9)}, op.vectors)
				v[short] = make([]float32, 8)[:8:8]
				if !panics(func() { op.run(make([]float64, op.coeffs), v[0], v, nil) }) {
					t.Errorf("%s accepts a short vector %d", op.name, short)
				}
			}
		}
	})
}

// TestMove works both forms out by hand.
func TestMove(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		for _, m := range []Move[float32]{{C: [3]float64{3}}, {Mixes: true, C: [3]float64{3, 2, -4}}} {
			m.X = slices.Repeat([]float32{1}, 19)
			m.Apply(slices.Repeat([]float32{5}, 19))
			want := slices.Repeat([]float32{16}, 19)
			if m.Mixes {
				want = slices.Repeat([]float32{19}, 19)
			}
			if d := difference([][]float32{m.X}, [][]float32{want}); d != "" {
				t.Errorf("%+v: %s", m, d)
			}
		}
	})
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}

// BenchmarkElementwise reports the bytes that a kernel reads and writes per second, on a tile.
func BenchmarkElementwise(b *testing.B) {
	for _, name := range Implementations() {
		b.Run(name, func(b *testing.B) {
			defer Select(name)()
			elementwise[float32](b, 4)
			elementwise[float64](b, 8)
		})
	}
}

func elementwise[T Float](b *testing.B, size int) {
	const n = 1024
	for _, op := range operations[T]() {
		b.Run(fmt.Sprintf("%s/%T", op.name, T(0)), func(b *testing.B) {
			v := make([][]T, op.vectors)
			for i := range v {
				v[i] = slices.Repeat([]T{1}, n)
			}
			c := slices.Repeat([]float64{0.5}, op.coeffs)
			b.SetBytes(int64(n * size * op.vectors))
			for b.Loop() {
				op.run(c, v[0], v, nil)
			}
		})
	}
}
