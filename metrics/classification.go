package metrics

import (
	"math"
	"slices"
)

// Accuracy returns the share of rows whose class was predicted. Without rows it is NaN.
func Accuracy(truth, predicted []int) float64 {
	checkLength("predicted classes", len(predicted), len(truth), 1)
	right := 0
	for i, class := range truth {
		if predicted[i] == class {
			right++
		}
	}
	return float64(right) / float64(len(truth))
}

// Confusion counts the rows of each class by the class predicted for them: element [t][p] counts those of class t predicted as
// class p. Without rows it is all zero.
func Confusion(truth, predicted []int, classes int) [][]int {
	checkLength("predicted classes", len(predicted), len(truth), 1)
	checkClasses("true", truth, classes)
	checkClasses("predicted", predicted, classes)
	counts := make([][]int, classes)
	for t := range counts {
		counts[t] = make([]int, classes)
	}
	for i, t := range truth {
		counts[t][predicted[i]]++
	}
	return counts
}

// LogLoss returns the mean of −log p, in nats, where p is the probability that a row's true class was given. Probabilities has
// one row of classes elements for each row of truth. Each p is clipped to [ε, 1−ε] with ε = 2⁻⁵², so that one row costs at most
// 36.04; the rows are not scaled to sum to one. Without rows it is NaN.
func LogLoss(truth []int, probabilities []float64, classes int) float64 {
	checkLength("probabilities", len(probabilities), len(truth), classes)
	checkClasses("true", truth, classes)
	const epsilon = 0x1p-52 // of float64, as in numpy.finfo
	return mean(len(truth), func(i int) float64 {
		p := probabilities[i*classes+truth[i]]
		return -math.Log(min(max(p, epsilon), 1-epsilon))
	})
}

// AUC returns the area under the ROC curve of two classes: the share of pairs of a row of class 1 and a row of class 0 in which
// the row of class 1 has the higher score. Equal scores count half. Only the order of scores matters, so they may be
// probabilities of class 1 or any margins. If either class has no rows, it is NaN.
func AUC(truth []int, scores []float64) float64 {
	checkLength("scores", len(scores), len(truth), 1)
	checkClasses("true", truth, 2)
	return againstRest(1, truth, scores)
}

// MacroAUC returns the mean over the classes of the AUC of that class against the rest, each class with the same weight.
// Probabilities has one row of classes elements for each row of truth; any scores will do. If a class has no rows, it is NaN. For
// two classes it is the AUC of class 1, as it is in scikit-learn.
func MacroAUC(truth []int, probabilities []float64, classes int) float64 {
	checkLength("probabilities", len(probabilities), len(truth), classes)
	checkClasses("true", truth, classes)
	of := func(class int) float64 { return againstRest(class, truth, column(class, probabilities, classes)) }
	if classes == 2 {
		return of(1)
	}
	return mean(classes, of)
}

// column returns a copy of one column of a row-major matrix.
func column(j int, matrix []float64, columns int) []float64 {
	c := make([]float64, len(matrix)/columns)
	for i := range c {
		c[i] = matrix[i*columns+j]
	}
	return c
}

// againstRest returns the AUC of one class, given its scores, against all others.
func againstRest(class int, truth []int, scores []float64) float64 {
	var members, others []float64
	for i, score := range scores {
		switch {
		case math.IsNaN(score):
			return math.NaN()
		case truth[i] == class:
			members = append(members, score)
		default:
			others = append(others, score)
		}
	}
	return wins(members, others) / float64(len(members)) / float64(len(others))
}

// wins counts the pairs (m, o) with m > o, and half of those with m = o. It sorts both slices. The count of halves is a whole
// number, hence exact.
func wins(members, others []float64) float64 {
	slices.Sort(members)
	slices.Sort(others)
	var halves int64
	var below, upTo int // the numbers of others that are < m and ≤ m
	for _, m := range members {
		for below < len(others) && others[below] < m {
			below++
		}
		for upTo < len(others) && others[upTo] <= m {
			upTo++
		}
		halves += int64(below) + int64(upTo)
	}
	return float64(halves) / 2
}
