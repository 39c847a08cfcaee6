package lecture

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
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
		"UVᵀ can be computed with matrix products alone: each step applies an odd polynomial to the singular values, and does " +
			"not change the singular vectors. Newton–Schulz converges slowly from small values; Jordan's coefficients do not " +
			"converge but are near 1 after five steps; Polar Express is the best composition for an interval.",
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
		"A singular value after k steps, by its value σ in (0, 1] at the start; the target is 1.",
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

// order measures the order of convergence: the ratio of the logarithms of successive errors.
func order(t matfun.Table) float64 {
	e := [3]float64{}
	for i := range e {
		e[i] = 1 - t.At(0.7, i+1)
	}
	return math.Log(e[2]/e[1]) / math.Log(e[1]/e[0])
}

// iterated runs an iteration on a random matrix, and expresses the result in the singular vectors of the matrix. Deviation is the largest
// difference of the singular values from those that the polynomials give; turn is the largest entry off the diagonal.
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
		"A singular value decomposition at every step is expensive. Newton–Schulz and Polar Express need only matrix " +
			"products, and remove this bottleneck from Muon.",
		"Полное SVD на каждом шаге дорого. Newton–Schulz и Polar Express используют только матричные умножения и снимают это " +
			"узкое место внутри Muon.",
	},
	Formulas: []string{
		`G = U\Sigma V^\top,\quad \LMO_{\text{op}}(G) = -UV^\top = -\polar(G)`,
		`\frac{5 \text{ steps} \cdot 3 \text{ products} \cdot 2n^3}{6 n^2 B} = \frac{5n}{B}`,
	},
	Shows: Text{
		"Seconds for the polar factor of an n × n matrix in float32 on this machine: by the library's singular value " +
			"decomposition, by eight steps of Polar Express, and by the five steps of Jordan's Muon; the best of three.",
		"Секунды на вычисление полярного множителя матрицы n × n во float32 на этой машине: через SVD библиотеки, восемью " +
			"шагами Polar Express и пятью шагами Muon Джордана; лучшее из трёх.",
	},
	Note: Text{
		"The second formula is Jordan's, the operations of the iteration by those of a step of training on B tokens. " +
			"Operations alone do not make the decomposition the bottleneck, for it takes about 23n³ of them (Golub and Van " +
			"Loan 2013, section 8.6, with UVᵀ) where Jordan's steps take 30n³. But most of the operations of the " +
			"decomposition wait for others, n times in turn, while products run at the speed of the processor. Times depend " +
			"on the machine and its load, so a clock decides nothing against the claim.",
		"Вторая формула — Джордана: операции итерации к операциям шага обучения на B токенах. Сами по себе операции не делают " +
			"разложение узким местом: их около 23n³ (Golub и Van Loan, 2013, раздел 8.6, вместе с UVᵀ), а у шагов Джордана 30n³. Но " +
			"большинство из её операций ждут друг друга, n раз подряд, а умножения матриц идут с полной скоростью процессора. Времена " +
			"зависят от машины и её загрузки, поэтому часы ничего не решают против утверждения.",
	},
	run: runPolarCost,
}

