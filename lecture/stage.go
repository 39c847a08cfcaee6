package lecture

import (
	"context"
	"errors"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"steepest/compare"
	"steepest/internal/parallel"
	"steepest/objective"
	"steepest/optim"
	"steepest/theory"
	"steepest/train"
)

// stage runs scenes. Methods get their gradients and claims get their numbers through the stage, so that a test can flip the sign of
// either.
type stage struct {
	context.Context
	method, theory float64 // 1; −1 in a test

	turned, predicted bool // set once the scene has used a method, or a prediction; tests check both

	kept  *memory // for tests; nil keeps nothing
	brief bool    // for tests: leaves out computations that only the figure needs
}

// memory holds the measurements of a scene in order, so that a test can judge them again with other predictions.
type memory struct {
	results []any
	next    int  // index of the next result to return
	inside  bool // set during a measurement: nested measurements are not kept
}

// measured returns the result of measure, or the one from an earlier run of the scene.
func measured[T any](s *stage, measure func() (T, error)) (T, error) {
	switch m := s.kept; {
	case m == nil || m.inside:
		return measure()
	case m.next < len(m.results):
		m.next++
		return m.results[m.next-1].(T), nil
	default:
		m.inside = true
		result, err := measure()
		m.inside = false
		m.results, m.next = append(m.results, result), m.next+1
		return result, err
	}
}

// sign returns 1, or −1 if a test flips the sign of the method.
func (s *stage) sign() float64 {
	s.turned = true
	return s.method
}

// predict returns a number that the claim predicts, with the sign that a test chooses.
func (s *stage) predict(v float64) float64 {
	s.predicted = true
	return s.theory * v
}

// problem returns p with the gradients that the methods see.
func (s *stage) problem(p objective.FiniteSum[float64]) objective.FiniteSum[float64] {
	if sign := s.sign(); sign != 1 {
		return turned{p, sign}
	}
	return p
}

// turned is a problem whose gradients have the opposite sign.
type turned struct {
	objective.FiniteSum[float64]
	sign float64
}

func (p turned) Grad(dst, x []float64, batch []uint32) float64 {
	f := p.FiniteSum.Grad(dst, x, batch)
	for i := range dst {
		dst[i] *= p.sign
	}
	return f
}

// run holds the points of a run, and where it ended.
type run struct {
	points []train.Point
	x      []float64
}

// excesses returns the steps of the points and their f − f*.
func (r run) excesses() (step, excess []float64) {
	for _, p := range r.points {
		step, excess = append(step, float64(p.Step)), append(excess, p.Excess)
	}
	return step, excess
}

// minimize runs a method. Divergence is no error, since some claims are about divergence.
func (s *stage) minimize(p objective.FiniteSum[float64], x0 []float64, rule optim.Rule, settings train.Settings) (run, error) {
	return measured(s, func() (r run, err error) {
		settings.Recorder = train.RecorderFunc(func(p train.Point) error { r.points = append(r.points, p); return nil })
		result, err := train.Minimize(s, s.problem(p), x0, rule, settings)
		if err != nil && !errors.Is(err, train.ErrDiverged) {
			return run{}, err
		}
		r.x = result.X
		return r, nil
	})
}

// race runs a race of methods, and returns it with the f − f* that each of them has ended with, by its name.
func (s *stage) race(race compare.Race, specs ...string) (result *compare.Result, final map[string]float64, err error) {
	race.Problem = s.problem(race.Problem)
	for _, spec := range specs {
		e, err := compare.ParseEntrant(spec)
		if err != nil {
			return nil, nil, err
		}
		race.Entrants = append(race.Entrants, e)
	}
	if result, err = measured(s, func() (*compare.Result, error) { return race.Run(s) }); err != nil {
		return nil, nil, err
	}
	final = make(map[string]float64)
	for _, row := range result.Summaries() {
		final[row.Name] = row.Final.Mid
	}
	return result, final, nil
}

