package lecture

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"

	"steepest/optim"
	"steepest/optim/matfun"
	"steepest/optim/matrix"
	"steepest/optim/norm"
	"steepest/optim/schedule"
	"steepest/param"
	"steepest/report"
)

var lastSlide = Scene{
	Name:  "shampoo-muon",
	Title: Text{"From Shampoo to Muon, line by line", "Shampoo и Muon: от строки к строке"},
	Claim: Text{
		"Shampoo without accumulation steps along (GGᵀ)^(−1/4) G (GᵀG)^(−1/4), and that is UVᵀ: Muon without momentum, " +
			"steepest descent in the operator norm.",
		"Shampoo без накопления делает шаг вдоль (GGᵀ)^(−1/4) G (GᵀG)^(−1/4), а это UVᵀ: Muon без момента, наискорейший " +
			"спуск в операторной норме.",
	},
	Formulas: []string{
		`\begin{aligned}
			W_{t+1} &= W_t - \eta\,(G_t G_t^\top)^{-1/4} G_t (G_t^\top G_t)^{-1/4} \\
			&= W_t - \eta\,(US^2U^\top)^{-1/4} (USV^\top) (VS^2V^\top)^{-1/4} \\
			&= W_t - \eta\,(US^{-1/2}U^\top) (USV^\top) (VS^{-1/2}V^\top) \\
			&= W_t - \eta\,US^{-1/2} S S^{-1/2} V^\top \\
			&= W_t - \eta\,UV^\top
		\end{aligned}`,
	},
	Shows: Text{
		"A random 12 × 8 gradient, the first steps of Shampoo and of Muon for it, and the singular values of all three: " +
			"Muon's five steps of Jordan's iteration leave them near 1.",
		"Случайный градиент 12 × 8, первый шаг Shampoo и Muon и сингулярные числа всех трёх: пять шагов итерации Джордана в " +
			"Muon оставляют их близкими к 1.",
	},
	Note: Text{
		"With more rows than columns GGᵀ is singular, and its power −1/4 is that of the pseudo-inverse.",
		"Если строк больше, чем столбцов, матрица GGᵀ вырождена, и степень −1/4 — это степень псевдообратной.",
	},
	run: runLastSlide,
}

func runLastSlide(s *stage) (*Outcome, error) {
	const rows, cols, eta = 12, 8, 0.1
	g := gradient(rows, cols)
	lines, err := slideLines(g)
	if err != nil {
		return nil, err
	}
	want := mat.DenseCopyOf(lines[4]) // UVᵀ
	want.Scale(s.predict(1), want)
	var verdict Verdict
	for i, line := range lines[:4] {
		verdict = append(verdict, atMost(fmt.Sprintf("line %d of the slide against UVᵀ, largest difference", i+1),
			fmt.Sprintf("строка %d слайда против UVᵀ, наибольшая разность", i+1), largest(line, want), 1e-12))
	}
	lr := schedule.Constant(eta)
	muon := matrix.Muon{LR: lr, Momentum: optim.Set(0.0), Nesterov: optim.Set(false), Scale: optim.Set(matrix.ScaleNone)}
	exact := muon
	exact.Polar = optim.Set(matfun.Exact)
	steps := map[string]*mat.Dense{}
	for _, m := range []struct {
		name, ru string
		rule     optim.Rule
		off      float64 // largest difference from UVᵀ
	}{
		{"Shampoo", "Shampoo", matrix.Shampoo{LR: lr, Beta2: optim.Set(0.0), Eps: optim.Set(0.0)}, 1e-7},
		{"Muon, exact polar factor", "Muon с точным полярным множителем", exact, 1e-12},
		{"steepest descent, operator norm", "наискорейший спуск в операторной норме", matrix.SteepestDescent{LR: lr, Norm: optim.Set(norm.Spectral)}, 1e-12},
		{"Muon", "Muon", muon, math.Inf(1)},
	} {
		o, err := optim.New[float64](m.rule, []param.Param{{Name: "W", Shape: []int{rows, cols}, Role: param.Hidden}})
		if err != nil {
			return nil, err
		}
		w, turned := make([]float64, rows*cols), make([]float64, rows*cols)
		floats.AddScaled(turned, s.sign(), g.RawMatrix().Data)
		if err := o.Step(w, turned); err != nil {
			return nil, err
		}
		floats.Scale(-1/eta, w)
		steps[m.name] = mat.NewDense(rows, cols, w)
		if !math.IsInf(m.off, 1) {
			verdict = append(verdict, atMost("in the library: "+m.name+", against UVᵀ, largest difference",
				"в библиотеке: "+m.ru+", против UVᵀ, наибольшая разность", largest(steps[m.name], want), m.off))
		}
	}
	values := singularValues(steps["Muon"])
	verdict = append(verdict,
		atLeast("Muon, five steps: least singular value", "Muon, пять шагов: наименьшее сингулярное число", values[cols-1], 0.65),
		atMost("Muon, five steps: largest singular value", "Muon, пять шагов: наибольшее сингулярное число", values[0], 1.2))

	size := singularValues(g)
	floats.Scale(1/size[0], size)
	spectrum := report.NewChart("singular values", report.Axis{Label: "i"}, report.Axis{Label: "σᵢ (of G: by σ₁)"})
	spectrum.Add(report.NewGrid())
	var marks []report.Mark
	for i, c := range []struct {
		name string
		y    []float64
	}{{"G", size}, {"Shampoo", singularValues(steps["Shampoo"])}, {"Muon", values}} {
		var points [][]float64
		for j, v := range c.y {
			points = append(points, []float64{float64(j + 1), v})
		}
		spectrum.Add(trail(points, report.Hue(i, 1), 1), dots(points, dot(report.Hue(i, 1), 2.5)))
		marks = append(marks, report.Mark{Name: c.name, Glyph: dot(report.Hue(i, 1), 3)})
	}
	spectrum.Y.Min = 0
	return &Outcome{
		Figure: &report.Charts{
			Plots:   []*plot.Plot{heat("G", g), heat("step of Shampoo", steps["Shampoo"]), heat("step of Muon", steps["Muon"]), spectrum},
			Columns: 4, Width: 190, Height: 230, Legend: marks,
		},
		Verdict: verdict,
	}, nil
}

