package dist

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"steepest/internal/parallel"
	"steepest/param"
	"steepest/train/dist/disttest"
)

var _ Group = (*disttest.Group)(nil)

// TestTreeIsThatOfReduce: for any number of pieces and ranks, sums have the parentheses of parallel.Reduce.
func TestTreeIsThatOfReduce(t *testing.T) {
	for pieces := 1; pieces <= 40; pieces++ {
		want := make([]string, pieces)
		for i := range want {
			want[i] = fmt.Sprint(i)
		}
		names := slices.Clone(want)
		parallel.Reduce(pieces, func(into, from int) { want[into] = "(" + want[into] + "+" + want[from] + ")" })
		for size := 1; size <= 9; size++ {
			var nodes []node[float64] // by ranks
			name := map[*float64]string{}
			add := func(sum, v []float64) { name[&sum[0]] = "(" + name[&sum[0]] + "+" + name[&v[0]] + ")" }
			for rank := range size {
				own := tree[float64]{pieces: pieces, add: add}
				for k := rank * pieces / size; k < (rank+1)*pieces/size; k++ {
					v := make([]float64, 1)
					name[&v[0]] = names[k]
					own.push(node[float64]{first: k, sum: v})
				}
				nodes = append(nodes, own.nodes...)
			}
			all := tree[float64]{pieces: pieces, add: add}
			for _, n := range nodes {
				all.push(n)
			}
			if len(all.nodes) != 1 || name[&all.nodes[0].sum[0]] != want[0] {
				t.Fatalf("%d pieces on %d ranks: %d sums, the first %s, want %s", pieces, size, len(all.nodes), name[&all.nodes[0].sum[0]], want[0])
			}
		}
	}
}

// shorten makes segments short, so that vectors of tests have many segments, and so few are sent with their values.
func shorten(t *testing.T) {
	longest, shortest := segment, short
	segment, short = 4096, 1024
	t.Cleanup(func() { segment, short = longest, shortest })
}

// TestSum: the bits are those of a plain reduction, for any size and any number of pieces and ranks, and when the memory is used again.
func TestSum(t *testing.T) {
	t.Run("float32", testSum[float32])
	t.Run("float64", testSum[float64])
}

func testSum[T param.Float](t *testing.T) {
	shorten(t)
	random := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 2, 3, 7, 1000, 2 * segment / 8, block + 1} {
		for _, pieces := range []int{1, 2, 3, 5, 8, 16} {
			vectors, values := make([][]T, pieces), make([]float64, pieces)
			want, wanted := make([][]T, pieces), make([]float64, pieces)
			for k := range vectors {
				vectors[k] = make([]T, n)
				for i := range vectors[k] {
					vectors[k][i] = T(random.NormFloat64())
				}
				values[k] = random.NormFloat64()
				want[k], wanted[k] = slices.Clone(vectors[k]), values[k]
			}
			parallel.Reduce(pieces, func(into, from int) {
				for i, v := range want[from] {
					want[into][i] += v
				}
				wanted[into] += wanted[from]
			})
			for size := 1; size <= 4; size++ {
				disttest.Together(size, func(g *disttest.Group) {
					sum := Sum[T]{Group: g}
					if size == 1 {
						sum.Group = nil
					}
					for range 2 {
						dst := make([]T, n)
						value, err := sum.Of(dst, pieces, func(dst []T, k int) float64 { return values[k] + 0*float64(copy(dst, vectors[k])) })
						if err != nil || value != wanted[0] || !slices.Equal(dst, want[0]) {
							t.Errorf("n = %d, %d pieces on %d ranks: not the sum along the tree (%v)", n, pieces, size, err)
						}
						for rank, took := range sum.Took {
							if has := (rank+1)*pieces/size > rank*pieces/size; (took > 0) != has {
								t.Errorf("%d pieces on %d ranks: rank %d took %v", pieces, size, rank, took)
							}
						}
						if value, err = sum.Of(nil, pieces, func(_ []T, k int) float64 { return values[k] }); err != nil || value != wanted[0] {
							t.Errorf("%d pieces on %d ranks: the value alone is %v, want %v (%v)", pieces, size, value, wanted[0], err)
						}
					}
				})
			}
		}
	}
}

// TestBad: a sum names the ranks whose vectors are not finite, also with compression and for vectors of any length.
func TestBad(t *testing.T) {
	shorten(t)
	const pieces = 5
	for _, n := range []int{1, 7, 2 * segment / 8, 3*block + 1} {
		for size := 2; size <= 4; size++ {
			for bad := range pieces {
				for _, c := range []Compression{{}, {BF16: true}, {TopK: 0.5}} {
					disttest.Together(size, func(g *disttest.Group) {
						sum, also := Sum[float32]{Group: g}, (bad+size)%pieces // another bad piece, often of another rank
						want := []int{Owner(g, pieces, bad), Owner(g, pieces, also)}
						slices.Sort(want)
						want = slices.Compact(want)
						if c.On() {
							sum.Compress(c, pieces, n)
						}
						for _, infected := range []bool{true, false} {
							_, err := sum.Of(make([]float32, n), pieces, func(dst []float32, k int) float64 {
								clear(dst)
								if infected && (k == bad || k == also) {
									dst[n-1] = float32(math.Inf(1))
								}
								return 1
							})
							if !infected {
								want = nil
							}
							if err != nil || !slices.Equal(sum.Bad, want) {
								t.Errorf("%d elements, %d ranks, piece %d, %v: ranks %v, want %v (%v)", n, size, bad, c, sum.Bad, want, err)
							}
						}
					})
				}
			}
		}
	}
}

// TestExchanges: all other ranks receive the data that one rank sends.
func TestExchanges(t *testing.T) {
	shorten(t)
	for size := 1; size <= 4; size++ {
		for odd := range size + 1 {
			disttest.Together(size, func(g *disttest.Group) {
				if any, err := Any(g, g.Rank() == odd); err != nil || any != (odd < size) {
					t.Errorf("%d ranks, of which %d says so: %v, %v", size, odd, any, err)
				}
				v := make([]float32, segment/4+5)
				for i := range v {
					v[i] = float32(i * (g.Rank() + 1))
				}
				if err := Broadcast(g, v); err != nil || v[len(v)-1] != float32(segment/4+4) || v[3] != 3 {
					t.Errorf("rank %d of %d: the last number is %v (%v)", g.Rank(), size, v[len(v)-1], err)
				}
				texts, err := Texts(g, strings.Repeat("x", g.Rank()*odd))
				for rank, text := range texts {
					if err != nil || len(text) != rank*odd {
						t.Errorf("%q of rank %d (%v)", text, rank, err)
					}
				}
			})
		}
	}
	if any, err := Any(nil, true); !any || err != nil {
		t.Error("a process alone does not hear itself")
	}
}
