// Package terms reads minibatches: lists of terms of a mean, in which nil stands for all terms in their order.
package terms

import "fmt"

// Count returns the number of terms in a batch, of n terms in all. It panics if the batch is empty or has a larger index; then pkg begins
// the message, and noun names the terms.
func Count(batch []uint32, n int, pkg, noun string) int {
	if batch == nil {
		return n
	}
	if len(batch) == 0 {
		panic(fmt.Sprintf("%s: the mean over an empty batch; nil stands for all %s", pkg, noun))
	}
	for _, i := range batch {
		if int(i) >= n {
			panic(fmt.Sprintf("%s: batch index %d, want less than %d", pkg, i, n))
		}
	}
	return len(batch)
}

// At returns the number of the term at index k of a batch.
func At(batch []uint32, k int) int {
	if batch == nil {
		return k
	}
	return int(batch[k])
}
