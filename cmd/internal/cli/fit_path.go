package cli

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/gonum/stat"

	"steepest/data"
	"steepest/internal/printable"
	"steepest/objective"
	"steepest/report"
	"steepest/solver"
)

// pathFlags are the flags for a path of penalties.
type pathFlags struct {
	Path int `group:"problem" placeholder:"N" help:"Fit this number of penalties λ, from one that leaves little of the weights downwards, each from the point of the one before; --l1-ratio is the share of the ℓ1 penalty (0). --validation or --cv chooses among them. Default with --cv: 30."`
	CV   int `group:"problem" name:"cv" placeholder:"K" help:"Choose the penalty by the loss on K parts of the rows, each held out once; each class keeps its share, and the parts depend on --seed alone."`
}

// pathPoint is a penalty of a path, with the fitted model.
type pathPoint struct {
	Lambda    real  `json:"lambda"`
	Loss      real  `json:"loss"` // on the training rows, including penalties
	Nonzero   int   `json:"nonzero_weights"`
	Certified bool  `json:"certified"`
	Held      *real `json:"held_out_loss,omitempty"`
	Error     *real `json:"standard_error,omitempty"` // of the held-out loss over the parts
	Chosen    bool  `json:"chosen,omitempty"`
	OneError  bool  `json:"within_one_standard_error,omitempty"`

	penalties penalties
	x         []float64
}

const (
	defaultPath = 30
	leastRatio  = 1e-3 // the first penalty assumes at least this share of the ℓ1 penalty, as in glmnet
)

// penalties returns the number of penalties of the path.
func (c *fitCmd) penalties() int { return cmp.Or(c.Path, defaultPath) }

// pointBytes is the memory that a path keeps per penalty, without its point x.
const pointBytes = 256

// follow fits a path of penalties and chooses one. It leaves the problem with the chosen penalty and its point as the start.
func (c *fitCmd) follow(w *world, f *fitted) error {
	each := pointBytes + 8*(len(f.found.x)+c.CV)
	if err := refuseSize(fmt.Sprintf("the points of a path of %d penalties take", c.penalties()), float64(each)*float64(c.penalties()), "take a shorter path"); err != nil {
		return err
	}
	grid, err := c.grid(w, f)
	if err != nil {
		return err
	}
	bar := w.progress(c.pathWords)
	defer bar.end()
	points, err := c.along(w, f, grid, func(done int) { bar.set(int64(done), 0) }) // no total: small penalties take longer, so a pace would mislead
	if err != nil {
		return err
	}
	held := make([][]float64, len(grid))
	if c.CV > 0 {
		err = c.crossValidate(w, f, grid, held, bar)
	} else if len(f.data.held) > 0 && f.data.held[0].name == "validation" {
		for i := range points {
			held[i] = []float64{f.heldLoss(&f.data.held[0], points[i].x)}
		}
	}
	if err != nil {
		return err
	}
	chosen, err := choose(points, held)
	if err != nil {
		return err
	}
	f.path, f.from = points, points[chosen].x
	return f.lay(points[chosen].penalties)
}

// pathWords says which penalty is being fitted. The whole path is fitted with all rows first, and then without each part.
func (c *fitCmd) pathWords(done, _ int64, _ time.Duration) string {
	n := int64(c.penalties())
	text := fmt.Sprintf("penalty %d of %d", done%n+1, n)
	if part := done / n; part > 0 {
		text = fmt.Sprintf("part %d of %d, %s", part, c.CV, text)
	}
	return text
}

