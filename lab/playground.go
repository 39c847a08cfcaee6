package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"gonum.org/v1/gonum/floats"

	"steepest/internal/decimal"
	"steepest/methods"
	"steepest/objective"
	"steepest/optim"
	"steepest/report"
	"steepest/train"
)

// The limits of the playground.
const (
	mostSteps   = 5000
	mostWalkers = 8 // methods on a page
	mostBatch   = 1024
	longestSpec = 400
	finestMap   = 256             // points per side
	farthest    = 1e6             // a coordinate
	mostAtOnce  = 4               // requests that compute at the same time
	longestRun  = 2 * time.Second // a path that takes longer ends there
)

// playground answers the requests of the playground page. It keeps no state between requests.
type playground struct {
	slots chan struct{} // holds a value for each request that computes
}

func newPlayground() *playground { return &playground{slots: make(chan struct{}, mostAtOnce)} }

// routes adds the requests of the page.
func (p *playground) routes(m *http.ServeMux) {
	m.HandleFunc("GET /api/playground/about", p.compute(p.about))
	m.HandleFunc("GET /api/playground/relief", p.compute(p.relief))
	m.HandleFunc("GET /api/playground/path", p.compute(p.path))
	m.HandleFunc("GET /api/playground/bounds", p.compute(p.bounds))
	m.HandleFunc("GET /api/playground/descent", p.compute(p.descent))
	m.HandleFunc("GET /api/playground/singular", p.compute(p.singular))
}

// compute returns a handler that answers with the result of a function. It waits while mostAtOnce requests compute, and gives up if the client
// is gone.
func (p *playground) compute(do func(ctx context.Context, q url.Values) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case p.slots <- struct{}{}:
		case <-r.Context().Done():
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), longestRun)
		v, err := do(ctx, r.URL.Query())
		cancel()
		<-p.slots
		if err != nil {
			refuse(w, errors.New(plain(err)))
			return
		}
		answer(w, v)
	}
}

// views holds the part of the plane that a page shows first for each function: the center and half of the height.
var views = map[string][3]float64{
	"rosenbrock": {0, 1, 2}, "beale": {1, 0, 4}, "himmelblau": {0, 0, 5.5}, "booth": {-1, 2, 9}, "quadratic": {0, 0, 1.5},
}

// flat lists the functions of two unknowns.
var flat = sync.OnceValue(func() (names []string) {
	for _, name := range objective.Named() {
		if f, err := objective.NewNamed(name, 1, 0); err == nil && f.D == 2 {
			names = append(names, name)
		}
	}
	return names
})

// functionOf reads the function from the parameters.
func functionOf(q url.Values) (*objective.Function, error) {
	kappa, err := numberOf(q, "kappa", 100, 1, 1e12)
	if err != nil {
		return nil, err
	}
	noise, err := numberOf(q, "noise", 0, 0, 1e6)
	if err != nil {
		return nil, err
	}
	f, err := objective.NewNamed(q.Get("function"), kappa, noise)
	if err == nil && f.D != 2 {
		err = fmt.Errorf("%s has %d unknown, want two", q.Get("function"), f.D)
	}
	return f, err
}

// numberOf reads a number in a range. If the parameter is absent it returns missing.
func numberOf(q url.Values, key string, missing, low, high float64) (float64, error) {
	text := q.Get(key)
	if text == "" {
		return missing, nil
	}
	v, ok := decimal.ParseFinite(text)
	if !ok || v < low || v > high {
		return 0, fmt.Errorf("%s is %q, want a number from %g to %g", key, shortened(text), low, high)
	}
	return v, nil
}

// countOf reads a whole number in a range.
func countOf(q url.Values, key string, missing, low, high int) (int, error) {
	v, err := numberOf(q, key, float64(missing), float64(low), float64(high))
	if err == nil && v != math.Trunc(v) {
		err = fmt.Errorf("%s is %q, want a whole number", key, shortened(q.Get(key)))
	}
	return int(v), err
}

// numbersOf reads n numbers, separated by commas.
func numbersOf(q url.Values, key string, n int) ([]float64, error) {
	parts := strings.SplitN(q.Get(key), ",", n+1)
	v := make([]float64, 0, n)
	for _, part := range parts {
		x, ok := decimal.ParseFinite(part)
		if !ok || math.Abs(x) > farthest {
			break
		}
		v = append(v, x)
	}
	if len(v) != n || len(parts) != n {
		return nil, fmt.Errorf("%s is %q, want %d numbers between ±%g, with commas between them", key, shortened(q.Get(key)), n, farthest)
	}
	return v, nil
}

// shortened shortens a text that a message quotes.
func shortened(text string) string {
	if len(text) > 80 {
		return strings.ToValidUTF8(text[:80], "") + "…"
	}
	return text
}

