package train

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/optimize"

	"steepest/objective"
)

// TestJSONLRoundTrip writes a run and reads every number back.
func TestJSONLRoundTrip(t *testing.T) {
	var text bytes.Buffer
	var points []Point
	lines, f := JSONL(&text), objective.Booth()
	_, err := Minimize(context.Background(), f, f.Start, sgd(0.05), Settings{Steps: 3, Optimum: &Optimum{X: []float64{1, 3}},
		Recorder: RecorderFunc(func(p Point) error { points = append(points, p); return lines.Record(p) })})
	if err != nil {
		t.Fatal(err)
	}
	read := strings.Split(strings.TrimSpace(text.String()), "\n")
	if len(read) != 4 || len(points) != 4 {
		t.Fatalf("%d lines for %d points", len(read), len(points))
	}
	for k, line := range read {
		got := make(map[string]float64)
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		p := points[k]
		want := map[string]float64{"step": float64(k), "grads": float64(k), "epochs": p.Epochs, "flops": p.FLOPs,
			"seconds": p.Seconds, "loss": p.Loss, "excess": p.Excess, "distance": p.Distance, "lr": 0.05}
		if k == 0 {
			delete(want, "lr")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("point %d (−want +got):\n%s", k, diff)
		}
	}
}

// TestJSONLWithoutNumbers writes NaN and infinities, which JSON does not have.
func TestJSONLWithoutNumbers(t *testing.T) {
	nan := math.NaN()
	for _, test := range []struct {
		point Point
		want  string
	}{
		{Point{Step: 2, Grads: 4, Epochs: 0.5, FLOPs: 8, Seconds: 0.25, Loss: nan, Excess: nan, Distance: nan, LR: nan},
			`{"step":2,"grads":4,"epochs":0.5,"flops":8,"seconds":0.25,"loss":null}`},
		{Point{Loss: math.Inf(1), Excess: math.Inf(1), Distance: math.Inf(1), LR: 0.1},
			`{"step":0,"grads":0,"epochs":0,"flops":0,"seconds":0,"loss":null,"lr":0.1}`},
		{Point{Loss: 0, Excess: 0, Distance: 0, LR: 0},
			`{"step":0,"grads":0,"epochs":0,"flops":0,"seconds":0,"loss":0,"excess":0,"distance":0,"lr":0}`},
	} {
		var text bytes.Buffer
		if err := JSONL(&text).Record(test.point); err != nil || text.String() != test.want+"\n" {
			t.Errorf("%+v: %s, %v; want %s", test.point, &text, err, test.want)
		}
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestJSONLWriteError(t *testing.T) { checkError(t, JSONL(fullDisk{}).Record(Point{}), "disk full") }

// TestGonumPrinter passes points to gonum's own printer.
func TestGonumPrinter(t *testing.T) {
	var text bytes.Buffer
	printer := optimize.NewPrinter()
	printer.Writer, printer.ValueInterval = &text, 0
	r, err := Gonum(printer)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []Point{{Loss: 2.5}, {Step: 10, Grads: 320, Seconds: 1.5, Loss: 0.75}} {
		time.Sleep(time.Millisecond) // the printer drops points of the same instant
		if err := r.Record(p); err != nil {
			t.Fatal(err)
		}
	}
	got := strings.Fields(text.String())
	want := []string{"Iter", "Runtime", "FuncEvals", "Func", "0", "0s", "0", "2.5", "10", "1.5s", "0", "0.75"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(−want +got):\n%s", diff)
	}
}

// gonumSpy is a recorder for gonum that keeps the points that it gets.
type gonumSpy struct {
	fail  error
	inits int
	f     []float64
	ops   []optimize.Operation
	stats []optimize.Stats
}

func (s *gonumSpy) Init() error { s.inits++; return s.fail }

func (s *gonumSpy) Record(l *optimize.Location, op optimize.Operation, stats *optimize.Stats) error {
	s.f, s.ops, s.stats = append(s.f, l.F), append(s.ops, op), append(s.stats, *stats)
	return errors.New("enough")
}

func TestGonumRecorder(t *testing.T) {
	spy := new(gonumSpy)
	r, err := Gonum(spy)
	if err != nil || spy.inits != 1 {
		t.Fatalf("%d calls of Init, %v", spy.inits, err)
	}
	checkError(t, r.Record(Point{Step: 7, Grads: 21, Seconds: 0.5, Loss: 3}), "enough")
	want := optimize.Stats{MajorIterations: 7, GradEvaluations: 21, Runtime: time.Second / 2}
	if spy.f[0] != 3 || spy.ops[0] != optimize.MajorIteration || spy.stats[0] != want {
		t.Errorf("%+v", spy)
	}
	_, err = Gonum(&gonumSpy{fail: errors.New("no printer")})
	checkError(t, err, "no printer")
}
