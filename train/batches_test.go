package train

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"steepest/data"
	"steepest/objective"
	"steepest/optim/rules"
	"steepest/optim/schedule"
)

var samplings = []Sampling{WithReplacement, Reshuffle, ShuffleOnce, Sequential, Blocks}

// TestBatchIsAFunctionOfSeedAndStep compares one Batches, asked for steps in any order, with a new one for each step.
func TestBatchIsAFunctionOfSeedAndStep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sampling := rapid.SampledFrom(samplings).Draw(t, "sampling")
		n, size := rapid.IntRange(1, 30).Draw(t, "n"), rapid.IntRange(1, 40).Draw(t, "size")
		seed := rapid.Uint64().Draw(t, "seed")
		lasting := NewBatches(sampling, n, size, seed)
		for _, k := range rapid.SliceOfN(rapid.IntRange(0, 200), 1, 20).Draw(t, "steps") {
			got, want := lasting.At(k), NewBatches(sampling, n, size, seed).At(k)
			if !slices.Equal(got, want) {
				t.Fatalf("step %d: %v after other steps, %v at once", k, got, want)
			}
		}
	})
}

// TestEpochIsAPermutation joins the batches of an epoch: every term once, and only the last batch short.
func TestEpochIsAPermutation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sampling := rapid.SampledFrom(samplings[1:]).Draw(t, "sampling")
		n, size := rapid.IntRange(1, 30).Draw(t, "n"), rapid.IntRange(1, 40).Draw(t, "size")
		b := NewBatches(sampling, n, size, rapid.Uint64().Draw(t, "seed"))
		perEpoch := (n + size - 1) / size
		for epoch := range 3 {
			var terms []uint32
			for k := range perEpoch {
				batch := b.At(epoch*perEpoch + k)
				if len(batch) != min(size, n-k*size) {
					t.Fatalf("batch %d of %d terms in batches of %d has %d", k, n, size, len(batch))
				}
				terms = append(terms, batch...)
			}
			slices.Sort(terms)
			for i, term := range terms {
				if term != uint32(i) {
					t.Fatalf("epoch %d of %d terms holds %v", epoch, n, terms)
				}
			}
			if len(terms) != n {
				t.Fatalf("epoch %d holds %d terms of %d", epoch, len(terms), n)
			}
		}
	})
}

// epochs returns the order of the terms in the first epochs.
func epochs(sampling Sampling, n, count int, seed uint64) [][]uint32 {
	b := NewBatches(sampling, n, n, seed)
	orders := make([][]uint32, count)
	for e := range orders {
		orders[e] = slices.Clone(b.At(e))
	}
	return orders
}

func TestOrderOfEpochs(t *testing.T) {
	const n = 50
	ascending := make([]uint32, n)
	for i := range ascending {
		ascending[i] = uint32(i)
	}
	for _, test := range []struct {
		sampling            Sampling
		repeats, isAscended bool
	}{{Reshuffle, false, false}, {Blocks, false, false}, {ShuffleOnce, true, false}, {Sequential, true, true}} {
		order := epochs(test.sampling, n, 2, 7)
		if got := slices.Equal(order[0], order[1]); got != test.repeats {
			t.Errorf("%v: two epochs are equal: %v, want %v", test.sampling, got, test.repeats)
		}
		if got := slices.Equal(order[0], ascending); got != test.isAscended {
			t.Errorf("%v: the terms ascend: %v, want %v", test.sampling, got, test.isAscended)
		}
	}
	if a, b := epochs(Reshuffle, n, 1, 7), epochs(Reshuffle, n, 1, 8); slices.Equal(a[0], b[0]) {
		t.Error("two seeds shuffle alike")
	}
}

// TestShuffleIsUniform counts the 24 permutations of four terms over many epochs.
func TestShuffleIsUniform(t *testing.T) {
	const draws = 24 * 400
	counts := make(map[string]float64)
	for _, order := range epochs(Reshuffle, 4, draws, 3) {
		counts[fmt.Sprint(order)]++
	}
	var cells []float64
	for _, c := range counts {
		cells = append(cells, c)
	}
	checkUniform(t, "permutations", cells, 24, draws)
}

// TestDrawsAreUniformAndUnrelated tests single draws, and pairs of draws: at neighboring places of a batch, at
// neighboring steps, and at neighboring seeds.
func TestDrawsAreUniformAndUnrelated(t *testing.T) {
	const n, size, steps = 10, 20, 500
	single, places, neighbors, seeds := make([]float64, n), make([]float64, n*n), make([]float64, n*n), make([]float64, n*n)
	a, b := NewBatches(WithReplacement, n, size, 1), NewBatches(WithReplacement, n, size, 2)
	for k := range steps {
		now, other := slices.Clone(a.At(k)), b.At(k)
		next := a.At(k + 1)
		for i, term := range now {
			single[term]++
			neighbors[term*n+next[i]]++
			seeds[term*n+other[i]]++
			if i > 0 {
				places[term*n+now[i-1]]++
			}
		}
	}
	checkUniform(t, "draws", single, n, size*steps)
	checkUniform(t, "places", places, n*n, (size-1)*steps)
	checkUniform(t, "neighboring steps", neighbors, n*n, size*steps)
	checkUniform(t, "neighboring seeds", seeds, n*n, size*steps)
}

