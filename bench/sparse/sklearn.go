package main

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"steepest/bench/python"
	"steepest/internal/simd"
)

//go:embed sklearn.py
var program string

// peer is a Python process that holds the same matrix and carries out a command for each line. Arrays go through files.
type peer struct {
	*python.Program
	cols    int
	dir     string
	version string
}

// start hands a matrix over to a new peer, which answers with the versions when it is ready.
func start[T simd.Float](interpreter string, a matrix[T], l2 float64) (*peer, error) {
	dir, err := os.MkdirTemp("", "steepest-sparse")
	if err != nil {
		return nil, err
	}
	p := &peer{cols: a.cols, dir: dir}
	pointers := make([]int32, len(a.pointers))
	for i, at := range a.pointers {
		pointers[i] = int32(at)
	}
	err = errors.Join(p.write("indptr", pointers), p.write("indices", a.columns), p.write("values", a.values),
		p.write("labels", a.labels))
	if err == nil {
		p.Program, p.version, err = python.Start(interpreter, program, dir, fmt.Sprintf("%T", T(0)), fmt.Sprint(a.cols), fmt.Sprint(l2))
	}
	if err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

func (p *peer) stop() {
	if p.Program != nil {
		p.Stop()
	}
	os.RemoveAll(p.dir)
}

// epochTime returns the processor time of an epoch, in seconds.
func (p *peer) epochTime(epochs int, shuffled bool) (seconds float64, err error) {
	line, err := p.Ask("time %d %t", epochs, shuffled)
	if err == nil {
		_, err = fmt.Sscan(line, &seconds)
	}
	return seconds, err
}

// step makes one more epoch, in the given order, and returns the weights.
func (p *peer) step(order []uint32) ([]float64, error) {
	if err := p.write("order", order); err != nil {
		return nil, err
	}
	if _, err := p.Ask("step"); err != nil {
		return nil, err
	}
	bytes, err := os.ReadFile(filepath.Join(p.dir, "weights"))
	if err != nil {
		return nil, err
	}
	weights := make([]float64, p.cols)
	_, err = binary.Decode(bytes, binary.LittleEndian, weights)
	return weights, err
}

// write writes an array of numbers to a file of the peer's folder.
func (p *peer) write(name string, numbers any) error {
	bytes, err := binary.Append(nil, binary.LittleEndian, numbers)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(p.dir, name), bytes, 0o600)
}