// gradient returns a random matrix whose singular values fall from 10 to 0.1.
func gradient(rows, cols int) *mat.Dense {
	var svd mat.SVD
	svd.Factorize(mat.NewDense(rows, cols, randomMatrix(rows, cols, 11)), mat.SVDThin)
	var u, v, g mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	d := mat.NewDiagDense(cols, nil)
	for i := range cols {
		d.SetDiag(i, math.Pow(10, 1-2*float64(i)/float64(cols-1)))
	}
	g.Product(&u, d, v.T())
	return &g
}

// slideLines computes the five directions of the slide as the slide writes them.
func slideLines(g *mat.Dense) ([5]*mat.Dense, error) {
	_, cols := g.Dims()
	var svd mat.SVD
	if !svd.Factorize(g, mat.SVDThin) {
		return [5]*mat.Dense{}, fmt.Errorf("no singular values")
	}
	var u, v mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	s := svd.Values(nil)
	diag := func(power float64) *mat.DiagDense {
		d := mat.NewDiagDense(cols, nil)
		for i, x := range s {
			d.SetDiag(i, math.Pow(x, power))
		}
		return d
	}
	product := func(factors ...mat.Matrix) *mat.Dense {
		var out mat.Dense
		out.Product(factors...)
		return &out
	}
	usv := product(&u, diag(1), v.T())
	left, right := quarterRoot(product(g, g.T()), cols), quarterRoot(product(g.T(), g), cols)
	left2, right2 := quarterRoot(product(&u, diag(2), u.T()), cols), quarterRoot(product(&v, diag(2), v.T()), cols)
	return [5]*mat.Dense{
		product(left, g, right),
		product(left2, usv, right2),
		product(product(&u, diag(-0.5), u.T()), usv, product(&v, diag(-0.5), v.T())),
		product(&u, diag(-0.5), diag(1), diag(-0.5), v.T()),
		product(&u, v.T()),
	}, nil
}

// quarterRoot returns A^(−1/4) on the range of a symmetric positive semi-definite matrix of the given rank.
func quarterRoot(a *mat.Dense, rank int) *mat.Dense {
	n, _ := a.Dims()
	symmetric := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			symmetric.SetSym(i, j, (a.At(i, j)+a.At(j, i))/2)
		}
	}
	var eigen mat.EigenSym
	eigen.Factorize(symmetric, true)
	var vectors, root mat.Dense
	eigen.VectorsTo(&vectors)
	d := mat.NewDiagDense(n, nil)
	for i, lambda := range eigen.Values(nil) {
		if i >= n-rank {
			d.SetDiag(i, math.Pow(lambda, -0.25))
		}
	}
	root.Product(&vectors, d, vectors.T())
	return &root
}

func largest(a, b *mat.Dense) float64 {
	var d mat.Dense
	d.Sub(a, b)
	return max(mat.Max(&d), -mat.Min(&d))
}

func singularValues(a *mat.Dense) []float64 {
	var svd mat.SVD
	svd.Factorize(a, mat.SVDNone)
	return svd.Values(nil)
}

// heat shows the entries of a matrix as colors: white for 0, full color for the largest.
func heat(title string, a *mat.Dense) *plot.Plot {
	rows, cols := a.Dims()
	size := max(mat.Max(a), -mat.Min(a))
	p := report.NewChart(title, report.Axis{}, report.Axis{})
	p.HideAxes()
	for i := range rows {
		for j := range cols {
			x, y := float64(j), float64(rows-1-i)
			cell := &plotter.Polygon{XYs: []plotter.XYs{{{X: x, Y: y}, {X: x + 0.94, Y: y}, {X: x + 0.94, Y: y + 0.94}, {X: x,
				Y: y + 0.94}}}}
			cell.Color = coolwarm(0.5+a.At(i, j)/size/2, 0.9)
			cell.LineStyle.Width = 0
			p.Add(cell)
		}
	}
	return p
}