// checkUniform is Pearson's chi-square test of equal probabilities at the level 0.001. Cells that are missing hold 0.
func checkUniform(t *testing.T, what string, counts []float64, cells int, draws float64) {
	t.Helper()
	want := draws / float64(cells)
	chi2 := float64(cells-len(counts)) * want
	for _, c := range counts {
		chi2 += (c - want) * (c - want) / want
	}
	if p := (distuv.ChiSquared{K: float64(cells - 1)}).Survival(chi2); p < 1e-3 {
		t.Errorf("%s: chi-square %.1f over %d cells, p = %.2g", what, chi2, cells, p)
	}
}

// TestStepsOfABudget counts the steps that draw a number of terms.
func TestStepsOfABudget(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sampling := rapid.SampledFrom(samplings).Draw(t, "sampling")
		n, size := rapid.IntRange(1, 30).Draw(t, "n"), rapid.IntRange(1, 40).Draw(t, "size")
		terms := rapid.Float64Range(0.1, 100).Draw(t, "terms")
		b, steps := NewBatches(sampling, n, size, 0), 0
		for drawn := 0; float64(drawn) < terms; steps++ {
			drawn += len(b.At(steps))
		}
		if got := sampling.steps(terms, n, size); got != float64(steps) {
			t.Fatalf("%v: %v steps for %v of %d terms in batches of %d, want %d", sampling, got, terms, n, size, steps)
		}
	})
}

func TestNewBatchesPanics(t *testing.T) {
	checkPanic(t, "train: batches of 3 out of 0 terms", func() { NewBatches(Reshuffle, 0, 3, 0) })
	checkPanic(t, "train: batches of 0 out of 3 terms", func() { NewBatches(Reshuffle, 3, 0, 0) })
}

func checkPanic(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		if got := recover(); got != want {
			t.Errorf("panic %v, want %q", got, want)
		}
	}()
	f()
}

// TestNames reads every name back, and refuses another.
func TestNames(t *testing.T) {
	for _, want := range samplings {
		text, _ := want.MarshalText()
		var got Sampling
		if err := got.UnmarshalText(text); err != nil || got != want {
			t.Errorf("%s reads as %v, %v", text, got, err)
		}
	}
	for want := LastIterate; want <= ExponentialAverage; want++ {
		text, _ := want.MarshalText()
		var got AverageForm
		if err := got.UnmarshalText(text); err != nil || got != want {
			t.Errorf("%s reads as %v, %v", text, got, err)
		}
	}
	checkError(t, new(Sampling).UnmarshalText([]byte("random")),
		`unknown sampling "random"; there are with-replacement, reshuffle, shuffle-once, sequential, blocks`)
	checkError(t, new(AverageForm).UnmarshalText([]byte("mean")),
		`unknown average "mean"; there are none, uniform, step-weighted, suffix, exponential, blend`)
}

func checkError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func BenchmarkBatches(b *testing.B) {
	const size = 256
	for _, sampling := range []Sampling{WithReplacement, Sequential} {
		b.Run(sampling.String(), func(b *testing.B) {
			batches := NewBatches(sampling, 1<<20, size, 1)
			for k := range b.N {
				batches.At(k)
			}
			b.ReportMetric(float64(size*b.N)/b.Elapsed().Seconds(), "terms/s")
		})
	}
}

// TestManyTerms: with more terms than a list can hold, an epoch has each term once, in the order of the sampling.
func TestManyTerms(t *testing.T) {
	long(t)
	const n, size = many + 5, 1 << 18
	first := make(map[Sampling][]uint32)
	for _, sampling := range samplings[1:] {
		b := NewBatches(sampling, n, size, 7)
		perEpoch := (n + size - 1) / size
		met := make([]bool, n)
		for k := range perEpoch {
			batch := b.At(k)
			if len(batch) != min(size, n-k*size) {
				t.Fatalf("batch %d has %d terms", k, len(batch))
			}
			for _, i := range batch {
				if met[i] {
					t.Fatalf("%v: term %d is met twice", sampling, i)
				}
				met[i] = true
			}
		}
		next := slices.Clone(b.At(perEpoch))
		first[sampling] = slices.Clone(b.At(0))
		if same := slices.Equal(next, first[sampling]); same != (sampling == ShuffleOnce || sampling == Sequential) {
			t.Errorf("%v: the second epoch begins as the first one: %v", sampling, same)
		}
		if b.order != nil {
			t.Errorf("%v: a list of %d terms is stored", sampling, len(b.order))
		}
		if other := NewBatches(sampling, n, size, 8).At(0); slices.Equal(other, first[sampling]) != (sampling == Sequential) {
			t.Errorf("%v: another seed gives %v", sampling, other[:5])
		}
	}
	if !slices.Equal(first[Reshuffle], first[ShuffleOnce]) || !slices.IsSorted(first[Sequential]) || slices.IsSorted(first[Reshuffle]) {
		t.Errorf("first batches %v", first)
	}
}

