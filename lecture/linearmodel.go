package lecture

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"

	"steepest/objective"
	"steepest/report"
	"steepest/theory"
)

var linearModel = Scene{
	Name:  "linear-model",
	Title: Text{"The linear model of the loss", "Интуиция за методом Muon: линейная аппроксимация"},
	Claim: Text{
		"Near x_k the loss is its linear model up to O(‖x − x_k‖²): a good approximation as long as the step is short, " +
			"whatever the norm in which it is measured.",
		"Вблизи x_k функция потерь совпадает со своей линейной моделью с точностью до O(‖x − x_k‖²): приближение хорошее, " +
			"пока шаг короткий, в какой бы норме его ни измеряли.",
	},
	Formulas: []string{`f(x) = f(x_k) + \langle \nabla f(x_k), x - x_k\rangle + \mathcal{O}\left(\|x - x_k\|_2^2\right)`},
	Shows: Text{
		"The error of the model of Rosenbrock's function at (−1.2, 1) along four random directions, by the length of the step.",
		"Ошибка модели функции Розенброка в (−1.2, 1) вдоль четырёх случайных направлений в зависимости от длины шага.",
	},
	run: runLinearModel,
}

func runLinearModel(s *stage) (*Outcome, error) {
	f := objective.Rosenbrock()
	at, g := []float64{-1.2, 1}, make([]float64, 2)
	value := s.problem(f).Grad(g, at, nil)
	random := rand.New(rand.NewPCG(6, 0))
	var curves []report.Curve
	var verdict Verdict
	for range 4 {
		sin, cos := math.Sincos(2 * math.Pi * random.Float64())
		d := []float64{cos, sin}
		var length, miss []float64
		for e := -4.0; e <= 0; e += 0.1 {
			h := math.Pow(10, e)
			length = append(length, h)
			x := []float64{at[0] + h*d[0], at[1] + h*d[1]}
			miss = append(miss, math.Abs(f.Loss(x, nil)-value-h*floats.Dot(g, d)))
		}
		name := fmt.Sprintf("(%.2f, %.2f)", d[0], d[1])
		curves = append(curves, curve(name, length, miss))
		verdict = append(verdict, equal("slope along "+name, "наклон вдоль "+name, theory.Power(length[:15], miss[:15]).Slope,
			s.predict(2), 0.05))
	}
	return &Outcome{
		Figure: &report.Figure{Panels: []report.Panel{panel("Error of the linear model", report.Axis{Label: "‖x − x_k‖", Log: true},
			report.Axis{Label: "error", Log: true}, curves...)}},
		Verdict: verdict,
	}, nil
}