// grid returns the penalties, in descending order. The first is λ_max = max|∇f|/ratio at the best model without features; as a pure ℓ1
// penalty it makes all weights except intercepts 0 (Friedman, Hastie and Tibshirani 2010, section 2.5).
func (c *fitCmd) grid(w *world, f *fitted) ([]penalties, error) {
	ratio := 0.0
	if c.L1Ratio != nil {
		ratio = *c.L1Ratio
	}
	largest := 0.0
	for k, t := range f.data.target.parts() {
		p := f.problems[k]
		null, err := f.nullModel(w, t)
		if err != nil {
			return nil, err
		}
		x, grad := make([]float64, objective.Dim(p)), make([]float64, objective.Dim(p))
		width := len(x) / p.Outputs()
		for o, b := range null {
			x[(o+1)*width-1] = b
		}
		bare, err := linearOn(f.data.x, t, f.data.set, f.data.options()...)
		if err != nil {
			return nil, modelError(err)
		}
		bare.Grad(grad, x, nil)
		for j, g := range grad {
			if !p.Intercept() || j%width != width-1 {
				largest = max(largest, math.Abs(g))
			}
		}
	}
	if !(largest > 0) || math.IsInf(largest, 1) {
		return nil, badData("check the labels and the columns", "--path: no feature has anything to do with the labels")
	}
	n, count, down := len(f.data.set.Y), c.penalties(), 1e-4
	switch _, d := f.data.x.Dims(); {
	case ratio < leastRatio:
		down = 1e-7 // the first penalty is 1/leastRatio times as large there
	case n < d:
		down = 1e-2
	}
	grid := make([]penalties, count)
	for i := range grid {
		lambda := (1 + 1e-6) * largest / max(ratio, leastRatio) * math.Pow(down, float64(i)/float64(max(1, count-1)))
		grid[i] = penalties{lambda * ratio, lambda * (1 - ratio), fmt.Sprintf("λ = %.6g of a path, l1-ratio = %g", lambda, ratio)}
	}
	return grid, nil
}

// nullModel returns the intercepts of the model without features; nil stands for 0. It is nil without intercepts, and for the hinge loss. The
// hinge loss has a kink at its best intercept, and the same gradient at all intercepts between −1 and 1.
func (f *fitted) nullModel(w *world, t target) ([]float64, error) {
	if !f.data.flags.Intercept || t.name == "hinge" {
		return nil, nil
	}
	ones := data.AppendOnes(&data.Dense{Rows: len(f.data.set.Y)})
	p, err := linearOn(ones, t, f.data.set, f.data.options()...)
	if err != nil {
		return nil, modelError(err)
	}
	r, err := solver.Fit(w, p, solver.Options{Tolerance: 1e-13})
	if err != nil && w.Err() == nil {
		return nil, badData("", "--path: %s", inFlags(err.Error()))
	} else if err != nil {
		return nil, err
	}
	return r.X, nil
}

// along fits the penalties one after the other, each from the point of the one before. Before each penalty it calls told with the number done.
func (c *fitCmd) along(w *world, f *fitted, grid []penalties, told func(done int)) ([]pathPoint, error) {
	var points []pathPoint
	f.from = nil
	for i, p := range grid {
		told(i)
		if err := f.lay(p); err != nil {
			return nil, err
		}
		found, err := c.solve(w, f, nil)
		if err != nil {
			return nil, err
		}
		f.from = found.x
		points = append(points, pathPoint{
			Lambda: real(p.l1 + p.l2), Loss: real(found.loss), Nonzero: f.nonzero(found.x), Certified: c.certifies(found), penalties: p, x: found.x,
		})
	}
	return points, nil
}

// crossValidate fits the path without each part, and appends the loss of each penalty on that part.
func (c *fitCmd) crossValidate(w *world, f *fitted, grid []penalties, held [][]float64, bar *progress) error {
	folds := make([][]int, c.CV) // a cache deals its rows itself
	if f.data.cache == nil {
		folds = known(data.Folds(f.data.set, c.CV, c.Seed, f.data.target.classes != nil))
	}
	for k, rows := range folds {
		told := func(done int) { bar.set(int64((k+1)*len(grid)+done), int64((c.CV+1)*len(grid))) }
		if err := c.fitPart(w, f.data, k, rows, grid, held, told); err != nil {
			return err
		}
	}
	return nil
}