// TestAhead: the announced terms are those of later steps, and looking ahead changes no batch.
func TestAhead(t *testing.T) {
	for _, sampling := range samplings {
		for _, size := range []int{1, 3} {
			const n, steps = 11, 40
			plain, looking := NewBatches(sampling, n, size, 7), NewBatches(sampling, n, size, 7)
			var terms []uint32
			starts := make([]int, steps)
			for k := range steps {
				starts[k] = len(terms)
				terms = append(terms, plain.At(k)...)
			}
			known := 0
			for k := range steps - 12 {
				batch := looking.At(k)
				if !slices.Equal(batch, terms[starts[k]:starts[k+1]]) {
					t.Fatalf("%v: the batch of step %d is %v", sampling, k, batch)
				}
				for places := range 12 {
					if term, ok := looking.ahead(k, places); ok {
						known++
						if want := terms[starts[k]+places]; term != want {
							t.Errorf("%v, batches of %d: %d places behind step %d is %d, want %d", sampling, size, places, k, term, want)
						}
					}
				}
			}
			if (known > 0) != (sampling != Sequential) {
				t.Errorf("%v: %d terms are known", sampling, known)
			}
		}
	}
}

// TestBlocks: a group of blocks is used up before the next one. Its terms come in a random order. A batch may end in the next group.
func TestBlocks(t *testing.T) {
	const n, size, group = many + 5, 1000, blockTerms * mixedBlocks
	for epoch := range 2 {
		b := NewBatches(Blocks, n, size, 7)
		var order []uint32
		perEpoch := (n + size - 1) / size
		for k := range perEpoch {
			order = append(order, b.At(epoch*perEpoch+k)...)
		}
		inOrder := 0
		for at := 0; at < group*b.blocks.groups; at += group {
			end := at + group
			if at == group*(b.blocks.groups-1) {
				end = n
			}
			met := make(map[uint32]int)
			for i := at; i < end; i++ {
				met[order[i]/blockTerms]++
				if i > at && order[i] == order[i-1]+1 {
					inOrder++
				}
			}
			for block, count := range met {
				if whole := int(block) < n/blockTerms; whole && count != blockTerms || !whole && count != n%blockTerms {
					t.Errorf("epoch %d: %d terms of block %d stand between places %d and %d", epoch, count, block, at, end)
				}
			}
		}
		if inOrder > 30 { // 4 are expected
			t.Errorf("epoch %d: %d terms follow the one before them", epoch, inOrder)
		}
	}
}

// TestBlocksPreload: each block is preloaded once in an epoch, before its terms are drawn.
func TestBlocksPreload(t *testing.T) {
	const n, size = 2*many + 5, 1 << 12
	b := NewBatches(Blocks, n, size, 7)
	asked := make(map[int]int)
	b.blocks.preload = func(lo, hi int) {
		if lo%blockTerms != 0 || hi != lo+blockTerms || hi > n {
			t.Fatalf("the terms %d to %d are no block", lo, hi)
		}
		asked[lo/blockTerms]++
	}
	for k := range (n + size - 1) / size {
		for _, i := range b.At(k) {
			if block := int(i) / blockTerms; block < n/blockTerms && asked[block] == 0 {
				t.Fatalf("batch %d has term %d, whose block nobody asked for", k, i)
			}
		}
	}
	for block, times := range asked {
		if times != 1 {
			t.Errorf("block %d is asked for %d times", block, times)
		}
	}
	if len(asked) != n/blockTerms {
		t.Errorf("%d of %d blocks are asked for", len(asked), n/blockTerms)
	}
}

// TestBlocksOfSeveralRuns: several runs in blocks share a problem and end with the same result.
func TestBlocksOfSeveralRuns(t *testing.T) {
	p := logisticOn(t, 300)
	ends := make([][]float64, 4)
	var wait sync.WaitGroup
	for i := range ends {
		wait.Go(func() {
			s := Settings{Batch: 7, Sampling: Blocks, Epochs: 2, EvaluateEvery: 5}
			if end, err := Minimize(context.Background(), p, make([]float64, objective.Dim(p)), rules.SGD{LR: schedule.Constant(0.1)}, s); err == nil {
				ends[i] = end.X
			}
		})
	}
	wait.Wait()
	for _, x := range ends {
		if x == nil || !slices.Equal(x, ends[0]) {
			t.Errorf("a run ends at %v, another at %v", x, ends[0])
		}
	}
}

// logisticOn returns a problem of dense rows.
func logisticOn(t *testing.T, rows int) *objective.Linear[float64] {
	t.Helper()
	x, y := &data.Dense{Rows: rows, Cols: 3}, make([]float64, rows)
	for i := range y {
		x.Data, y[i] = append(x.Data, float64(i%4), 1, float64(i%9)/8), float64(i%2*2-1)
	}
	p, err := objective.Logistic(x, y)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
