package optim_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"steepest/optim"
	"steepest/optim/matrix"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
)

func named(names ...string) func(param.Param) bool {
	return func(p param.Param) bool { return slices.Contains(names, p.Name) }
}

func TestRoutesUpdateTheirOwn(t *testing.T) {
	params := []param.Param{{Name: "a"}, {Name: "b", Shape: []int{2}}, {Name: "c"}}
	rule := optim.Routes{
		{Name: "sign", Rule: rules.SignDescent{LR: schedule.Constant(1)}, Takes: named("b")},
		{Name: "sgd", Rule: rules.SGD{LR: schedule.Constant(0.5)}},
	}
	x := []float64{1, 2, 3, 4}
	o := newOptimizer[float64](rule, params)
	if err := o.Step(x, []float64{4, -5, 6, 8}); err != nil {
		t.Fatal(err)
	}
	if want := []float64{-1, 3, 2, 0}; !slices.Equal(x, want) {
		t.Errorf("x = %v, want %v", x, want)
	}
	if o.LR() != 1 || o.Gain() != 0 {
		t.Errorf("step size %v and gain %v, want 1, of the first route, and none", o.LR(), o.Gain())
	}
}

func TestEveryParameterIsRoutedOnce(t *testing.T) {
	params := []param.Param{
		{Name: "w", Shape: []int{3, 2}, Role: param.Hidden}, {Name: "tokens", Shape: []int{5, 2}, Role: param.Embedding},
		{Name: "b", Shape: []int{3}, Role: param.Bias},
	}
	sgd := rules.SGD{}
	for want, rule := range map[string]optim.Rule{
		`optim: hidden matrix "w" of shape [3 2]: the routes "one" and "two" both take it`: optim.Routes{
			{Name: "one", Rule: sgd, Takes: named("w")}, {Name: "two", Rule: sgd, Takes: named("w", "b")}, {Name: "rest", Rule: sgd},
		},
		`optim: bias "b" of shape [3]: no route takes it; a route whose Takes is nil takes what is left over`: optim.Routes{
			{Name: "one", Rule: sgd, Takes: named("w", "tokens")},
		},
		`optim: hidden matrix "w" of shape [3 2]: the routes "rest" and "more" both take what is left over`: optim.Routes{
			{Name: "rest", Rule: sgd}, {Name: "more", Rule: sgd},
		},
		`optim: embedding "tokens" of shape [5 2]: polar is for matrices between layers; ` +
			`route it to another rule, such as AdamW, or choose all matrices`: matrix.Muon{}.Chain(),
		`optim: bias "b" of shape [3]: polar takes matrices only; route it to another rule, such as AdamW`: optim.Routes{
			{Name: "muon", Rule: matrix.Muon{}.Chain(), Takes: named("b")}, {Name: "rest", Rule: sgd},
		},
	} {
		_, err := optim.New[float64](rule, params)
		if err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
		if _, planErr := optim.NewPlan[float64](rule, params); planErr == nil || planErr.Error() != want {
			t.Errorf("error of the plan %v, want %s", planErr, want)
		}
	}
}

// TestMuonRoutes: matrices between layers go to Muon, all others to AdamW, unless embeddings and the head are asked for.
func TestMuonRoutes(t *testing.T) {
	for spec, want := range map[string]string{
		"muon": "embedding:adamw qkv:muon tall:muon gain:adamw bias:adamw kernels:muon square:muon column:muon row:muon none:muon " +
			"number:adamw head:adamw",
		"normuon:matrices=all": "embedding:normuon qkv:normuon tall:normuon gain:adamw bias:adamw kernels:normuon square:normuon " +
			"column:normuon row:normuon none:normuon number:adamw head:normuon",
	} {
		plan, err := optim.NewPlan[float32](parse(t, spec), network)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, a := range plan {
			got = append(got, a.Param.Name+":"+a.Route)
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%s: %s, want %s", spec, g, want)
		}
	}
}

