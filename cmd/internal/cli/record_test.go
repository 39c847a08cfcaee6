package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"steepest/compare"
	"steepest/methods"
	"steepest/train"
)

// TestRecordLineByLine: the old record stays until the first new line, and each line is in the file once add returns.
func TestRecordLineByLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "record.jsonl")
	if err := os.WriteFile(path, []byte("the old record\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := openRecord(newWorld(context.Background(), nil, io.Discard, io.Discard), path, "sgd", 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	for lines := range 4 {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if lines == 0 && string(text) != "the old record\n" || lines > 0 && (bytes.Count(text, []byte("\n")) != lines || !bytes.HasPrefix(text, []byte(`{"step":0`))) {
			t.Errorf("after %d lines the file holds %q", lines, text)
		}
		if err := r.add(train.Point{Step: lines}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAdviceAtDivergence: after a divergence with a negative step size, the hint does not ask for a smaller one.
func TestAdviceAtDivergence(t *testing.T) {
	method, err := methods.Find("heavy-ball")
	if err != nil {
		t.Fatal(err)
	}
	problem, err := problemFlags{Function: "rosenbrock", Kappa: 1}.newFunction()
	if err != nil {
		t.Fatal(err)
	}
	for lr, want := range map[float64]string{-0.5: "must not be negative", 3: "a smaller step size"} {
		hint := advice(problem, compare.Entrant{Method: method}, train.Point{Step: 9, LR: lr}, errors.New("diverged"))
		if !strings.Contains(hint, want) || strings.Contains(hint, "smaller") != (lr > 0) {
			t.Errorf("at the step size %v: %q, want %q", lr, hint, want)
		}
	}
}