// fitPart fits the path without part k, and appends the loss of each penalty on that part. Rows are those of the part, for data in memory.
func (c *fitCmd) fitPart(w *world, s *sample, k int, rows []int, grid []penalties, held [][]float64, told func(done int)) (err error) {
	part := &fitted{}
	if s.cache != nil {
		part.data, err = s.withoutOnDisk(c.CV, k, c.Seed)
		defer func() { err = errors.Join(err, part.data.remove()) }()
	} else {
		part.data, err = s.without(rows)
	}
	if err != nil {
		return err
	}
	points, err := c.along(w, part, grid, told)
	for i := range points {
		held[i] = append(held[i], part.heldLoss(&part.data.held[0], points[i].x))
	}
	return err
}

// without returns the sample with some of its rows held out.
func (s *sample) without(rows []int) (*sample, error) {
	fit, held, _ := data.WithoutUnseen(s.set.Rows(data.Others(rows, len(s.set.Y))), s.set.Rows(rows))
	part := &sample{flags: s.flags, seen: seen{set: fit}, density: s.density, target: s.target}
	var err error
	if part.weights, err = part.weigh(); err == nil {
		err = part.prepare()
	}
	if err == nil {
		err = part.hold("cv", "the rows held out of "+s.flags.Data, held)
	}
	return part, err
}

// choose marks and returns the penalty with the least mean held-out loss. It also marks the largest penalty within a standard error of that
// loss. If nothing is held out it returns the last penalty. It is an error if none of these losses is finite.
func choose(points []pathPoint, held [][]float64) (chosen int, err error) {
	if held[0] == nil {
		return len(points) - 1, nil
	}
	least := math.Inf(1)
	for i, losses := range held {
		mean, deviation := stat.MeanStdDev(losses, nil)
		if math.IsNaN(deviation) {
			deviation = math.Inf(1) // the squares of vast losses are too large for a number
		}
		points[i].Held = pointer(real(mean))
		if len(losses) > 1 {
			points[i].Error = pointer(real(deviation / math.Sqrt(float64(len(losses)))))
		}
		if mean < least {
			least, chosen = mean, i
		}
	}
	if math.IsInf(least, 1) {
		return 0, badData("look for numbers that are far larger than others", "no penalty has a finite held-out loss")
	}
	points[chosen].Chosen = true
	if points[chosen].Error != nil {
		bound := *points[chosen].Held + *points[chosen].Error
		at := slices.IndexFunc(points, func(p pathPoint) bool { return *p.Held <= bound })
		points[at].OneError = true
	}
	return chosen, nil
}

// table returns the path as a table.
func (f *fitted) table() *report.Table {
	t := &report.Table{Columns: []report.Column{
		{Name: "λ", Numeric: true}, {Name: "objective", Numeric: true}, {Name: "weights ≠ 0", Numeric: true},
	}}
	first := f.path[0]
	if first.Held != nil {
		t.Columns = append(t.Columns, report.Column{Name: "held-out loss", Numeric: true})
		t.Note = "The λ with a star has the least held-out loss, and is chosen."
	}
	if first.Error != nil {
		t.Columns = append(t.Columns, report.Column{Name: "± s.e.", Numeric: true})
	}
	if slices.ContainsFunc(f.path, func(p pathPoint) bool { return !p.Certified }) {
		t.Note += " An objective with a question mark is not certified to be within the tolerance."
	}
	for _, p := range f.path {
		objective := fmt.Sprintf("%.6g", p.Loss)
		if !p.Certified {
			objective += "?"
		}
		row := []report.Cell{{Text: fmt.Sprintf("%.4g", p.Lambda), Strong: p.Chosen}, {Text: objective}, {Text: fmt.Sprint(p.Nonzero)}}
		if p.Held != nil {
			row = append(row, report.Cell{Text: fmt.Sprintf("%.6g", *p.Held)})
		}
		if p.Error != nil {
			row = append(row, report.Cell{Text: fmt.Sprintf("%.2g", *p.Error)})
		}
		if p.OneError {
			t.Note += fmt.Sprintf(" The largest λ within one standard error of it is %.4g, with %d weights that are not 0.", p.Lambda, p.Nonzero)
		}
		t.Rows = append(t.Rows, row)
	}
	t.Note = printable.Text(strings.TrimSpace(t.Note))
	return t
}