// about is what a page needs to know about a function.
type about struct {
	Functions  []string    `json:"functions"`
	Terms      int         `json:"terms"`
	Start      []float64   `json:"start"`
	Minimizers [][]float64 `json:"minimizers"`
	Min        float64     `json:"min"`
	View       [3]float64  `json:"view"` // the center, and half of the height
	Methods    []choice    `json:"methods"`

	Styles json.RawMessage `json:"styles"` // of the methods on the page, in their order
}

// choice is a method that a page offers.
type choice struct {
	Name    string  `json:"name"`
	Title   string  `json:"title"`
	Formula string  `json:"formula"`
	Options []field `json:"options"`
	// Low and High bound the step sizes that a race would search on the function, and First is the step size of a new page; all are 0 if a
	// race would not search.
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	First float64 `json:"first"`
}

// field is an option of a method.
type field struct {
	Name  string `json:"name"`
	Help  string `json:"help"`
	Value string `json:"value"`
	Range string `json:"range"`
}

// about answers with a function and the methods that can minimize it.
func (p *playground) about(_ context.Context, q url.Values) (any, error) {
	f, err := functionOf(q)
	if err != nil {
		return nil, err
	}
	out := about{Functions: flat(), Terms: f.Len(), Start: f.Start, Minimizers: f.Minimizers, Min: f.Min, View: views[q.Get("function")], Styles: report.Looks(mostWalkers)}
	known := f.Known
	if l := curvature(f, f.Start); math.IsInf(known.L, 1) {
		known.L, known.LMax = l, l
	}
	length := math.Inf(1)
	for _, x := range f.Minimizers {
		length = min(length, floats.Distance(f.Start, x, 2))
	}
	for _, m := range methods.All() {
		if _, err := train.New(f, f.Start, m.Rule, train.Settings{Steps: 1}); err != nil {
			continue
		}
		c := choice{Name: m.Name, Title: m.Title, Formula: m.Formula}
		for _, o := range optim.Fields(m.Rule) {
			c.Options = append(c.Options, field{o.Name, o.Help, o.Value, o.Range})
		}
		if axis := m.SearchSpace()[0]; axis.Options[0] == "lr" {
			unit := axis.Unit.Of(known, length)
			c.Low, c.High, c.First = axis.Low*unit, axis.High*unit, rounded(axis.At(firstPlace)*unit)
		}
		out.Methods = append(out.Methods, c)
	}
	return out, nil
}

// firstPlace is the position of the first step size in the search range, on a logarithmic scale from 0 to 1.
const firstPlace = 0.7

// rounded rounds a number to two digits.
func rounded(v float64) float64 {
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 2, 64), 64)
	return v
}

// curvature returns the largest absolute eigenvalue of the Hessian at x, by differences of the gradient.
func curvature(f *objective.Function, x []float64) float64 {
	const h = 1e-5
	var hess [2][2]float64
	for j := range hess {
		above, below, up, down := [2]float64{x[0], x[1]}, [2]float64{x[0], x[1]}, [2]float64{}, [2]float64{}
		above[j], below[j] = x[j]+h, x[j]-h
		f.Grad(up[:], above[:], nil)
		f.Grad(down[:], below[:], nil)
		hess[j] = [2]float64{(up[0] - down[0]) / (2 * h), (up[1] - down[1]) / (2 * h)}
	}
	mean, off := (hess[0][0]+hess[1][1])/2, (hess[0][1]+hess[1][0])/2
	return math.Abs(mean) + math.Hypot((hess[0][0]-hess[1][1])/2, off)
}

// relief answers with f − f* on a box x₀,x₁,y₀,y₁, at columns × rows points, row by row from the lower left corner. Values that are too
// large for float32 become its largest value.
func (p *playground) relief(_ context.Context, q url.Values) (any, error) {
	f, err := functionOf(q)
	if err != nil {
		return nil, err
	}
	box, err := numbersOf(q, "box", 4)
	if err != nil {
		return nil, err
	}
	if !(box[0] < box[1] && box[2] < box[3]) {
		return nil, fmt.Errorf("box is %q, want x₀ < x₁ and y₀ < y₁", q.Get("box"))
	}
	columns, err := countOf(q, "columns", 100, 2, finestMap)
	if err != nil {
		return nil, err
	}
	rows, err := countOf(q, "rows", 100, 2, finestMap)
	if err != nil {
		return nil, err
	}
	out, x := make([]float32, 0, rows*columns), make([]float64, 2)
	for i := range rows {
		x[1] = box[2] + (box[3]-box[2])*float64(i)/float64(rows-1)
		for j := range columns {
			x[0] = box[0] + (box[1]-box[0])*float64(j)/float64(columns-1)
			out = append(out, float32(min(f.Loss(x, nil)-f.Min, math.MaxFloat32)))
		}
	}
	return out, nil
}