// TestCoverage: a plan says which parameters the method updates itself, and a method that would update none is refused.
func TestCoverage(t *testing.T) {
	vector, matrix := param.Param{Name: "b", Shape: []int{3}}, param.Param{Name: "w", Shape: []int{4, 2}}
	row, head := param.Param{Name: "row", Shape: []int{1, 5}}, param.Param{Name: "head", Shape: []int{2, 2}, Role: param.Head}
	for _, test := range []struct {
		spec   string
		params []param.Param
		want   string
	}{
		{"muon", []param.Param{matrix}, ""},
		{"muon", []param.Param{matrix, vector}, "8 of 11 parameters, adamw the others"},
		{"muon", []param.Param{matrix, vector, head}, "8 of 15 parameters, adamw the others"},
		{"muon:matrices=all", []param.Param{matrix, vector, head}, "12 of 15 parameters, adamw the others"},
		{"normuon", []param.Param{row, vector}, "5 of 8 parameters, adamw the others"},
		{"dion", []param.Param{vector, matrix}, "8 of 11 parameters, adamw the others"},
		{"dion3", []param.Param{vector, matrix}, "8 of 11 parameters, adamw the others"},
		{"psgd", []param.Param{vector, matrix}, ""},
		{"soap", []param.Param{row, matrix, vector}, "8 of 16 parameters, adam the others"},
		{"soap:max-order=3", []param.Param{matrix, vector}, "8 of 11 parameters, adam the others"}, // one side has a basis
		{"scion", []param.Param{matrix, vector, head}, ""},
		{"shampoo", []param.Param{vector}, ""},
		{"steepest", []param.Param{vector}, ""},
		{"adam", []param.Param{vector}, ""},
	} {
		plan, err := optim.NewPlan[float64](parse(t, test.spec), test.params)
		if err != nil || plan.Coverage() != test.want {
			t.Errorf("%s: %q, %v; want %q", test.spec, plan.Coverage(), err, test.want)
		}
	}
	for spec, params := range map[string][]param.Param{
		"muon": {vector}, "normuon": {vector}, "dion": {vector}, "dion2": {vector}, "soap": {vector}, "soap:max-order=1": {matrix}, "muon:preset=torch": {head, vector},
	} {
		_, err := optim.New[float32](parse(t, spec), params)
		if err == nil || !strings.Contains(err.Error(), "the rule leaves all parameters to adam") {
			t.Errorf("%s: %v", spec, err)
		}
	}
}

