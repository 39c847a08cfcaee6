package lecture

import (
	"fmt"
	"math"
	"math/rand/v2"

	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/report"
)

var drift = Scene{
	Name:  "drift",
	Title: Text{"RMSProp on a problem that changes", "RMSProp на нестационарной задаче"},
	Claim: Text{
		"AdaGrad divides by all squares since the start, and its steps decrease for ever. RMSProp forgets them, which suits " +
			"problems that change.",
		"Adagrad делит на корень из суммы всех квадратов с самого начала, и его шаг только убывает. RMSProp их забывает, что " +
			"делает его подходящим для нестационарных задач.",
	},
	Formulas: []string{
		`f_k(x) = s_k\left(\frac12 (x - c_k)^2 + \xi_k x\right),\quad \xi_k = \pm 1,\quad c_k = (-1)^j,\ 1000j \le k < 1000(j+1),\quad
			s_k = 10^{-2k/20000}`,
	},
	Shows: Text{
		"Left, the minimizer jumps every 1000 steps (dashed), and the gradients become a hundred times smaller in 20000 steps, of " +
			"which the last 4000 are shown. Right, it stays " +
			"at 1 with s = 1: mean square distances over tenths of the run. Each method has the best of sixteen steps from 0.01 " +
			"to 328 over the whole run, for each problem anew.",
		"Слева минимум прыгает каждые 1000 шагов (пунктир), а градиенты за 20000 шагов уменьшаются в сто раз; показаны " +
			"последние 4000. Справа он остаётся в 1 при s = " +
			"1: средние квадраты расстояния на десятых частях. Для каждого метода взят лучший за весь запуск из шестнадцати " +
			"шагов от 0.01 до 328, для каждой задачи заново.",
	},
	Note: Text{
		"Jumps alone do not separate the methods: with s = 1 the best step of AdaGrad, large at first, tracks as well in a " +
			"run of this length. On the problem that stays the same the step of RMSProp does not decrease, and it stops at a " +
			"floor.",
		"Одни прыжки методов не разделяют: при s = 1 лучший шаг Adagrad, вначале большой, следит за минимумом на такой длине не " +
			"хуже. На неизменной задаче шаг RMSProp не убывает, и он останавливается на некотором уровне.",
	},
	run: runDrift,
}

// driftCount is the number of steps of a run, and driftPeriod the number of steps between two jumps.
const driftCount, driftPeriod = 20_000, 1000

func runDrift(s *stage) (*Outcome, error) {
	jumping := func(k int) float64 { return float64(1 - 2*(k/driftPeriod%2)) }
	fading := func(k int) float64 { return math.Pow(10, -2*float64(k)/driftCount) }
	one := func(int) float64 { return 1 }
	const shown = driftCount - 4*driftPeriod
	k := steps(driftCount)
	wave := make([]float64, driftCount)
	for i := range wave {
		wave[i] = jumping(i)
	}
	track := []report.Curve{dashed("minimizer", k[shown:], wave[shown:])}
	var floor []report.Curve
	moving, resting := map[string]float64{}, map[string]float64{}
	for _, m := range []struct {
		name string
		rule func(lr schedule.Schedule) optim.Rule
	}{
		{"AdaGrad", func(lr schedule.Schedule) optim.Rule { return rules.AdaGrad{LR: lr} }},
		{"RMSProp", func(lr schedule.Schedule) optim.Rule { return rules.RMSProp{LR: lr} }},
	} {
		path, err := s.follow(jumping, fading, m.rule)
		if err != nil {
			return nil, err
		}
		moving[m.name] = distances(path, jumping)[9]
		track = append(track, curve(m.name, k[shown:], path[shown:driftCount]))
		if path, err = s.follow(one, one, m.rule); err != nil {
			return nil, err
		}
		tenths := distances(path, one)
		resting[m.name] = tenths[9]
		x := make([]float64, len(tenths))
		for i := range x {
			x[i] = (float64(i) + 0.5) * driftCount / 10
		}
		floor = append(floor, curve(m.name, x, tenths))
	}
	iterations := report.Axis{Label: "iterations"}
	return &Outcome{
		Figure: &report.Figure{Panels: []report.Panel{
			panel("the minimizer jumps", iterations, report.Axis{Label: "x"}, track...),
			panel("the minimizer stays", iterations, report.Axis{Label: "E (x − c)²", Log: true}, floor...),
		}},
		Verdict: Verdict{
			atMost("it jumps: mean (x − c)² of RMSProp over the last tenth divided by that of AdaGrad",
				"минимум прыгает: средний (x − c)² у RMSProp на последней десятой части к значению Adagrad",
				moving["RMSProp"]/moving["AdaGrad"], s.predict(0.5)),
			atMost("it jumps: mean (x − c)² of RMSProp over the last tenth divided by that of x = 0",
				"минимум прыгает: средний (x − c)² у RMSProp на последней десятой части к значению при x = 0", moving["RMSProp"], s.predict(0.5)),
			atMost("it stays: mean (x − c)² of AdaGrad over the last tenth divided by that of RMSProp",
				"минимум на месте: средний (x − c)² у Adagrad на последней десятой части к значению RMSProp",
				resting["AdaGrad"]/resting["RMSProp"], s.predict(0.9)),
		},
	}, nil
}

// follow returns the path of x with the best step size on a problem whose minimizer moves and whose gradients are scaled.
func (s *stage) follow(center, scale func(k int) float64, rule func(lr schedule.Schedule) optim.Rule) ([]float64, error) {
	return measured(s, func() ([]float64, error) {
		p := &objective.Funcs[float64]{N: 2 * driftCount, D: 1, FuncGrad: func(dst, x []float64, i int) float64 {
			noise, away, size := float64(2*(i%2)-1), x[0]-center(i/2), scale(i/2)
			dst[0] = size * (away + noise)
			return size * (square(away)/2 + noise*x[0])
		}}
		random := rand.New(rand.NewPCG(4, 0))
		signs := make([][]uint32, driftCount)
		for k := range signs {
			signs[k] = []uint32{uint32(2*k + random.IntN(2))}
		}
		var best []float64
		least := math.Inf(1)
		for i := range 16 {
			lr := schedule.Constant(0.01 * math.Pow(2, float64(i)))
			path, err := s.path(p, []float64{0}, rule(lr), driftCount, func(k int) []uint32 { return signs[k] })
			if err != nil {
				return nil, err
			}
			x, total := make([]float64, len(path)), 0.0
			for k := range path {
				x[k] = path[k][0]
				total += square(x[k] - center(k))
			}
			if total < least {
				best, least = x, total
			}
		}
		if best == nil {
			return nil, fmt.Errorf("no step size is small enough")
		}
		return best, nil
	})
}

// distances returns the mean of (x − c)² over each tenth of a path.
func distances(x []float64, center func(k int) float64) []float64 {
	mean := make([]float64, 10)
	for k := range driftCount {
		mean[10*k/driftCount] += square(x[k]-center(k)) / (driftCount / 10)
	}
	return mean
}
