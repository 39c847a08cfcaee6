package checkpoint

import (
	"encoding/json"
	"errors"
)

// Snapshot is the content of a checkpoint.
type Snapshot struct {
	// Step is the number of steps that the run has made, ≥ 0. It is part of the checkpoint's name.
	Step int
	// Meta is any JSON value of the caller: numbers, configuration, the state of random numbers. It is stored byte for byte, and
	// may be empty.
	Meta json.RawMessage
	// On rank 0 Tensors holds at least one tensor. The names are UTF-8, other than "__metadata__", which the file format reserves.
	Tensors map[string]Tensor
	// Divided names the tensors of which each of several Ranks has some rows: those of all ranks, one after the other along the first
	// dimension, make the tensor. Each rank saves its rows. A Snapshot that is loaded has whole tensors, or the Rows that were asked for.
	Divided map[string]bool
}

// Tensor is an array of numbers. Their bits are stored unchanged.
type Tensor struct {
	// Shape holds the dimensions, outermost first; it has no elements for a scalar.
	Shape []int
	// Values holds the elements, row-major: a []float32, []float64, []int64 or []uint32.
	Values any
}

// Rows says which rows of a tensor to load, along the first dimension: from and to below. If part is false, all rows are loaded.
type Rows func(tensor string) (from, to int, part bool)

// Errors of loading and opening.
var (
	// ErrNone says that a folder holds no checkpoint.
	ErrNone = errors.New("no checkpoint")
	// ErrDamaged says that a folder holds checkpoints, and none of them is intact.
	ErrDamaged = errors.New("no intact checkpoint")
	// ErrInUse says that another process, or another Folder, writes into the folder.
	ErrInUse = errors.New("in use")
)
