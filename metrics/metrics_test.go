package metrics

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// drawBinary draws rows of two classes whose scores often tie.
func drawBinary(t *rapid.T) (truth []int, scores []float64) {
	n := rapid.IntRange(0, 60).Draw(t, "n")
	truth = rapid.SliceOfN(rapid.IntRange(0, 1), n, n).Draw(t, "truth")
	score := rapid.OneOf(rapid.Map(rapid.IntRange(-3, 3), func(k int) float64 { return float64(k) }), rapid.Float64())
	return truth, rapid.SliceOfN(score, n, n).Draw(t, "scores")
}

// same fails unless both are NaN, or differ by no more than the rounding of short sums.
func same(t *rapid.T, what string, got, want float64) {
	if got != want && !(math.Abs(got-want) <= 1e-14*math.Abs(want)) && !(math.IsNaN(got) && math.IsNaN(want)) {
		t.Fatalf("%s is %v, want %v", what, got, want)
	}
}

// pairwiseAUC is the definition: the share of pairs in which class 1 has the higher score.
func pairwiseAUC(truth []int, scores []float64) float64 {
	var won, pairs float64
	for i := range truth {
		for j := range truth {
			if truth[i] != 1 || truth[j] != 0 {
				continue
			}
			pairs++
			switch {
			case scores[i] > scores[j]:
				won++
			case scores[i] == scores[j]:
				won += 0.5
			}
		}
	}
	return won / pairs
}

func TestAUCCountsPairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		truth, scores := drawBinary(t)
		same(t, "AUC", AUC(truth, scores), pairwiseAUC(truth, scores))
	})
}

// TestAUCSeesOnlyOrder replaces scores by an increasing function of their ranks, as any increasing map would, and mirrors them.
func TestAUCSeesOnlyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		truth, scores := drawBinary(t)
		auc := AUC(truth, scores)
		sorted := slices.Clone(scores)
		slices.Sort(sorted)
		ranks, mirrored := make([]float64, len(scores)), make([]float64, len(scores))
		for i, s := range scores {
			rank, _ := slices.BinarySearch(sorted, s)
			ranks[i], mirrored[i] = math.Exp(float64(rank)), -s
		}
		same(t, "AUC of ranks", AUC(truth, ranks), auc)
		same(t, "AUC of mirrored scores", 1-AUC(truth, mirrored), auc)
	})
}

func TestMacroAUCAveragesClasses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		classes := rapid.IntRange(3, 5).Draw(t, "classes")
		n := rapid.IntRange(0, 40).Draw(t, "n")
		truth := rapid.SliceOfN(rapid.IntRange(0, classes-1), n, n).Draw(t, "truth")
		probabilities := rapid.SliceOfN(rapid.Float64Range(0, 1), n*classes, n*classes).Draw(t, "probabilities")
		var total float64
		for class := range classes {
			is := make([]int, n)
			for i := range is {
				if truth[i] == class {
					is[i] = 1
				}
			}
			total += pairwiseAUC(is, column(class, probabilities, classes))
		}
		same(t, "macro AUC", MacroAUC(truth, probabilities, classes), total/float64(classes))
	})
}

func TestConfusionTraceIsAccuracy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		classes, n := rapid.IntRange(1, 5).Draw(t, "classes"), rapid.IntRange(1, 50).Draw(t, "n")
		label := rapid.SliceOfN(rapid.IntRange(0, classes-1), n, n)
		truth, predicted := label.Draw(t, "truth"), label.Draw(t, "predicted")
		trace, total := 0, 0
		for i, row := range Confusion(truth, predicted, classes) {
			trace += row[i]
			for _, count := range row {
				total += count
			}
		}
		if total != n {
			t.Fatalf("%d rows were counted, want %d", total, n)
		}
		same(t, "accuracy", Accuracy(truth, predicted), float64(trace)/float64(n))
	})
}

func permuted[T any](values []T, perm []int, perRow int) (p []T) {
	for _, i := range perm {
		p = append(p, values[i*perRow:(i+1)*perRow]...)
	}
	return p
}

