package cli

import (
	"fmt"

	"steepest/internal/memory"
)

// refuseSize returns an error if something needs more bytes than are free.
func refuseSize(what string, bytes float64) error {
	if free := memory.Available(); bytes > free {
		return usage("take a smaller one", "%s take %s of memory, and %s are there", what, memory.Text(bytes), memory.Text(free))
	}
	return nil
}

// refuseBatch is refuseSize for the indices of a batch.
func refuseBatch(size int) error {
	return refuseSize(fmt.Sprintf("the indices of a batch of %d terms", size), 4*float64(size))
}

// recordBytes is the least memory that a race keeps for a run: a few measured points.
const recordBytes = 1 << 10

// vectors estimates how many vectors of the size of x a run needs: x, the gradient, the state of a method, an average.
const vectors = 10

// refuseUnknowns is refuseSize for a model with a number of unknowns.
func refuseUnknowns(what string, unknowns float64) error {
	return refuseSize(fmt.Sprintf("%s makes %.3g unknowns, which", what, unknowns), 8*vectors*unknowns)
}
