package train

import (
	"encoding/json"
	"fmt"
	"strings"

	"steepest/checkpoint"
	"steepest/param"
)

// The prefixes of the names of tensors in a checkpoint.
const (
	vectorTensors = "vectors/"
	scalarTensors = "scalars/"
	countTensors  = "counts/"
	shapeTensors  = "shapes/"
)

// Snapshot returns the state in the form of a checkpoint, bit for bit. meta is JSON that identifies the run for its owner, such as the
// problem, the rule and the settings. If ranks divide the state, all must save it together (checkpoint.OpenTogether).
func (s State[T]) Snapshot(meta json.RawMessage) checkpoint.Snapshot {
	tensors := make(map[string]checkpoint.Tensor)
	for name, v := range s.Vectors {
		tensors[vectorTensors+name] = checkpoint.Tensor{Shape: []int{len(v)}, Values: v}
	}
	for name, v := range s.Scalars {
		tensors[scalarTensors+name] = checkpoint.Tensor{Shape: []int{len(v)}, Values: v}
	}
	for name, n := range s.Counts {
		tensors[countTensors+name] = checkpoint.Tensor{Values: []int64{int64(n)}}
	}
	for name, shape := range s.Shapes {
		dims := make([]int64, len(shape))
		for i, n := range shape {
			dims[i] = int64(n)
		}
		tensors[shapeTensors+name] = checkpoint.Tensor{Shape: []int{len(dims)}, Values: dims}
	}
	divided := make(map[string]bool)
	for name := range s.Parts {
		divided[vectorTensors+name] = true
	}
	return checkpoint.Snapshot{Step: s.Counts["step"], Meta: meta, Tensors: tensors, Divided: divided}
}

// StateOf is the inverse of State.Snapshot. The error says which part of the checkpoint is not the state of a run in this precision.
func StateOf[T param.Float](c *checkpoint.Snapshot) (State[T], error) {
	s := State[T]{Vectors: map[string][]T{}, Scalars: map[string][]float64{}, Counts: map[string]int{}, Shapes: map[string][]int{}}
	for full, tensor := range c.Tensors {
		ok := false
		if name, is := strings.CutPrefix(full, vectorTensors); is {
			s.Vectors[name], ok = tensor.Values.([]T)
		} else if name, is := strings.CutPrefix(full, scalarTensors); is {
			s.Scalars[name], ok = tensor.Values.([]float64)
		} else if name, is := strings.CutPrefix(full, countTensors); is {
			var n []int64
			if n, ok = tensor.Values.([]int64); ok && len(n) == 1 {
				s.Counts[name] = int(n[0])
			}
		} else if name, is := strings.CutPrefix(full, shapeTensors); is {
			var dims []int64
			dims, ok = tensor.Values.([]int64)
			s.Shapes[name] = []int{}
			for _, n := range dims {
				s.Shapes[name] = append(s.Shapes[name], int(n))
			}
		}
		if !ok {
			return s, fmt.Errorf("train: the checkpoint holds %q as a %T, which is no part of a run in %T",
				full, tensor.Values, *new(T))
		}
	}
	return s, nil
}
