package compare

import (
	"math"
	"testing"

	"steepest/methods"
	"steepest/objective"
	"steepest/optim"
	"steepest/param"
)

// TestSpaces prints the search spaces for a problem with L = 2 and LMax = 4, and for one without a Lipschitz gradient.
func TestSpaces(t *testing.T) {
	for _, test := range []struct {
		spec string
		l    float64
		want string
	}{
		{"gd", 2, "lr in [0.0005, 5]"},
		{"sgd", math.Inf(1), "lr in [0.001, 10]"},
		{"sgd", 0, "lr in [0.001, 10]"},
		{"heavy-ball", 2, "lr in [5e-05, 5]; momentum in [0.5, 0.99]"},
		{"nesterov", 2, "lr in [5e-05, 5]; momentum in [0.5, 0.99]"},
		{"heavy-ball:lr=0.1", 2, "momentum in [0.5, 0.99]"},
		{"heavy-ball:momentum=0", 2, "lr in [5e-05, 5]"},
		{"heavy-ball:momentum=0,lr=invsqrt(1)", 2, ""},
		{"nag-gs", 2, "lr in [0.01, 1]; mu = gamma in [0.002, 20]"},
		{"nag-gs:mu=1", 2, "lr in [0.01, 1]; gamma in [0.002, 20]"},
		{"nag-gs:mu=1,gamma=1", 2, "lr in [0.01, 1]"},
		{"sag", 2, "lr in [0.0025, 2.5]"},
		{"saga", math.Inf(1), "lr in [0.01, 10]"},
		{"svrg:inner=10", 2, "lr in [0.0025, 2.5]"},
		{"newton-sgd", 2, "lr in [0.0025, 2.5]"},
		{"adagrad", 2, "lr in [0.001, 10]"},
		{"adadelta", 2, "lr in [0.01, 1e+03]"},
		{"normalized", 2, "lr in [0.0001, 1]"},
		{"fromage", 2, "lr in [0.0001, 1]"},
		{"sign", 2, "lr in [1e-05, 0.1]"},
		{"lion", 2, "lr in [1e-05, 0.1]"},
		{"muon", 2, "lr in [0.0001, 1]; aux-lr in [0.0001, 0.1]"},
		{"scion", 2, "lr in [1e-05, 0.1]"},
		{"shampoo", 2, "lr in [0.001, 10]"},
		{"soap", 2, "lr in [0.0001, 1]"},
		{"adam", 2, "lr in [0.0001, 1]"},
		{"adam:beta1=0.5", 2, "lr in [0.0001, 1]"},
	} {
		got := ""
		for i, a := range space(entry(t, test.spec, mixed), objective.Constants{L: test.l, LMax: 2 * test.l}, 1) {
			if i > 0 {
				got += "; "
			}
			got += a.String()
		}
		if got != test.want {
			t.Errorf("%s at L = %v: %s, want %s", test.spec, test.l, got, test.want)
		}
	}
}

// TestAuxiliarySpace: the step size of AdamW, the method for other parameters, is searched only if AdamW updates a parameter.
func TestAuxiliarySpace(t *testing.T) {
	for _, name := range []string{"muon", "normuon", "dion"} {
		if axes := space(entry(t, name, mixed[:1]), objective.Constants{}, 1); len(axes) != 1 || axes[0].Options[0] != "lr" {
			t.Errorf("%s of one matrix: %v", name, axes)
		}
		if axes := space(entry(t, name, mixed), objective.Constants{}, 1); len(axes) != 2 || axes[1].Options[0] != "aux-lr" {
			t.Errorf("%s of a matrix and a vector: %v", name, axes)
		}
	}
}

// mixed holds the parameters of a layer.
var mixed = []param.Param{{Name: "weight", Shape: []int{3, 2}, Role: param.Hidden}, {Name: "bias", Shape: []int{3}, Role: param.Bias}}

func entry(t testing.TB, spec string, params []param.Param) *Entry {
	t.Helper()
	e := entrant(t, spec)
	plan, err := optim.NewPlan[float64](e.Method.Rule, params)
	if err != nil {
		t.Fatal(err)
	}
	return &Entry{Entrant: e, Plan: plan}
}

// TestSpacesNameOptions configures every method at both ends of every axis.
func TestSpacesNameOptions(t *testing.T) {
	for _, m := range methods.All() {
		e := entry(t, m.Name, mixed)
		axes := space(e, objective.Constants{L: 3}, 1)
		if len(axes) == 0 {
			t.Errorf("%s: nothing to search", e.Name)
		}
		for _, a := range axes {
			for _, place := range []float64{0, 1} {
				for _, option := range a.Options {
					text := map[string]string{option: number(a.At(place))}
					if _, err := optim.Configure(e.Method.Rule, text); err != nil {
						t.Errorf("%s: %v: %v", e.Name, text, err)
					}
				}
			}
		}
	}
}

func TestAxis(t *testing.T) {
	lr := methods.Axis{Low: 1e-4, High: 1}
	momentum := methods.Axis{Low: 0.01, High: 0.5, Complement: true}
	for _, test := range []struct {
		axis        methods.Axis
		place, want float64
		atEdge      bool
	}{
		{lr, 0, 1e-4, true}, {lr, 0.5, 1e-2, false}, {lr, 1, 1, true}, {lr, 0.049, math.Pow(10, -3.804), true},
		{lr, 0.051, math.Pow(10, -3.796), false}, {lr, 0.949, math.Pow(10, -0.204), false}, {lr, 0.951, math.Pow(10, -0.196), true},
		{momentum, 0, 0.99, true}, {momentum, 1, 0.5, true}, {momentum, 0.5, 1 - math.Sqrt(0.005), false},
	} {
		if got := test.axis.At(test.place); !close(got, test.want) || edge(test.place) != test.atEdge {
			t.Errorf("%v at %v: %v, edge %v; want %v, %v",
				test.axis, test.place, got, edge(test.place), test.want, test.atEdge)
		}
	}
	decay := methods.Axis{Options: []string{"beta2"}, Low: 1e-5, High: 1e-3, Complement: true}
	if got := decay.Text(0.1); got != "0.99998415" { // 1 − 10^−4.8
		t.Errorf("%v at 0.1 is %s", decay, got)
	}
}

// TestPlacesAreEven: 2^k trials lie one in each of 2^k equal parts of the first axis, and 3^k trials one in each of 3^k equal parts of
// the second.
func TestPlacesAreEven(t *testing.T) {
	for seed := range uint64(5) {
		for axis, n := range []int{16, 27} {
			points, seen := places(n, 2, seed), make(map[int]bool)
			for i := range n {
				seen[int(points.At(i, axis)*float64(n)+1e-9)] = true
			}
			if len(seen) != n {
				t.Errorf("seed %d: %d trials lie in %d of %d equal parts of axis %d", seed, n, len(seen), n, axis)
			}
		}
	}
	if a, b := places(4, 1, 1), places(4, 1, 2); a.At(0, 0) == b.At(0, 0) && a.At(1, 0) == b.At(1, 0) {
		t.Error("two seeds place the trials alike")
	}
}
