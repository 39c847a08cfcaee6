package lab

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"steepest/objective"
)

// TestPlayground: a page gets all data of each function of two unknowns, and the heights are values of the function.
func TestPlayground(t *testing.T) {
	server := serve(t, "", "")
	if names := flat(); len(names) != len(views) {
		t.Errorf("%v, and views of %v", names, views)
	}
	for _, name := range flat() {
		_, text, _ := get(t, server, "GET", "/api/playground/about?function="+name, nil)
		var a about
		if err := json.Unmarshal([]byte(text), &a); err != nil || len(a.Methods) < 20 || a.View[2] == 0 {
			t.Fatal(name, err, text)
		}
		for _, m := range a.Methods {
			if !(0 < m.Low && m.Low < m.First && m.First < m.High) {
				t.Errorf("%s on %s: step sizes from %v to %v, at first %v", m.Name, name, m.Low, m.High, m.First)
			}
		}
		inside := func(x []float64) bool {
			return math.Abs(x[1]-a.View[1]) < a.View[2] && math.Abs(x[0]-a.View[0]) < 4./3*a.View[2]
		}
		for _, x := range append(a.Minimizers, a.Start) {
			if !inside(x) {
				t.Errorf("%s: %v is not in the view %v", name, x, a.View)
			}
		}
		_, text, _ = get(t, server, "GET", "/api/playground/relief?columns=3&rows=2&box=-1,1,0.5,2&function="+name, nil)
		var relief []float32
		if err := json.Unmarshal([]byte(text), &relief); err != nil || len(relief) != 6 {
			t.Fatal(name, err, text)
		}
		f, err := objective.NewNamed(name, 100, 0)
		if err != nil {
			t.Fatal(err)
		}
		for i, got := range relief {
			x := []float64{float64(i%3) - 1, []float64{.5, 2}[i/3]}
			if want := float32(f.Loss(x, nil) - f.Min); got != want {
				t.Errorf("%s at %v: %v, want %v", name, x, got, want)
			}
		}
	}
}

// TestPaths: a path contains every step, ends where the run diverges, and uses the step size of a theorem.
func TestPaths(t *testing.T) {
	server := serve(t, "", "")
	for _, test := range []struct {
		query, args, end string
		points           int
	}{
		{"function=booth&steps=7&method=adam:lr=0.1", "adam:lr=0.1 --function booth --start 1,1.5 --steps 7", "", 8},
		{"function=booth&steps=7&noise=1&batch=4&seed=9&method=adam:lr=0.1", "adam:lr=0.1 --function booth --noise 1 --batch 4 --seed 9 --start 1,1.5 --steps 7", "", 8},
		{"function=booth&steps=7&noise=1&method=adam:lr=0.1,batch=full", "adam:batch=full,lr=0.1 --function booth --noise 1 --seed 1 --start 1,1.5 --steps 7", "", 8},
		{"function=rosenbrock&steps=50&method=gd:lr=1", "gd:lr=1 --function rosenbrock --start 1,1.5 --steps 50", "diverged at step 2", 3},
		{"function=quadratic&kappa=10&steps=7&method=gd:lr=theory", "gd:lr=0.1 --function quadratic --kappa 10 --start 1,1.5 --steps 7", "", 8},
	} {
		_, text, _ := get(t, server, "GET", "/api/playground/path?start=1,1.5&"+test.query, nil)
		var w walk
		if err := json.Unmarshal([]byte(text), &w); err != nil || strings.Join(w.Args, " ") != "minimize "+test.args || w.End != test.end || len(w.X) != test.points ||
			len(w.Y) != test.points || len(w.Loss) != test.points || w.X[0] != 1 || w.Y[0] != 1.5 {
			t.Errorf("%s: %v, %s", test.query, err, text)
		}
	}
}

