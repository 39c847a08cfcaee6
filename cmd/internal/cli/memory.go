package cli

import (
	"fmt"

	"steepest/internal/memory"
)

// refuseSize returns an error if something needs more bytes than are free. what is the subject and the verb of its sentence, and fix says
// what to do.
func refuseSize(what string, bytes float64, fix string) error {
	if free := memory.Available(); bytes > free {
		return usage(fix, "%s %s of memory, and %s are free", what, memory.Text(bytes), memory.Text(free))
	}
	return nil
}

// smaller is what to do about a thing that is too large.
const smaller = "take a smaller one"

// refuseBatch is refuseSize for the indices of a batch.
func refuseBatch(size int) error {
	return refuseSize(fmt.Sprintf("the indices of a batch of %d terms take", size), 4*float64(size), smaller)
}

// recordBytes is the least memory that a race keeps for a run: a few measured points.
const recordBytes = 1 << 10

// vectors estimates how many vectors of the size of x a run needs: x, the gradient, the state of a method, an average.
const vectors = 10

// refuseUnknowns is refuseSize for a model with a number of unknowns.
func refuseUnknowns(what string, unknowns float64) error {
	return refuseSize(fmt.Sprintf("%s makes %.3g unknowns, which take", what, unknowns), 8*vectors*unknowns, smaller)
}