// TestOrderOfRows permutes rows: no metric may depend on their order by more than rounding.
func TestOrderOfRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const classes = 3
		n := rapid.IntRange(2, 400).Draw(t, "n") // more than sum adds up in one piece
		rows := make([]int, n)
		for i := range rows {
			rows[i] = i
		}
		perm := rapid.Permutation(rows).Draw(t, "permutation")

		label := rapid.SliceOfN(rapid.IntRange(0, classes-1), n, n)
		a, b := label.Draw(t, "truth"), label.Draw(t, "predicted")
		p := rapid.SliceOfN(rapid.Float64Range(0, 1), n*classes, n*classes).Draw(t, "probabilities")
		pa, pb, pp := permuted(a, perm, 1), permuted(b, perm, 1), permuted(p, perm, classes)
		same(t, "accuracy", Accuracy(pa, pb), Accuracy(a, b))
		same(t, "log loss", LogLoss(pa, pp, classes), LogLoss(a, p, classes))
		same(t, "macro AUC", MacroAUC(pa, pp, classes), MacroAUC(a, p, classes))

		thousandth := func(k int) float64 { return float64(k) / 1000 } // its square is not near the end of the range
		values := rapid.SliceOfN(rapid.Map(rapid.IntRange(-10_000, 10_000), thousandth), n, n)
		y, z := values.Draw(t, "y"), values.Draw(t, "z")
		py, pz := permuted(y, perm, 1), permuted(z, perm, 1)
		same(t, "RMSE", RMSE(py, pz), RMSE(y, z))
		same(t, "MAE", MAE(py, pz), MAE(y, z))
		same(t, "1 − R2", 1-R2(py, pz), 1-R2(y, z)) // R2 itself may cancel to nothing
	})
}

// TestTenMillionRows has sums whose exact value is known. Plain summation loses six digits of them.
func TestTenMillionRows(t *testing.T) {
	const n = 10_000_000
	zeros, tenths := make([]float64, n), make([]float64, n)
	for i := range tenths {
		tenths[i] = 0.1
	}
	checkClose(t, "MAE", MAE(zeros, tenths), 0.1)
	checkClose(t, "RMSE", RMSE(zeros, tenths), 0.1)
	checkClose(t, "log loss", LogLoss(make([]int, n), tenths, 1), math.Log(10))
	truth, predicted := zeros, tenths
	for i := range truth {
		truth[i] = 1e9 + float64(i%2)
		predicted[i] = truth[i] + 0.25
	}
	checkClose(t, "R2", R2(truth, predicted), 0.75)
}

// TestConstantTruth has constants whose rounded mean differs from them, where scikit-learn's R² is about −1e33.
func TestConstantTruth(t *testing.T) {
	for _, c := range []float64{0.1, 0.7, 1e9 + 0.1, -1e-300} {
		truth, wrong := make([]float64, 1000), make([]float64, 1000)
		for i := range truth {
			truth[i], wrong[i] = c, c+1
		}
		checkClose(t, fmt.Sprintf("R2 of constant %v, missed", c), R2(truth, wrong), 0)
		checkClose(t, fmt.Sprintf("R2 of constant %v, predicted", c), R2(truth, truth), 1)
	}
}

// TestR2AtEveryMagnitude: R2 does not change with the unit of the values, and deviations whose squares leave the range have one.
func TestR2AtEveryMagnitude(t *testing.T) {
	truth, predicted := []float64{1, -1, 0.25, 3}, []float64{0.5, -0.75, 0.5, 2}
	want := R2(truth, predicted)
	for _, exponent := range []int{-1060, -1000, -600, -3, 2, 600, 1020} {
		var y, p []float64
		for i := range truth {
			y, p = append(y, math.Ldexp(truth[i], exponent)), append(p, math.Ldexp(predicted[i], exponent))
		}
		checkClose(t, fmt.Sprintf("R2 in units of 2^%d", exponent), R2(y, p), want)
	}
	checkClose(t, "R2 of tiny values taken for 0", R2([]float64{1e-200, -1e-200}, []float64{0, 0}), 0)
}