// TestPlaygroundRefuses: too large and empty requests get one line with the reason.
func TestPlaygroundRefuses(t *testing.T) {
	server := serve(t, "", "")
	for query, want := range map[string]string{
		"path?method=gd:lr=1..2&start=1,1&function=booth":                            `method "gd:lr=1..2": a path needs a number in place of the range, lr in [1, 2]`,
		"path?method=gd&start=1,1&function=rosenbrok":                                `unknown function "rosenbrok"; did you mean "rosenbrock"?`,
		"path?method=gd&start=1,1&function=ripple":                                   "ripple has 1 unknown, want two",
		"path?method=gd&start=1,1&function=booth&steps=5001":                         `steps is "5001", want a number from 1 to 5000`,
		"path?method=gd&start=1,1&function=booth&steps=1.5":                          `steps is "1.5", want a whole number`,
		"path?method=gd&start=1,1&function=booth&steps=NaN":                          `steps is "NaN", want a number from 1 to 5000`,
		"path?method=gd&start=1,1&function=booth&noise=1&batch=1e9":                  `batch is "1e9", want a number from 1 to 1024`,
		"path?method=sgd:batch=1000000&start=1,1&function=booth&noise=1":             "the batch is 1000000, want at most 1024",
		"path?method=gd&start=1,1&function=quadratic&kappa=0":                        `kappa is "0", want a number from 1 to 1e+12`,
		"path?method=gd&start=1,1&function=booth&noise=-1":                           `noise is "-1", want a number from 0 to 1e+06`,
		"path?method=gd&start=1,1e7&function=booth":                                  `start is "1,1e7", want 2 numbers between ±1e+06, with commas between them`,
		"path?method=gd&start=1,1,1&function=booth":                                  `start is "1,1,1", want 2 numbers between ±1e+06, with commas between them`,
		"path?method=gd&function=booth":                                              `start is "", want 2 numbers between ±1e+06, with commas between them`,
		"path?start=1,1&function=booth&method=" + strings.Repeat("a", longestSpec+1): "method has 401 letters, want at most 400",
		"path?start=1,1&function=booth&method=adm":                                   `unknown method "adm"; did you mean "adam"?`,
		"path?start=1,1&function=booth&method=adam:lr=%3C/script%3E":                 "option lr",
		"path?start=1,1&function=booth&method=muon":                                  "the rule leaves all parameters to adamw",
		"path?start=1,1&function=rosenbrock&method=gd:lr=theory":                     "no theorem recommends a step size",
		"relief?function=booth&box=1,0,0,1":                                          `box is "1,0,0,1", want x₀ < x₁ and y₀ < y₁`,
		"relief?function=booth&box=0,1,0,1&columns=257":                              `columns is "257", want a number from 2 to 256`,
		"relief?function=booth&box=0,1,0,1&rows=1":                                   `rows is "1", want a number from 2 to 256`,
		"descent?function=booth&start=1,1&norm=lp(1)":                                `norm is "lp(1)", want l1, l2 or linf`,
		"descent?function=booth&norm=l1":                                             `start is ""`,
		"bounds?start=1,1&function=booth&method=adm":                                 `unknown method "adm"; did you mean "adam"?`,
		"singular?preset=exact":                                                      "exact is no iteration",
		"singular?preset=kellr":                                                      `did you mean "keller"?`,
		"about?function=%3Cscript%3E":                                                "unknown function",
		"about?function=booth&kappa=" + strings.Repeat("9", 300):                     "kappa is",
	} {
		code, text, _ := get(t, server, "GET", "/api/playground/"+query, nil)
		var said struct{ Error string }
		if err := json.Unmarshal([]byte(text), &said); err != nil || code != http.StatusBadRequest || !strings.Contains(said.Error, want) || strings.Contains(text, "<") || len(text) > 1000 {
			t.Errorf("%s: %d %v %s, want %s", query, code, err, text, want)
		}
	}
}

