package dist

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"steepest/internal/simd"
	"steepest/param"
	"steepest/train/dist/disttest"
)

var compressions = []Compression{{BF16: true}, {TopK: 0.01}, {TopK: 0.3}}

// lengths are the lengths of vectors: shorter than a stretch, one stretch, and stretches with a shorter last one.
var lengths = []int{1, 5, stretch, 2*stretch + 7}

func normals[T param.Float](n int, seed uint64) []T {
	v, random := make([]T, n), rand.New(rand.NewPCG(seed, 0))
	for i := range v {
		v[i] = T(random.NormFloat64())
	}
	return v
}

// sent returns the compressed form of v + e, and leaves the remainder in e.
func sent[T param.Float](c Compression, v, e []T) []T {
	bytes := make([]byte, Packed[T](c, len(v)))
	pack(c, bytes, v, e)
	out := make([]T, len(v))
	for lo := 0; lo < len(v); lo += stretch {
		hi := min(lo+stretch, len(v))
		unpack(c, out[lo:hi], bytes[Packed[T](c, lo):Packed[T](c, hi)])
	}
	return out
}

// TestCompressionContracts: the error of a compression is as small as Contraction promises, and the feedback holds this error.
func TestCompressionContracts(t *testing.T) {
	contracts[float32](t)
	contracts[float64](t)
}

func contracts[T param.Float](t *testing.T) {
	for _, c := range compressions {
		for _, n := range lengths {
			v, e := normals[T](n, 1), normals[T](n, 2)
			whole := slices.Clone(v)
			simd.Axpy(1, e, whole)
			got := sent(c, v, e)
			for i := range got {
				if got[i]+e[i] != whole[i] {
					t.Fatalf("%v: element %d of %d: %v are sent and %v kept of %v", c, i, n, got[i], e[i], whole[i])
				}
			}
			left, all := simd.Norm(e), simd.Norm(whole)
			if left*left > (1-c.Contraction())*all*all {
				t.Errorf("%v: ‖C(v) − v‖² is %.3g of ‖v‖², above 1 − δ = %.3g", c, left*left/(all*all), 1-c.Contraction())
			}
		}
	}
}

// TestTopK compares the choice with sorting, also if many elements are equal.
func TestTopK(t *testing.T) {
	c := Compression{TopK: 0.02}
	for seed := range uint64(20) {
		v := normals[float64](stretch, seed)
		if seed%2 == 0 {
			for i := range v {
				v[i] = math.Round(v[i])
			}
		}
		places := make([]int, len(v))
		for i := range places {
			places[i] = i
		}
		slices.SortStableFunc(places, func(a, b int) int { return cmp.Compare(math.Abs(v[b]), math.Abs(v[a])) })
		want := make([]float64, len(v))
		for _, i := range places[:82] { // ⌈0.02·4096⌉
			want[i] = v[i]
		}
		if got := sent(c, v, make([]float64, len(v))); !slices.Equal(got, want) {
			t.Fatalf("seed %d: other elements are kept than the largest", seed)
		}
	}
}

// TestCompressedSums: a compressed sum has the same bits on any number of ranks, vector after vector, and is the sum of the sent vectors
// along the tree.
func TestCompressedSums(t *testing.T) {
	defer func(n int) { segment = n }(segment)
	segment = 20000 // so that there are several
	for _, c := range compressions {
		for _, pieces := range []int{1, 3, 6} {
			const n, rounds = 3*stretch + 5, 3
			sums := func(g Group) (all [][]float32) {
				s := Sum[float32]{Group: g}
				s.Compress(c, pieces, n)
				for round := range rounds {
					dst := make([]float32, n)
					value, err := s.Of(dst, pieces, func(dst []float32, k int) float64 {
						copy(dst, normals[float32](n, uint64(100*round+k)))
						return float64(k)
					})
					if err != nil || value != float64(pieces*(pieces-1)/2) {
						t.Errorf("%v: %v, %v", c, value, err)
					}
					all = append(all, dst)
				}
				return all
			}
			want := sums(nil)
			feedback := make([][]float32, pieces)
			for round := range rounds {
				nodes := tree[float32]{pieces: pieces, add: plus[float32]}
				for k := range pieces {
					if round == 0 {
						feedback[k] = make([]float32, n)
					}
					nodes.push(node[float32]{first: k, sum: sent(c, normals[float32](n, uint64(100*round+k)), feedback[k])})
				}
				if !slices.Equal(want[round], nodes.nodes[0].sum) {
					t.Errorf("%v: the sum of %d pieces is another than along the tree", c, pieces)
				}
			}
			for size := 1; size <= 4; size++ {
				disttest.Together(size, func(g *disttest.Group) {
					if got := sums(g); fmt.Sprint(got) != fmt.Sprint(want) {
						t.Errorf("%v: rank %d of %d has another sum of %d pieces", c, g.Rank(), size, pieces)
					}
				})
			}
		}
	}
}

// TestCompressedNaN: a vector that is not finite arrives as one that is not finite, and does not change the feedback.
func TestCompressedNaN(t *testing.T) {
	for _, c := range compressions {
		for _, n := range lengths {
			v, e := normals[float32](n, 1), normals[float32](n, 2)
			before := slices.Clone(e)
			v[n/2] = float32(math.Inf(1))
			if got := sent(c, v, e); simd.Finite(got) {
				t.Errorf("%v: a vector of %d elements that is not finite arrives as finite", c, n)
			}
			if !slices.Equal(e, before) {
				t.Errorf("%v: a vector that is not finite changes the feedback", c)
			}
		}
	}
}

// TestCompressionText: the text of a compression is read back as the same compression, and other texts are refused.
func TestCompressionText(t *testing.T) {
	for _, c := range append(compressions, Compression{}) {
		var got Compression
		if err := got.UnmarshalText([]byte(c.String())); err != nil || got != c {
			t.Errorf("%v is read as %v, %v", c, got, err)
		}
	}
	for _, text := range []string{"", "fp8", "top-k", "top-k(0)", "top-k(1)", "top-k(0.1", "top-k(NaN)", "top-k(a)"} {
		if err := new(Compression).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is read", text)
		}
	}
}

// TestAnyOrder: sums in the order of the group are right up to rounding, equal on all ranks, and exact for whole numbers.
func TestAnyOrder(t *testing.T) {
	for size := 1; size <= 4; size++ {
		for _, pieces := range []int{1, 3, 7} {
			disttest.Together(size, func(g *disttest.Group) {
				s := Sum[float64]{Group: g, AnyOrder: true}
				dst := make([]float64, 1000)
				value, err := s.Of(dst, pieces, func(dst []float64, k int) float64 {
					for i := range dst {
						dst[i] = float64(k*1000 + i)
					}
					return float64(k)
				})
				if err != nil || value != float64(pieces*(pieces-1)/2) {
					t.Errorf("%v, %v", value, err)
				}
				for i, v := range dst {
					if want := float64(pieces*(pieces-1)/2*1000 + pieces*i); v != want {
						t.Errorf("rank %d of %d: element %d of the sum of %d pieces is %v, want %v", g.Rank(), size, i, pieces, v, want)
						return
					}
				}
			})
		}
	}
}
