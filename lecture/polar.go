package lecture

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"steepest/optim/matfun"
	"steepest/report"
)

var newtonSchulz = Scene{
	Name: "newton-schulz",
	Title: Text{"Singular values through Newton–Schulz and Polar Express",
		"Сингулярные числа в итерациях Newton–Schulz и Polar Express"},
	Claim: Text{
		"UVᵀ can be had by matrix products alone: each step applies an odd polynomial to the singular values, and leaves the " +
			"singular vectors. Newton–Schulz converges slowly from small values; Jordan's coefficients do not converge but " +
			"are near 1 after five steps; Polar Express is the best composition for an interval.",
		"UVᵀ можно получить одними матричными умножениями: каждый шаг применяет нечётный многочлен к сингулярным числам и не " +
			"меняет сингулярных векторов. Newton–Schulz от малых чисел сходится медленно; коэффициенты Джордана не сходятся, " +
			"но через пять шагов близки к 1; Polar Express — лучшая композиция для отрезка.",
	},
	Formulas: []string{
		`X_{k+1} = a X_k + b X_k X_k^\top X_k + c\left(X_k X_k^\top\right)^2 X_k = U\,p(\Sigma_k) V^\top,\quad
			p(\sigma) = a\sigma + b\sigma^3 + c\sigma^5`,
		`\text{Newton–Schulz: } \left(\frac32, -\frac12, 0\right),\quad \text{Jordan: } (3.4445, -4.7750, 2.0315)`,
	},
	Shows: Text{
		"What k steps make of a singular value σ that starts in (0, 1]; the target is 1.",
		"Что делают k шагов с сингулярным числом σ из (0, 1]; цель — 1.",
	},
	run: runNewtonSchulz,
}

func runNewtonSchulz(s *stage) (*Outcome, error) {
	var sigma []float64
	for i := range 601 {
		sigma = append(sigma, math.Pow(10, -3+float64(i)/200))
	}
	figure := &report.Figure{}
	var verdict Verdict
	for _, m := range []struct {
		name   string
		table  matfun.Table
		counts []int
	}{
		{"Newton–Schulz", matfun.Cubic, []int{1, 3, 5, 10, 15}},
		{"Jordan's coefficients", matfun.KellerJordan, []int{1, 3, 5, 10, 15}},
		{"Polar Express", matfun.PolarExpress{}.Table(), []int{1, 3, 5, 8}},
	} {
		var curves []report.Curve
		for _, k := range m.counts {
			y := make([]float64, len(sigma))
			for i, v := range sigma {
				y[i] = m.table.At(v, k)
			}
			curves = append(curves, curve(fmt.Sprintf("k = %d", k), sigma, y))
		}
		figure.Panels = append(figure.Panels, panel(m.name, report.Axis{Label: "σ", Log: true},
			report.Axis{Label: "σ after k steps"}, curves...))
		deviation, turn, err := s.iterated(m.table, m.counts[len(m.counts)-1])
		if err != nil {
			return nil, err
		}
		verdict = append(verdict,
			atMost(m.name+": singular values of a 40 × 24 matrix, largest error of the polynomials",
				m.name+": сингулярные числа матрицы 40 × 24, наибольшая ошибка многочленов", deviation, 1e-11),
			atMost(m.name+": largest entry of UᵀXV off its diagonal", m.name+": наибольший элемент UᵀXV вне диагонали", turn, 1e-11))
	}
	low, high := math.Inf(1), 0.0
	for v := 0.01; v <= 1; v += 1e-4 {
		end := matfun.KellerJordan.At(v, 5)
		low, high = min(low, end), max(high, end)
	}
	verdict = append(verdict,
		equal("Jordan: least value from [0.01, 1] after 5 steps", "Джордан: наименьшее из [0.01, 1] после 5 шагов", low,
			s.predict(0.68), 0.02),
		equal("Jordan: largest value from [0.01, 1] after 5 steps", "Джордан: наибольшее из [0.01, 1] после 5 шагов", high,
			s.predict(1.13), 0.02),
		equal("Newton–Schulz: order of convergence", "Newton–Schulz: порядок сходимости", order(matfun.Cubic), s.predict(2), 0.05),
		equal("15/8, −5/4, 3/8: order of convergence", "15/8, −5/4, 3/8: порядок сходимости", order(matfun.Taylor), s.predict(3), 0.05),
		atMost("Polar Express: |σ − 1| from 0.001 after 8 steps", "Polar Express: |σ − 1| от 0.001 после 8 шагов",
			math.Abs(matfun.PolarExpress{}.Table().At(1e-3, 8)-1), s.predict(1e-9)))
	return &Outcome{Figure: figure, Verdict: verdict}, nil
}

// order measures the order of convergence: the ratio of the logarithms of errors that follow each other.
func order(t matfun.Table) float64 {
	e := [3]float64{}
	for i := range e {
		e[i] = 1 - t.At(0.7, i+1)
	}
	return math.Log(e[2]/e[1]) / math.Log(e[1]/e[0])
}

