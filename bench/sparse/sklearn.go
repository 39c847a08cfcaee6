package main

import (
	"bufio"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"steepest/internal/simd"
)

//go:embed sklearn.py
var program string

// peer is a Python that holds the same matrix and does a command a line; the arrays go by files.
type peer struct {
	cols    int
	dir     string
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	version string
}

// start hands a matrix over to a new peer.
func start[T simd.Float](python string, a matrix[T], l2 float64) (*peer, error) {
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
		err = p.run(python, dir, fmt.Sprintf("%T", T(0)), fmt.Sprint(a.cols), fmt.Sprint(l2))
	}
	if err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

// run starts the program, which answers with the versions when it is ready.
func (p *peer) run(python string, args ...string) (err error) {
	p.command = exec.Command(python, append([]string{"-c", program}, args...)...)
	p.command.Stderr = os.Stderr
	if p.in, err = p.command.StdinPipe(); err != nil {
		return err
	}
	out, err := p.command.StdoutPipe()
	if err != nil {
		return err
	}
	p.out = bufio.NewReader(out)
	if err := p.command.Start(); err != nil {
		return err
	}
	p.version, err = p.answer()
	return err
}

func (p *peer) stop() {
	if p.in != nil {
		p.in.Close()
		p.command.Wait()
	}
	os.RemoveAll(p.dir)
}

// epochTime returns the processor time of an epoch, in seconds.
func (p *peer) epochTime(epochs int, shuffled bool) (seconds float64, err error) {
	line, err := p.ask("time %d %t", epochs, shuffled)
	if err == nil {
		_, err = fmt.Sscan(line, &seconds)
	}
	return seconds, err
}

// step makes an epoch in the given order, after those made before, and returns the weights.
func (p *peer) step(order []uint32) ([]float64, error) {
	if err := p.write("order", order); err != nil {
		return nil, err
	}
	if _, err := p.ask("step"); err != nil {
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

func (p *peer) ask(format string, args ...any) (string, error) {
	if _, err := fmt.Fprintf(p.in, format+"\n", args...); err != nil {
		return "", err
	}
	return p.answer()
}

func (p *peer) answer() (string, error) {
	line, err := p.out.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("no answer from scikit-learn: %w", err)
	}
	return strings.TrimSpace(line), nil
}

// write writes an array of numbers to a file of the peer's folder.
func (p *peer) write(name string, numbers any) error {
	bytes, err := binary.Append(nil, binary.LittleEndian, numbers)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(p.dir, name), bytes, 0o600)
}
