package lecture

import (
	"fmt"
	"math"

	"steepest/objective"
	"steepest/optim"
	"steepest/report"
	"steepest/theory"
	"steepest/train"
)

// trial is a method on a problem with a known solution, and the theorems about it.
type trial struct {
	name, ru string
	problem  objective.FiniteSum[float64]
	x0       []float64
	best     train.Optimum
	rule     optim.Rule
	settings train.Settings
	seeds    int
	theorems []string
	// tight is the largest allowed ratio of the last bound to the measured value at the end; 0 sets no limit.
	tight float64
}

// hold runs a trial. It returns a panel with the mean over seeds ± two standard errors, and the bounds; bounds as printed are dashed.
// The verdict tests that the hypotheses hold, and the bounds, too, up to four standard errors.
func (s *stage) hold(t trial) (report.Panel, Verdict, ensemble, error) {
	t.settings.Optimum = &t.best
	e, err := s.watch(t.problem, t.x0, t.rule, t.settings, t.seeds)
	if err != nil {
		return report.Panel{}, nil, e, err
	}
	low, high := make([]float64, len(e.step)), make([]float64, len(e.step))
	for i, v := range e.excess {
		low[i], high[i] = v-2*e.sigma[i], v+2*e.sigma[i]
	}
	mean := report.Curve{Name: "measured", X: map[string][]float64{"x": e.step[1:]},
		Y: map[string]report.Band{"y": {Mid: e.excess[1:], Low: low[1:], High: high[1:]}}}
	curves := []report.Curve{mean}
	facts := theory.New(t.problem, t.x0, &t.best)
	run := theory.Run{Rule: t.rule, Settings: t.settings, Trace: e.trace, Drawn: e.drawn}
	var verdict Verdict
	for i, name := range t.theorems {
		theorem, err := theory.Find(name)
		if err != nil {
			return report.Panel{}, nil, e, err
		}
		b := theorem.Apply(facts, run)
		line := curve(b.Form.String()+" bound", e.step[1:], s.boundAt(&b, e.step)[1:])
		line.Dashed = b.Form == theory.Printed
		curves = append(curves, line)
		verdict = append(verdict, s.judge(t, &b, e)...)
		if i == len(t.theorems)-1 && t.tight > 0 {
			bound := s.boundAt(&b, e.step)
			verdict = append(verdict, atMost(fmt.Sprintf("%s, %s bound: ratio to E f − f* at the end", t.name, b.Form),
				fmt.Sprintf("%s, %s: отношение к E f − f* в конце", t.ru, inRussian[b.Form]), bound[len(bound)-1]/e.last(), t.tight))
		}
	}
	verdict = append(verdict, atMost(t.name+": f − f* at the end divided by that of the start", t.ru+": f − f* в конце к начальному",
		e.last()/e.excess[0], 1))
	x, y := report.Axis{Label: "iterations", Log: true}, report.Axis{Label: t.measures(), Log: true}
	return panel(t.name, x, y, curves...), verdict, e, nil
}

var inRussian = map[theory.Form]string{theory.Printed: "напечатанная оценка", theory.Sharper: "уточнённая оценка"}

// measures returns the label of the measured quantity.
func (t *trial) measures() string {
	if t.settings.Average.Form != train.LastIterate {
		return "E f(x̄) − f*"
	}
	return "E f − f*"
}

// boundAt returns a bound on f − f* at the given steps.
func (s *stage) boundAt(b *theory.Bound, step []float64) []float64 {
	k := make([]int, len(step))
	for i, v := range step {
		k[i] = int(v)
	}
	curve := b.ExcessCurve(k)
	for i := range curve {
		curve[i] = s.predict(curve[i])
	}
	return curve
}

// judge compares a bound with the measurements at all steps that it covers.
func (s *stage) judge(t trial, b *theory.Bound, e ensemble) Verdict {
	held := 0
	for _, h := range b.Hypotheses {
		if h.Verdict == theory.Held {
			held++
		}
	}
	least := math.Inf(1)
	for i, v := range s.boundAt(b, e.step) {
		if !math.IsNaN(v) {
			least = min(least, (v+4*e.sigma[i])/e.excess[i])
		}
	}
	name, ru := fmt.Sprintf("%s, %s bound", t.name, b.Form), fmt.Sprintf("%s, %s", t.ru, inRussian[b.Form])
	return Verdict{
		equal(name+": hypotheses that hold", ru+": выполненных условий", float64(held), float64(len(b.Hypotheses)), 0),
		atLeast(name+": least ratio, with four standard errors, to E f − f*",
			ru+": наименьшее отношение, с четырьмя стандартными ошибками, к E f − f*", least, 1),
	}
}

// held returns the outcome of a scene that consists of trials.
func (s *stage) held(trials ...trial) (*Outcome, error) {
	o, figure := &Outcome{}, &report.Figure{}
	for _, t := range trials {
		p, verdict, _, err := s.hold(t)
		if err != nil {
			return nil, err
		}
		figure.Panels, o.Verdict = append(figure.Panels, p), append(o.Verdict, verdict...)
	}
	o.Figure = figure
	return o, nil
}

// known returns a trial on a test function from a point, with one term per step.
func known(name, ru string, f *objective.Function, x0 []float64, t trial) trial {
	t.name, t.ru, t.problem, t.x0 = name, ru, f, x0
	t.best = train.Optimum{X: f.Minimizers[0], F: f.Min}
	t.settings.Batch = 1
	return t
}
