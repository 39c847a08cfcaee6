package lab

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"

	"steepest/compare"
	"steepest/objective"
	"steepest/optimum"
	"steepest/theory"
	"steepest/train"
)

// trial is a requested run of a method on a function from a point.
type trial struct {
	function *objective.Function
	entrant  compare.Entrant
	settings train.Settings
	start    []float64
}

// trialOf parses the parameters of a run as the program parses its arguments.
func trialOf(ctx context.Context, q url.Values) (t trial, err error) {
	if t.function, err = functionOf(q); err != nil {
		return t, err
	}
	if t.start, err = numbersOf(q, "start", 2); err != nil {
		return t, err
	}
	if t.settings.Steps, err = countOf(q, "steps", 500, 1, mostSteps); err != nil {
		return t, err
	}
	if t.settings.Batch, err = countOf(q, "batch", 1, 1, mostBatch); err != nil {
		return t, err
	}
	seed, err := countOf(q, "seed", 1, 0, math.MaxInt32)
	if err != nil {
		return t, err
	}
	t.settings.Seed = uint64(seed)
	spec := q.Get("method")
	if len(spec) > longestSpec {
		return t, fmt.Errorf("method has %d letters, want at most %d", len(spec), longestSpec)
	}
	if t.entrant, err = compare.ParseEntrant(spec); err != nil {
		return t, err
	}
	switch e := &t.entrant; {
	case e.Ranges != nil:
		return t, fmt.Errorf("method %q: a path needs a number in place of the range, %v", spec, e.Ranges[0])
	case e.Batch > mostBatch:
		return t, fmt.Errorf("the batch is %d, want at most %d", e.Batch, mostBatch)
	case t.function.Len() == 1:
		t.settings.Batch = 0
	case e.Batch >= 0:
		t.settings.Batch = e.Batch
	}
	if t.entrant.Average != nil {
		t.settings.Average = *t.entrant.Average
	}
	best, err := optimum.Find(ctx, t.function)
	if err != nil {
		return t, err
	}
	t.settings.Optimum = &train.Optimum{X: best.X, F: best.Value}
	if t.entrant, err = t.entrant.Advised(theory.New(t.function, t.start, t.settings.Optimum), t.settings); err == nil && t.entrant.Average != nil {
		t.settings.Average = *t.entrant.Average
	}
	return t, err
}

// args returns the arguments with which the program makes the same run.
func (t *trial) args(q url.Values) []string {
	args := []string{"minimize", t.entrant.Spec(), "--function", q.Get("function")}
	if q.Get("function") == "quadratic" && q.Get("kappa") != "" {
		args = append(args, "--kappa", q.Get("kappa"))
	}
	if t.function.Len() > 1 {
		args = append(args, "--noise", q.Get("noise"))
		if t.entrant.Batch < 0 {
			args = append(args, "--batch", strconv.Itoa(t.settings.Batch))
		}
		args = append(args, "--seed", strconv.FormatUint(t.settings.Seed, 10))
	}
	return append(args, "--start", q.Get("start"), "--steps", strconv.Itoa(t.settings.Steps))
}

// walk is the path of a run.
type walk struct {
	// Args are the arguments with which the program makes the same run.
	Args []string `json:"args"`
	// X and Y are the coordinates at the start and after each step. Loss is f there.
	X    []float64 `json:"x"`
	Y    []float64 `json:"y"`
	Loss []float64 `json:"loss"`
	// End says why the path has fewer steps than requested; "" if it has all.
	End string `json:"end,omitempty"`
}

// path answers with a walk. It makes the same run as the program, and evaluates every step.
func (p *playground) path(ctx context.Context, q url.Values) (any, error) {
	t, err := trialOf(ctx, q)
	if err != nil {
		return nil, err
	}
	out := walk{Args: t.args(q), X: []float64{}, Y: []float64{}, Loss: []float64{}}
	s := t.settings
	s.EvaluateEvery = 1
	var run *train.Run[float64]
	s.Recorder = train.RecorderFunc(func(point train.Point) error {
		if x := run.X(); finite(x[0]) && finite(x[1]) && finite(point.Loss) {
			out.X, out.Y, out.Loss = append(out.X, x[0]), append(out.Y, x[1]), append(out.Loss, point.Loss)
		}
		return nil
	})
	if run, err = train.New(t.function, t.start, t.entrant.Method.Rule, s); err != nil {
		return nil, err
	}
	switch _, err = run.Finish(ctx, nil); {
	case err == nil:
	case errors.Is(err, train.ErrDiverged):
		out.End = fmt.Sprintf("diverged at step %d", run.K())
	case ctx.Err() != nil:
		out.End = fmt.Sprintf("ends after %v, at step %d", longestRun, run.K())
	default:
		return nil, err
	}
	return out, nil
}

func finite(v float64) bool { return v-v == 0 }

// plain returns the text of an error without a package name as prefix.
func plain(err error) string {
	text := err.Error()
	if name, rest, ok := strings.Cut(text, ": "); ok && !strings.ContainsAny(name, " \"") {
		return rest
	}
	return text
}
