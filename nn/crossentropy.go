package nn

import (
	"steepest/internal/simd"
	"steepest/param"
)

// CrossEntropy stores the loss −ln softmax(row)ₜ of each row of scores, in natural units. t is the class of the row, from 0. losses and classes
// have an element for each row, so a row of scores has len(scores)/len(classes) elements.
func CrossEntropy[T param.Float](losses []float64, scores []T, classes []int) {
	k := scoresOf(losses, scores, classes)
	for i, t := range classes {
		losses[i] = simd.CrossEntropy(scores[i*k:(i+1)*k], t)
	}
}

// CrossEntropyGradient does what CrossEntropy does and replaces the scores by the gradients of the losses, times scale:
// scale·(softmax(row) − 1ₜ).
func CrossEntropyGradient[T param.Float](losses []float64, scores []T, classes []int, scale float64) {
	k := scoresOf(losses, scores, classes)
	for i, t := range classes {
		losses[i] = simd.CrossEntropyGradient(scores[i*k:(i+1)*k], t, scale)
	}
}

// scoresOf returns the number of scores of a row.
func scoresOf[T param.Float](losses []float64, scores []T, classes []int) int {
	k := len(scores) / max(1, len(classes))
	checkLen("scores", scores, k*len(classes))
	checkLen("losses", losses, len(classes))
	return k
}