// TestFusedMatricesAreSplit: queries, keys and values in one tensor get the updates of three tensors.
func TestFusedMatricesAreSplit(t *testing.T) {
	fused := []param.Param{{Name: "qkv", Shape: []int{12, 5}, Fused: 3}}
	var apart []param.Param
	for _, name := range []string{"q", "k", "v"} {
		apart = append(apart, param.Param{Name: name, Shape: []int{4, 5}})
	}
	vectors := randoms[float64](4, 60)
	for name, rule := range everyRule(t, fused) {
		rule, _ := optim.Unprepared(rule) // a preparation sums its norm by tensors
		if slices.ContainsFunc(transforms(rule), func(t optim.Transform) bool { return t.Sums != nil }) {
			continue // its sums of squares go by tensors
		}
		got, want := runOn(2, rule, fused, vectors), runOn(2, rule, apart, vectors)
		if i := firstFar(got, want, 0); i >= 0 {
			t.Errorf("%s: x[%d] = %v, want %v", name, i, got[i], want[i])
		}
	}
	uneven := []param.Param{{Name: "qkv", Shape: []int{13, 5}, Fused: 3}}
	_, err := optim.New[float64](matrix.Muon{}.Chain(), uneven)
	if want := `optim: parameter "qkv" of shape [13 5]: polar cannot cut it into 3 matrices of equal height`; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// TestErrorsLeaveXAlone: a NaN in the gradient of one matrix stops the step before anything has moved.
func TestErrorsLeaveXAlone(t *testing.T) {
	for _, spec := range []string{"muon", "normuon", "shampoo", "soap", "steepest"} {
		params := []param.Param{{Name: "b", Shape: []int{2}}, {Name: "w", Shape: []int{2, 2}}}
		o, x := newOptimizer[float64](parse(t, spec), params), []float64{1, 2, 3, 4, 5, 6}
		err := o.Step(x, []float64{1, 1, 1, 1, math.NaN(), 1})
		if err == nil || !strings.Contains(err.Error(), `step 0: the gradient of "w" is NaN at element 2`) {
			t.Errorf("%s: error %v, want one of NaN in w", spec, err)
		}
		if want := []float64{1, 2, 3, 4, 5, 6}; !slices.Equal(x, want) || o.K() != 0 {
			t.Errorf("%s: x = %v after %d steps, want %v", spec, x, o.K(), want)
		}
	}
}

// TestErrorsOfTransforms: Step returns the error of a user's transform.
func TestErrorsOfTransforms(t *testing.T) {
	broken := errors.New("broken")
	chain := optim.Chain{optim.Transform{Name: "own", Whole64: func() optim.Whole[float64] {
		return func(int, *optim.Coeffs, *optim.Tensor[float64]) error { return broken }
	}, Whole32: func() optim.Whole[float32] { return nil }}}
	o := newOptimizer[float64](chain, tensors(1))
	if err := o.Step([]float64{1}, []float64{1}); !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
}

func TestPlan(t *testing.T) {
	params := []param.Param{
		{Name: "wte", Shape: []int{50, 8}, Role: param.Embedding},
		{Name: "qkv", Shape: []int{24, 8}, Role: param.Hidden, Fused: 3},
		{Name: "up", Shape: []int{32, 8}, Role: param.Hidden},
		{Name: "bias", Shape: []int{32}, Role: param.Bias},
	}
	plan, err := optim.NewPlan[float32](parse(t, "muon:lr=0.02,weight-decay=0.1,aux-lr=0.003"), params)
	if err != nil {
		t.Fatal(err)
	}
	const want = `tensor  shape         role       route  transforms                            step size        decay  state bytes  passes
wte     [50 8]        embedding  adamw  adam → decay → lr                     0.003            0      3200         1
qkv     3×[8 8]       hidden     muon   average → polar → shape → decay → lr  0.02             0.1    768          3
up      [32 8]        hidden     muon   average → polar → shape → decay → lr  0.02 × 2 = 0.04  0.1    1024         3
bias    [32]          bias       adamw  adam → decay → lr                     0.003            0      256          1
total   880 elements                                                                                  5248         

route  link     FLOPs a step  state bytes  passes
adamw  adam     4.32e+03      3456         0
adamw  decay    1.3e+03       0            0
adamw  lr       432           0            1
muon   average  2.69e+03      1792         1
muon   polar    6.4e+04       0            1
muon   shape    448           0            0
muon   decay    1.34e+03      0            0
muon   lr       448           0            1
`
	if got := plan.String(); got != want {
		t.Errorf("plan:\n%s\nwant:\n%s", got, want)
	}
}

// TestHeadsMustDivide: a tensor that cannot be cut into heads of equal height is an error that names it.
func TestHeadsMustDivide(t *testing.T) {
	params := []param.Param{{Name: "qkv", Shape: []int{12, 4}, Role: param.Hidden, Fused: 3}}
	if _, err := optim.New[float64](parse(t, "muon:heads=2"), params); err != nil {
		t.Error(err)
	}
	_, err := optim.New[float64](parse(t, "muon:heads=3"), params)
	if want := `optim: hidden matrix "qkv" of shape [12 4]: polar cannot cut it into 9 matrices of equal height`; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// TestHeadsNeedFusedTensors: without fused tensors the option heads would have no effect, and is an error.
func TestHeadsNeedFusedTensors(t *testing.T) {
	params := []param.Param{{Name: "w", Shape: []int{6, 4}}, {Name: "b", Shape: []int{4}}}
	for _, spec := range []string{"muon:heads=3", "dion2:heads=3", "adamuon:heads=3"} {
		_, err := optim.New[float64](parse(t, spec), params)
		want := "heads=3 cuts tensors that hold the queries, keys and values of attention, and this model has none; leave heads out"
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: error %v, want one that ends in %q", spec, err, want)
		}
	}
	params[0].Fused = 2
	if _, err := optim.New[float64](parse(t, "muon:heads=3"), params); err != nil {
		t.Error(err)
	}
}