// path runs a method on the caller's batches, and returns x₀, x₁, …, x_steps.
func (s *stage) path(
	p objective.FiniteSum[float64], x0 []float64, rule optim.Rule, steps int, batch func(k int) []uint32,
) ([][]float64, error) {
	return measured(s, func() ([][]float64, error) {
		p := s.problem(p)
		o, err := optim.New[float64](rule, p.Params())
		if err != nil {
			return nil, err
		}
		x, g := slices.Clone(x0), make([]float64, len(x0))
		path := [][]float64{x0}
		for k := range steps {
			if s.Err() != nil {
				return nil, context.Cause(s)
			}
			p.Grad(g, x, batch(k))
			if err := o.Step(x, g); err != nil {
				return nil, err
			}
			path = append(path, slices.Clone(x))
		}
		return path, nil
	})
}

// whole returns the batch of all terms for every step.
func whole(int) []uint32 { return nil }

func square(v float64) float64 { return v * v }

// ensemble is the mean of the measurements over seeds, point by point.
type ensemble struct {
	step   []float64
	excess []float64    // E f − f*
	sigma  []float64    // its standard error
	trace  theory.Trace // set only by watch
	drawn  int          // batches in each mean of the trace, if that is sampled
}

// average runs a method with several seeds, which determine its batches.
func (s *stage) average(
	p objective.FiniteSum[float64], x0 []float64, rule optim.Rule, settings train.Settings, seeds int,
) (ensemble, error) {
	p = s.problem(p)
	return s.repeat(seeds, settings, func(_ int, settings train.Settings) error {
		_, err := train.Minimize(s, p, x0, rule, settings)
		return err
	})
}

// watch is average with the trace of the runs. The trace needs the gradients of all terms at every step.
func (s *stage) watch(
	p objective.FiniteSum[float64], x0 []float64, rule optim.Rule, settings train.Settings, seeds int,
) (ensemble, error) {
	return measured(s, func() (ensemble, error) {
		traces, samples := make([]theory.Trace, seeds), 0
		p := s.problem(p)
		steps := settings.Budget(rule, p.Len())
		e, err := s.repeat(seeds, settings, func(seed int, settings train.Settings) error {
			watched, trace, drawn := theory.Watch(p, settings.Batch, steps)
			if drawn && seed == 0 {
				samples = seeds
			}
			_, err := train.Minimize(s, watched, x0, rule, settings)
			traces[seed] = *trace
			return err
		})
		e.trace, e.drawn = theory.Mean(traces...), samples
		return e, err
	})
}

// repeat returns the mean over seeds of what a run records. Divergence is no error.
func (s *stage) repeat(seeds int, settings train.Settings, run func(seed int, settings train.Settings) error) (ensemble, error) {
	return measured(s, func() (ensemble, error) {
		runs, failed := make([][]train.Point, seeds), make([]error, seeds)
		parallel.For(seeds, func(_, seed int) {
			settings := settings
			settings.Seed = uint64(seed)
			settings.Recorder = train.RecorderFunc(func(p train.Point) error { runs[seed] = append(runs[seed], p); return nil })
			if err := run(seed, settings); !errors.Is(err, train.ErrDiverged) {
				failed[seed] = err
			}
		})
		return meanOf(runs), errors.Join(failed...)
	})
}

// meanOf returns the mean at each point over the runs that reached it, and did not diverge before.
func meanOf(runs [][]train.Point) ensemble {
	var e ensemble
	for k, point := range runs[0] {
		var excess []float64
		for _, run := range runs {
			if k < len(run) {
				excess = append(excess, run[k].Excess)
			}
		}
		mean, deviation := stat.MeanStdDev(excess, nil)
		e.step = append(e.step, float64(point.Step))
		e.excess, e.sigma = append(e.excess, mean), append(e.sigma, deviation/math.Sqrt(float64(len(runs))))
	}
	return e
}

// last returns E f − f* at the end of the runs.
func (e ensemble) last() float64 { return e.excess[len(e.excess)-1] }

// slope returns the slope of log E(f − f*) over log k, fitted to the steps from a given one on.
func (e ensemble) slope(from float64) float64 {
	i, _ := slices.BinarySearch(e.step, from)
	return theory.Power(e.step[i:], e.excess[i:]).Slope
}