func runPolarCost(s *stage) (*Outcome, error) {
	sizes := []int{32, 64, 128, 256, 512}
	const small = 64 // larger random matrices have singular values too small for Polar Express
	if s.brief {
		sizes = sizes[:2]
	}
	methods := []struct {
		name string
		it   *matfun.Iteration
	}{{"SVD", nil}, {"Polar Express, 8 steps", matfun.Express.Iteration()}, {"Jordan, 5 steps", matfun.Keller.Iteration()}}
	seconds := make([][]float64, len(methods))
	n := make([]float64, len(sizes))
	var counts [3]products
	var difference, deviation float64
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
		if size != small {
			continue
		}
		difference = s.farthest(results[1], results[0])
		for j := range methods[1:] {
			plain := counts[j+1].polar(g, size, methods[j+1].it)
			deviation = max(deviation, s.farthest(results[j+1], plain))
		}
	}
	var curves []report.Curve
	for j, m := range methods {
		curves = append(curves, curve(m.name, n, seconds[j]))
	}
	const width, tokens = 768, 524288 // the sizes of the speedrun
	share := counts[2].operations / (small * small * small) * width / (6 * tokens)
	last := len(sizes) - 1
	return &Outcome{
		Figure: &report.Figure{Panels: []report.Panel{panel("The polar factor of an n × n matrix",
			report.Axis{Label: "n", Log: true}, report.Axis{Label: "time, s", Log: true}, curves...)}},
		Verdict: Verdict{
			atMost("Polar Express against the SVD, largest difference, n = 64", "Polar Express против SVD, наибольшая разность, n = 64",
				difference, 1e-3),
			atMost("both iterations against plain products, largest difference, n = 64",
				"обе итерации против простых умножений, наибольшая разность, n = 64", deviation, 1e-4),
			equal("products of Polar Express", "умножений в Polar Express", float64(counts[1].count), s.predict(24), 0),
			equal("products of Jordan's five steps", "умножений в пяти шагах Джордана", float64(counts[2].count), s.predict(15), 0),
			atMost("operations of Jordan's five steps, n = 768, by those of training the matrix on the 524288 tokens of a step",
				"операций в пяти шагах Джордана, n = 768, к операциям обучения матрицы на 524288 токенах шага", share, s.predict(0.01)),
			timed(atLeast(fmt.Sprintf("time of the SVD divided by that of Jordan's five steps, n = %d", sizes[last]),
				fmt.Sprintf("время SVD к времени пяти шагов Джордана, n = %d", sizes[last]), seconds[0][last]/seconds[2][last], 2)),
		},
	}, nil
}

// farthest returns the largest difference between a matrix and the predicted one.
func (s *stage) farthest(got, want []float32) (largest float64) {
	for i, v := range got {
		largest = max(largest, math.Abs(float64(v)-s.predict(float64(want[i]))))
	}
	return largest
}

// products counts matrix products, and their multiplications and additions.
type products struct {
	count      int
	operations float64
}

// times returns ab.
func (p *products) times(a, b mat.Matrix) *mat.Dense {
	var c mat.Dense
	c.Mul(a, b)
	rows, inner := a.Dims()
	_, cols := c.Dims()
	p.count, p.operations = p.count+1, p.operations+2*float64(rows)*float64(inner)*float64(cols)
	return &c
}

// polar runs an iteration on an n × n matrix as the slide writes it: A = XXᵀ, X ← aX + (bA + cA²)X.
func (p *products) polar(g []float64, n int, it *matfun.Iteration) []float32 {
	x := mat.NewDense(n, n, slices.Clone(g))
	x.Scale(1/(max(it.Safety, 1)*mat.Norm(x, 2)+it.Eps), x)
	steps := it.Steps
	if steps == 0 {
		steps = len(it.Table)
	}
	for k := range steps {
		odd := it.Table.Step(k)
		a := p.times(x, x.T())
		b := p.times(a, a)
		b.Scale(odd[2], b)
		a.Scale(odd[1], a)
		b.Add(a, b)
		next := p.times(b, x)
		x.Scale(odd[0], x)
		x.Add(x, next)
	}
	out := make([]float32, n*n)
	for i, v := range x.RawMatrix().Data {
		out[i] = float32(v)
	}
	return out
}

// timePolar computes the polar factor of an n × n matrix in float32, the best of three times.
func (s *stage) timePolar(g []float64, n int, it *matfun.Iteration) (seconds float64, x []float32, err error) {
	x = make([]float32, len(g))
	var w matfun.Workspace[float32]
	seconds = math.Inf(1)
	for range 3 {
		for i, v := range g {
			x[i] = float32(v)
			if it != nil {
				x[i] = float32(s.sign() * v)
			}
		}
		start := time.Now()
		if err := w.Iterate(x, n, n, it); err != nil {
			return 0, nil, err
		}
		seconds = min(seconds, time.Since(start).Seconds())
	}
	return seconds, x, nil
}
