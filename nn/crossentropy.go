package nn

import (
	"steepest/internal/simd"
	"steepest/param"
)

// CrossEntropy stores −ln softmax(row)ₜ in losses for each row of scores and its class t. The number of classes is the length of a row.
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
