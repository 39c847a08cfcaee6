package cli

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"gonum.org/v1/gonum/optimize"

	"steepest/gonumopt"
	"steepest/internal/parallel"
)

// TestRecovered: panics of the program, with several lines, at several depths and on other goroutines, give an error of one line with a hint.
func TestRecovered(t *testing.T) {
	var nothing []int
	for name, fault := range map[string]func() error{
		"value":   func() error { panic("two\n\tlines") },
		"error":   func() error { panic(errors.New("two\nlines")) },
		"runtime": func() error { nothing[len(nothing)]++; return nil },
		"helper":  func() error { parallel.For(100, func(_, i int) { panic("piece") }); return nil },
		"gonum": func() error {
			p := optimize.Problem{Func: func([]float64) float64 { panic("in a goroutine of gonum's") }}
			_, err := gonumopt.Minimize(p, []float64{1}, nil, nil)
			return err
		},
		"nested": func() error {
			parallel.For(3, func(_, _ int) { parallel.For(3, func(_, i int) { nothing[i]++ }) })
			return nil
		},
	} {
		var out bytes.Buffer
		w := &world{Context: context.Background(), stdout: newTerminal(&out), stderr: newTerminal(&out)}
		code := w.execute(fault)
		lines := strings.Split(out.String(), "\n")
		if code != exitFault || len(lines) != 3 || !strings.HasPrefix(lines[1], "hint: please report it") ||
			!strings.HasPrefix(lines[0], "error: a fault of the program itself, in cmd/internal/cli.") || !strings.Contains(lines[0], " at recover_test.go:") {
			t.Errorf("%s: exit code %d\n%s", name, code, out.String())
		}
	}
}