// TestPlaygroundWaits: the number of requests that compute at the same time is limited, and a request whose client has gone stops
// waiting.
func TestPlaygroundWaits(t *testing.T) {
	p, computed := newPlayground(), 0
	handle := p.compute(func(context.Context, url.Values) (any, error) {
		computed++
		return 0, nil
	})
	for range mostAtOnce {
		p.slots <- struct{}{}
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	handle(httptest.NewRecorder(), httptest.NewRequestWithContext(gone, "GET", "/", nil))
	if computed != 0 {
		t.Error("computed beside as many as there may be")
	}
	<-p.slots
	handle(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	if computed != 1 || len(p.slots) != mostAtOnce-1 {
		t.Errorf("computed %d times, and %d still do", computed, len(p.slots))
	}
}

// TestDescent: a step goes from the middle of the ball to its rim. It falls along the gradient by the dual norm, and no other point of
// the rim is lower.
func TestDescent(t *testing.T) {
	server := serve(t, "", "")
	for name, test := range map[string]struct {
		length func(x [2]float64) float64
		step   [2]float64
	}{
		"l1":   {func(x [2]float64) float64 { return math.Abs(x[0]) + math.Abs(x[1]) }, [2]float64{0, 1}},
		"l2":   {func(x [2]float64) float64 { return math.Hypot(x[0], x[1]) }, [2]float64{16 / math.Hypot(16, 20), 20 / math.Hypot(16, 20)}},
		"linf": {func(x [2]float64) float64 { return max(math.Abs(x[0]), math.Abs(x[1])) }, [2]float64{1, 1}},
	} {
		_, text, _ := get(t, server, "GET", "/api/playground/descent?function=booth&start=1,1&norm="+name, nil)
		var d descent
		if err := json.Unmarshal([]byte(text), &d); err != nil || d.Gradient != [2]float64{-16, -20} {
			t.Fatal(name, err, text)
		}
		along := func(x [2]float64) float64 { return d.Gradient[0]*x[0] + d.Gradient[1]*x[1] }
		if math.Hypot(d.Step[0]-test.step[0], d.Step[1]-test.step[1]) > 1e-15 || math.Abs(along(d.Step)+d.Dual) > 1e-14*d.Dual {
			t.Errorf("%s: step %v, want %v; dual norm %v", name, d.Step, test.step, d.Dual)
		}
		for _, x := range d.Rim {
			if math.Abs(test.length(x)-1) > 1e-15 || along(x) < -d.Dual*(1+1e-15) {
				t.Errorf("%s: %v is on the rim", name, x)
			}
		}
	}
}

// TestPromises: bounds are above the measurements of gradient descent, and a page without a bound says why.
func TestPromises(t *testing.T) {
	server := serve(t, "", "")
	for _, test := range []struct {
		query  string
		bounds int
		note   string
	}{
		{"function=quadratic&kappa=10&method=gd:lr=0.1", 2, ""},
		{"function=booth&method=gd:lr=0.01", 2, ""},
		{"function=rosenbrock&method=gd:lr=0.001", 0, "asks that f is L-smooth"},
		{"function=quadratic&kappa=10&method=normalized:lr=0.1", 0, "bounds the gradients, not f − f*"},
		{"function=booth&method=adam:lr=0.1", 0, "no theorem here speaks of Adam"},
	} {
		query := "start=1,1&steps=9&" + test.query
		var w walk
		var p promises
		for address, v := range map[string]any{"path": &w, "bounds": &p} {
			_, text, _ := get(t, server, "GET", "/api/playground/"+address+"?"+query, nil)
			if err := json.Unmarshal([]byte(text), v); err != nil {
				t.Fatal(err, text)
			}
		}
		if len(p.Bounds) != test.bounds || !strings.Contains(p.Note, test.note) || (p.Note == "") != (test.note == "") {
			t.Errorf("%s: %d bounds, %q", test.query, len(p.Bounds), p.Note)
		}
		for _, b := range p.Bounds {
			if len(b.Values.Mid) != 10 || !strings.Contains(b.Statement, "<math") || !b.Held {
				t.Errorf("%s: %+v", test.query, b)
			}
			for k, v := range b.Values.Mid[1:] {
				if !(v >= w.Loss[k+1]*(1-1e-7)) {
					t.Errorf("%s: %s is %v after step %d, and f − f* is %v", test.query, b.Title, v, k+1, w.Loss[k+1])
				}
			}
		}
	}
}

// TestSingular: each step takes a singular value to its value under the polynomial of the table, and the iterations end near 1.
func TestSingular(t *testing.T) {
	server := serve(t, "", "")
	for preset, test := range map[string]struct{ steps, low, high float64 }{
		"keller": {5, .68, 1.21}, "cubic": {24, 1 - 1e-9, 1 + 1e-9}, "polar-express": {8, 1 - 1e-9, 1 + 1e-9}, "quintic": {12, 1 - 1e-4, 1 + 1e-9},
	} {
		for _, scale := range []string{"", "log"} {
			_, text, _ := get(t, server, "GET", "/api/playground/singular?preset="+preset+"&scale="+scale, nil)
			var s singular
			if err := json.Unmarshal([]byte(text), &s); err != nil || len(s.Presets) < 10 || len(s.After) != int(test.steps)+1 || len(s.Table) != int(test.steps) {
				t.Fatal(preset, err, text)
			}
			for i, x := range s.Sigma {
				for k, p := range s.Table {
					y := s.After[k][i]
					if want := p[0]*y + p[1]*y*y*y + p[2]*y*y*y*y*y; math.Abs(s.After[k+1][i]-want) > 1e-13 {
						t.Fatalf("%s: step %d takes %v to %v, want %v", preset, k, y, s.After[k+1][i], want)
					}
				}
				if end := s.After[len(s.Table)][i]; s.After[0][i] != x || x >= .01 && !(test.low <= end && end <= test.high) {
					t.Errorf("%s: %v becomes %v", preset, x, end)
				}
			}
		}
	}
}