// iterated runs an iteration on a random matrix. It returns by how much the singular values of the result, in the singular
// vectors of the matrix, are off those that the polynomials make, and how far the result is from diagonal in these vectors.
func (s *stage) iterated(table matfun.Table, count int) (deviation, turn float64, err error) {
	const rows, cols = 40, 24
	x := randomMatrix(rows, cols, 3)
	var svd mat.SVD
	if !svd.Factorize(mat.NewDense(rows, cols, append([]float64(nil), x...)), mat.SVDThin) {
		return 0, 0, fmt.Errorf("no singular values")
	}
	var u, v mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	floats.Scale(s.sign(), x)
	size := floats.Norm(x, 2)
	var w matfun.Workspace[float64]
	if err := w.Iterate(x, rows, cols, &matfun.Iteration{Table: table, Steps: count}); err != nil {
		return 0, 0, err
	}
	var inside mat.Dense
	inside.Product(u.T(), mat.NewDense(rows, cols, x), &v)
	for i, sigma := range svd.Values(nil) {
		deviation = max(deviation, math.Abs(inside.At(i, i)-s.predict(table.At(sigma/size, count))))
		for j := range cols {
			if j != i {
				turn = max(turn, math.Abs(inside.At(i, j)))
			}
		}
	}
	return deviation, turn, nil
}

func randomMatrix(rows, cols int, seed uint64) []float64 {
	random := rand.New(rand.NewPCG(seed, 0))
	m := make([]float64, rows*cols)
	for i := range m {
		m[i] = random.NormFloat64()
	}
	return m
}

var polarCost = Scene{
	Name:  "polar-cost",
	Title: Text{"What the polar factor costs", "Операторная норма и быстрый расчёт UVᵀ"},
	Claim: Text{
		"A singular value decomposition at every step is expensive. Newton–Schulz and Polar Express need matrix products " +
			"only, and take the bottleneck out of Muon.",
		"Полное SVD на каждом шаге дорого. Newton–Schulz и Polar Express используют только матричные умножения и снимают это " +
			"узкое место внутри Muon.",
	},
	Formulas: []string{
		`G = U\Sigma V^\top,\quad \LMO_{\text{op}}(G) = -UV^\top = -\polar(G)`,
	},
	Shows: Text{
		"Seconds for the polar factor of an n × n matrix on this machine: by gonum's singular value decomposition, by eight " +
			"steps of Polar Express, and by the five steps of Jordan's Muon; the best of three.",
		"Секунды на вычисление полярного множителя матрицы n × n на этой машине: через SVD из gonum, восемью шагами Polar " +
			"Express и пятью шагами Muon Джордана; лучшее из трёх.",
	},
	Note: Text{
		"Times depend on the machine and on what else it does; the verdict asks for a factor of 3 only.",
		"Времена зависят от машины и её загрузки; вердикт требует лишь трёхкратного выигрыша.",
	},
	run: runPolarCost,
}

func runPolarCost(s *stage) (*Outcome, error) {
	sizes := []int{32, 64, 128, 256, 512}
	methods := []struct {
		name string
		it   *matfun.Iteration
	}{{"SVD", nil}, {"Polar Express, 8 steps", matfun.Express.Iteration()}, {"Jordan, 5 steps", matfun.Keller.Iteration()}}
	seconds := make([][]float64, len(methods))
	n := make([]float64, len(sizes))
	var difference float64
	for i, size := range sizes {
		n[i] = float64(size)
		g := randomMatrix(size, size, uint64(size))
		var results [3][]float32
		for j, m := range methods {
			took, x, err := s.timePolar(g, size, m.it)
			if err != nil {
				return nil, err
			}
			seconds[j], results[j] = append(seconds[j], took), x
		}
		if size <= 64 { // larger random matrices have singular values below those that Polar Express is for
			for k, v := range results[1] {
				difference = max(difference, math.Abs(float64(v)-s.predict(float64(results[0][k]))))
			}
		}
	}
	var curves []report.Curve
	for j, m := range methods {
		curves = append(curves, curve(m.name, n, seconds[j]))
	}
	last := len(sizes) - 1
	gain := atLeast("time of the SVD by that of Polar Express, n = 512", "время SVD к времени Polar Express, n = 512",
		seconds[0][last]/seconds[1][last], 3)
	gain.Timed = true
	return &Outcome{
		Figure: &report.Figure{Panels: []report.Panel{panel("The polar factor of an n × n matrix",
			report.Axis{Label: "n", Log: true}, report.Axis{Label: "time, s", Log: true}, curves...)}},
		Verdict: Verdict{gain,
			atMost("Polar Express against the SVD, largest difference, n ≤ 64", "Polar Express против SVD, наибольшая разность, n ≤ 64",
				difference, 1e-3)},
	}, nil
}

// timePolar computes the polar factor of an n × n matrix in float32, the best of three times; the decomposition of a large
// matrix once.
func (s *stage) timePolar(g []float64, n int, it *matfun.Iteration) (seconds float64, x []float32, err error) {
	x = make([]float32, len(g))
	var w matfun.Workspace[float32]
	seconds = math.Inf(1)
	for run := 0; run < 3 && (run == 0 || it != nil || n < 256); run++ {
		for i, v := range g {
			x[i] = float32(v)
			if it != nil {
				x[i] = float32(s.sign() * v)
			}
		}
		start := time.Now()
		if it == nil {
			_, err = w.Polar(x, n, n, nil)
		} else {
			err = w.Iterate(x, n, n, it)
		}
		if err != nil {
			return 0, nil, err
		}
		seconds = min(seconds, time.Since(start).Seconds())
	}
	return seconds, x, nil
}
