package lecture

import (
	"fmt"
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/report"
)

var rosenbrock = Scene{
	Name:  "rosenbrock",
	Title: Text{"Many methods: NAG-GS, AdamW, Lion and Fromage", "Много методов: NAG-GS, AdamW, Lion и Fromage"},
	Claim: Text{
		"With one step size, 0.003, the four methods go down Rosenbrock's valley on very different paths from (0.1, 3).",
		"С одним и тем же шагом 0.003 четыре метода спускаются по долине Розенброка из (0.1, 3) очень разными путями.",
	},
	Formulas: []string{
		`f(w) = (1 - w_1)^2 + 100\left(w_2 - w_1^2\right)^2`,
		`\text{NAG-GS: } v \gets \frac{\gamma v + \alpha\mu x - \alpha \nabla f(x)}{\gamma + \alpha\mu},\quad
			x \gets \frac{x + \alpha v}{1 + \alpha},\quad
			\alpha = 0.003,\ \gamma = \mu = 150`,
	},
	Shows: Text{
		"1800 steps, as many as the video shows, on the surface of f; the star is the minimizer (1, 1).",
		"1800 шагов, столько же, сколько в видео, на поверхности f; звезда — точка минимума (1, 1).",
	},
	Note: Text{
		"The gradients are exact, though the figure's title says stochastic. AdamW and Lion have the decay that optax gives " +
			"them, 10⁻⁴ and 10⁻³. Where the three of optax should be was computed with optax 0.2 in float64.",
		"Градиенты точные, хотя заголовок рисунка называет метод стохастическим. У AdamW и Lion затухание по умолчанию из optax, " +
			"10⁻⁴ и 10⁻³. Положения трёх методов из optax вычислены с помощью optax 0.2 в float64.",
	},
	Video: "https://fmin.xyz/docs/visualizations/nag_gs.mp4",
	run:   runRosenbrock,
}

// rosenbrockSteps is the number of steps that the video shows.
const rosenbrockSteps = 1800

func runRosenbrock(s *stage) (*Outcome, error) {
	f := objective.Rosenbrock()
	lr := schedule.Constant(3e-3)
	methods := []struct {
		name string
		rule optim.Rule
		end  []float64 // the end of optax's run, in float64
	}{
		{"Fromage", rules.Fromage{LR: lr, Preset: rules.Optax}, []float64{1.1363474509367446, 1.288371924642703}},
		{"AdamW", rules.AdamW{Adam: rules.Adam{LR: lr, Preset: rules.Optax}}, []float64{1.4679694221899755, 2.15634713078059}},
		{"NAG-GS", rules.NAGGS{LR: lr, Mu: optim.Set(150.0), Gamma: optim.Set(150.0)}, nil},
		{"Lion", rules.Lion{LR: lr, Preset: rules.Optax}, []float64{0.9828873618306736, 0.9707474481596674}},
	}
	colors := []draw.LineStyle{{Color: report.Hue(4, 1)}, {Color: purple}, {Color: red}, {Color: green}}
	var paths []surfacePath
	var marks []report.Mark
	var verdict Verdict
	for i, m := range methods {
		path, err := s.path(f, []float64{0.1, 3}, m.rule, rosenbrockSteps, whole)
		if err != nil {
			return nil, err
		}
		paths = append(paths, surfacePath{path, colors[i].Color})
		colors[i].Width = vg.Points(1.6)
		marks = append(marks, report.Mark{Name: m.name, Line: colors[i]})
		end := path[rosenbrockSteps]
		if m.end == nil {
			verdict = append(verdict, atMost(m.name+": f at step 1800 divided by that of the start", m.name+": f на шаге 1800 к начальному",
				f.Loss(end, nil)/f.Loss(path[0], nil), s.predict(1e-4)))
			continue
		}
		want := slices.Clone(m.end)
		floats.Scale(s.predict(1), want)
		verdict = append(verdict, equal(m.name+": distance at step 1800 from where optax is",
			m.name+": расстояние на шаге 1800 от точки optax",
			floats.Distance(end, want, 2), 0, 1e-9))
	}
	marks = append(marks, report.Mark{Name: "minimizer", Glyph: star(gold, 6)})
	frame := func(k int) report.Picture {
		now := slices.Clone(paths)
		for i := range now {
			now[i].points = now[i].points[:k+1]
		}
		valley := &surface{
			box: box{-2, 2, -1, 3}, top: 2500, best: []float64{1, 1}, paths: now,
			f:     func(x, y float64) float64 { return f.Loss([]float64{x, y}, nil) },
			shade: func(v float64) float64 { return math.Log(max(v, 0.5)/0.5) / math.Log(2500/0.5) },
			ticks: [3][]float64{{-2, -1, 0, 1, 2}, {-1, 0, 1, 2, 3}, {0, 500, 1000, 1500, 2000, 2500}},
			names: [3]string{"w₁", "w₂", "f(w)"},
		}
		return &report.Charts{Title: fmt.Sprintf("Rosenbrock's function, step size 0.003, step %d", k),
			Plots: []*plot.Plot{valley.chart("")}, Width: 480, Height: 420, Legend: marks}
	}
	return &Outcome{
		Figure: frame(rosenbrockSteps),
		Motion: &report.Animation{
			Frames: 61,
			Frame:  func(i int) report.Picture { return frame(30 * i) },
			Delay:  60 * time.Millisecond,
		},
		Verdict: verdict,
	}, nil
}