func TestUndefinedIsNaN(t *testing.T) {
	nan := math.NaN()
	for what, got := range map[string]float64{
		"accuracy without rows":    Accuracy(nil, nil),
		"log loss without rows":    LogLoss(nil, nil, 3),
		"AUC without rows":         AUC(nil, nil),
		"macro AUC without rows":   MacroAUC(nil, nil, 3),
		"macro AUC of one class":   MacroAUC([]int{0, 0}, []float64{1, 1}, 1),
		"RMSE without rows":        RMSE(nil, nil),
		"MAE without rows":         MAE(nil, nil),
		"R2 of one row":            R2([]float64{1}, []float64{1}),
		"AUC of a NaN":             AUC([]int{0, 1}, []float64{nan, 1}),
		"macro AUC of a NaN":       MacroAUC([]int{0, 1, 2}, []float64{1, 0, 0, 0, nan, 0, 0, 0, 1}, 3),
		"log loss of a NaN":        LogLoss([]int{0}, []float64{nan, 1}, 2),
		"RMSE of a NaN":            RMSE([]float64{1}, []float64{nan}),
		"MAE of a NaN":             MAE([]float64{1}, []float64{nan}),
		"R2 of a NaN":              R2([]float64{1, 2}, []float64{1, nan}),
		"R2 of a NaN for constant": R2([]float64{1, 1}, []float64{1, nan}),
	} {
		if !math.IsNaN(got) {
			t.Errorf("%s is %v, want NaN", what, got)
		}
	}
}

func TestInfiniteScores(t *testing.T) {
	inf := math.Inf(1)
	checkClose(t, "AUC", AUC([]int{0, 1, 0, 1}, []float64{-inf, inf, inf, 0}), 0.625)
	checkClose(t, "RMSE", RMSE([]float64{1, 2}, []float64{1, inf}), inf)
	checkClose(t, "R2", R2([]float64{1, 2}, []float64{1, inf}), -inf)
}

func TestConfusionWithoutRows(t *testing.T) {
	if got := fmt.Sprint(Confusion(nil, nil, 2)); got != "[[0 0] [0 0]]" {
		t.Errorf("confusion is %s", got)
	}
}

func TestArgumentsStay(t *testing.T) {
	scores := []float64{0.9, 0.1, 0.5}
	before := slices.Clone(scores)
	AUC([]int{0, 1, 1}, scores)
	MacroAUC([]int{0, 0, 0}, scores, 1)
	if !slices.Equal(scores, before) {
		t.Errorf("scores became %v", scores)
	}
}

func TestPanics(t *testing.T) {
	one, two := []int{0}, []int{0, 1}
	for want, call := range map[string]func(){
		"metrics: 1 predicted classes for 2 rows, want 2":   func() { Accuracy(two, one) },
		"metrics: 2 predicted classes for 1 rows, want 1":   func() { Confusion(one, two, 2) },
		"metrics: true class 1 in row 1, want 0 to 0":       func() { Confusion(two, []int{0, 0}, 1) },
		"metrics: predicted class -1 in row 0, want 0 to 1": func() { Confusion(two, []int{-1, 0}, 2) },
		"metrics: 2 probabilities for 2 rows, want 4":       func() { LogLoss(two, []float64{1, 0}, 2) },
		"metrics: true class 7 in row 0, want 0 to 1":       func() { LogLoss([]int{7}, []float64{1, 0}, 2) },
		"metrics: 0 scores for 1 rows, want 1":              func() { AUC(one, nil) },
		"metrics: true class 2 in row 0, want 0 to 1":       func() { AUC([]int{2}, []float64{1}) },
		"metrics: 4 probabilities for 2 rows, want 6":       func() { MacroAUC(two, make([]float64, 4), 3) },
		"metrics: true class 3 in row 0, want 0 to 2":       func() { MacroAUC([]int{3}, make([]float64, 3), 3) },
		"metrics: 0 predicted values for 1 rows, want 1":    func() { RMSE([]float64{1}, nil) },
		"metrics: 3 predicted values for 1 rows, want 1":    func() { MAE([]float64{1}, make([]float64, 3)) },
		"metrics: 1 predicted values for 0 rows, want 0":    func() { R2(nil, []float64{1}) },
	} {
		t.Run(want, func(t *testing.T) {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("panicked with %v", got)
				}
			}()
			call()
		})
	}
}
