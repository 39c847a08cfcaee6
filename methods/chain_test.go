package methods

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"steepest/optim"
	"steepest/param"
)

// layers are the parameters of a small network.
var layers = []param.Param{
	{Name: "embedding", Shape: []int{5, 3}, Role: param.Embedding},
	{Name: "weight", Shape: []int{4, 3}, Role: param.Hidden},
	{Name: "bias", Shape: []int{4}, Role: param.Bias},
	{Name: "head", Shape: []int{2, 4}, Role: param.Head},
}

// TestChains: a chain has the right transforms for the hidden matrix and for the bias.
func TestChains(t *testing.T) {
	for spec, want := range map[string]string{
		"adam:beta2=0.95+cautious+decay:0.1+lr:0.003":  "adam cautious decay lr, 0.003 0.1; adam cautious decay lr, 0.003 0.1",
		"adam + cautious : scale = share + lr : 0.003": "adam cautious lr, 0.003 0; adam cautious lr, 0.003 0",
		"adamw+cautious":                                   "adam cautious decay lr, 0.001 0.01; adam cautious decay lr, 0.001 0.01",
		"adamw+decay:0.5":                                  "adam decay lr, 0.001 0.5; adam decay lr, 0.001 0.5",
		"adam+lr:0.5+decay:0.25":                           "adam lr decay, 0.5 0.5; adam lr decay, 0.5 0.5", // the step size does not multiply this decay
		"adam+lr:cosine(3e-3,1e+0,1000)":                   "adam lr, 0.003002 0; adam lr, 0.003002 0",
		"soap+polar+hyperball":                             "soap polar hyperball, 0.003 0; adam decay lr, 0.001 0.01",
		"soap:aux-lr=0.5+polar+hyperball:0.25":             "soap polar hyperball, 0.25 0; adam decay lr, 0.5 0.01",
		"soap+cautious":                                    "soap cautious lr decay, 0.003 0.01; soap cautious lr decay, 0.003 0.01",
		"soap+decay:0.5":                                   "soap decay lr, 0.003 0.5; soap decay lr, 0.003 0.5",
		"muon+cautious-decay:0.1":                          "average polar shape decay lr, 0.02 0.1; adam decay lr, 0.0003 0",
		"muon+normuon+clip:2":                              "average polar shape normuon clip decay lr, 0.02 0; adam decay lr, 0.0003 0",
		"schedule-free-adamw+cautious":                     "rms cautious lr schedule-free, 0.0025 0; rms cautious lr schedule-free, 0.0025 0",
		"prodigy+schedule-free:0.8":                        "prodigy schedule-free, 1e-06 0; prodigy schedule-free, 1e-06 0",
		"nesterov:form=ahead+sign":                         "lr momentum sign, 0.01 0; lr momentum sign, 0.01 0",
		"heavy-ball:clip-norm=1+sign":                      "clip-norm momentum sign lr, 0.01 0; clip-norm momentum sign lr, 0.01 0",
		"adam+decay:0.5+trust":                             "adam decay trust lr, 0.001 0.5; adam decay trust lr, 0.001 0.5", // LAMB
		"adamw+lookahead+extrapolate:0.5":                  "extrapolate adam decay lr lookahead, 0.001 0.01; extrapolate adam decay lr lookahead, 0.001 0.01",
		"soap+extrapolate+polar+hyperball":                 "extrapolate soap polar hyperball, 0.003 0; adam decay lr, 0.001 0.01",
		"adan:weight-decay=1+cautious":                     "adan cautious lr decay, 0.001 0.999; adan cautious lr decay, 0.001 0.999",
		"hidden=muon/rest=adamw:lr=3e-4":                   "average polar shape decay lr, 0.02 0; adam decay lr, 0.0003 0.01",
		"hidden=adam+polar/bias=sgd/rest=sign/clip-norm=1": "clip-norm adam polar lr, 0.001 0; clip-norm lr, 0.01 0",
		"rest=adam/hidden-lr=1/hidden=sgd/clip-value=2":    "clip lr, 1 0; clip adam lr, 0.001 0",
		"hidden.weight=sgd/hidden=adam/rest=sign":          "lr, 0.01 0; sign lr, 0.001 0",
		"hidden=sgd+lr:0.5+momentum/rest=adam+cautious":    "lr momentum, 0.5 0; adam cautious lr, 0.001 0",
	} {
		m, _, err := Parse(spec)
		if err != nil {
			t.Errorf("%s: %v", spec, err)
			continue
		}
		plan, err := optim.NewPlan[float64](m.Rule, layers)
		if err != nil {
			t.Errorf("%s: %v", spec, err)
			continue
		}
		var got []string
		for _, a := range []optim.Assignment{plan[1], plan[2]} {
			got = append(got, fmt.Sprintf("%s, %.4g %.4g", strings.Join(a.Transforms, " "), a.LR, a.Decay))
		}
		if got := strings.Join(got, "; "); got != want {
			t.Errorf("%s:\n%s, want\n%s", spec, got, want)
		}
		checkRoundTrip(t, spec)
	}
}

// checkRoundTrip: the specification of a method and its options is parsed to the same method, which has the same specification.
func checkRoundTrip(t *testing.T, text string) {
	t.Helper()
	m, given, err := Parse(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	spec := m.Spec(given)
	again, options, err := Parse(spec)
	if err != nil {
		t.Fatalf("%q comes back as %q: %v", text, spec, err)
	}
	if again.Spec(options) != spec || again.Name != m.Name || !maps.Equal(options, given) || !slices.Equal(optim.Fields(again.Rule), optim.Fields(m.Rule)) {
		t.Errorf("%q comes back as %q and %q, with %v and %v", text, spec, again.Spec(options), optim.Fields(m.Rule), optim.Fields(again.Rule))
	}
}

// TestCanonicalChains: chains are printed in their canonical form.
func TestCanonicalChains(t *testing.T) {
	for text, want := range map[string]string{
		"adam+cautious+lr:0.1":                    "adam:lr=0.1+cautious",
		"adam:lr=0.1+lr+decay:0.1":                "adam:lr=0.1+lr+decay:0.1",
		"sgd+momentum:0.9,nesterov=true":          "sgd+momentum:nesterov=true",
		"sgd+momentum:nesterov=true,mu=0.5":       "sgd+momentum:0.5,nesterov=true",
		"soap+polar+hyperball:0.02":               "soap:lr=0.02+polar+hyperball",
		"sgd+lr:cosine(0.1, 0, 10)+schedule-free": "sgd:lr=cosine(0.1, 0, 10)+schedule-free",
		"rest=adam/accumulate=2,clip-norm=1":      "rest=adam/accumulate=2,clip-norm=1",
	} {
		m, given, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Spec(given); got != want {
			t.Errorf("%s is printed as %s, want %s", text, got, want)
		}
	}
}

// TestChainErrors: an error says what is wrong, and marks the character.
func TestChainErrors(t *testing.T) {
	all := make([]string, len(links))
	for i, l := range links {
		all[i] = l.Name
	}
	for _, c := range []struct{ marked, want string }{ // the place is marked by |
		{"adam+|cautios", `unknown link "cautios"; did you mean "cautious"?`},
		{"|adm+cautious", `unknown method "adm"; did you mean "adam"?`},
		{"adam:|bta1=0.5+cautious", `unknown option "bta1"; did you mean "beta1"?`},
		{"adam:lr=0.1,|beta1=2+cautious", `option beta1: 2 is not below 1`},
		{"adam + |adam", `adam is a method, which stands first in a chain; the links behind one are ` + strings.Join(all, ", ")},
		{"adam+decay:|-1", `option lambda: -1 is below 0`},
		{"adam+decay:|x", `option lambda: "x" is not a finite number`},
		{"adam+momentum:0.5,|nestrov=true", `unknown option of momentum "nestrov"; did you mean "nesterov"?`},
		{"adam+sign:|0.5", `option "0.5" has no value; write 0.5=…`},
		{"adam+sign:|a=0.5", `sign has no options`},
		{"adam:lr=0.1+lr:|0.2", `the step size stands twice`},
		{"adam+lr:0.1+|lr:0.2", `lr stands twice`},
		{"adam+decay+|decay", `decay stands twice`},
		{"adam+lr:|-1", `option lr: schedule "-1": a step size must be positive and finite`},
		{"soap+hyperball+|cautious", `cautious stands before hyperball`},
		{"soap+decay+|hyperball", `hyperball takes the place of a decay and a step size; leave them out`},
		{"sgd+schedule-free+|sign", `sign stands before schedule-free`},
		{"adam+hyperball+extrapolate+|sign", `sign stands before hyperball`},
		{"schedule-free-sgd+|schedule-free", `what stands before takes the gradient elsewhere than at x already`},
		{"prodigy+|lr:1", `the method has its step size within; write lr=… as an option of it`},
		{"fromage+|hyperball", `the method has its step size within; write lr=… as an option of it`},
		{"|saga+sign", `saga estimates the gradient in its own way, and no chain begins with it`},
		{"hidden=muon/rest=|saga", `saga estimates the gradient of all parameters, and is no route`},
		{"hidden=muon/|hidden=sgd", `the route hidden stands twice`},
		{"hidden=muon/rest=|adm", `unknown method "adm"; did you mean "adam"?`},
		{"hidden=muon/rest=adam+|polr", `unknown link "polr"; did you mean "polar"?`},
		{"hidden=muon/|hiden=adam", `unknown route "hiden"; did you mean "hidden"?`},
		{"hidden=muon/|hiden.mlp=adam", `unknown route "hiden"; did you mean "hidden"?`},
		{"hidden=muon/|rest.mlp=adam", `rest takes the parameters that no other route takes, so no words may follow it`},
		{"hidden=muon/|bias.=adam", `a word of "bias." is empty`},
		{"sgd+average:|1.5", `option mu: 1.5 is not below 1`},
		{"sgd+average:|linear(0.5,10,1,20,0.5)", `option mu: 1 is not below 1`},
		{"hidden=muon/rest=|adam:clip-norm=1", `clip-norm=1 is for the gradients of all parameters; write it as a piece of its own, /clip-norm=1`},
		{"hidden=muon/rest=adam/|lr=1", `no route is called "lr"; options are of a route, as hidden-lr, or prepare all gradients, as clip-norm`},
		{"hidden=muon/rest=adam/|clip-norm=-1", `option clip-norm: -1 is below 0`},
		{"hidden=muon/|", `a piece is empty`},
	} {
		at := strings.Index(c.marked, "|")
		spec := strings.Replace(c.marked, "|", "", 1)
		want := fmt.Sprintf("method %q: %s\n    %s\n    %s^", spec, c.want, spec, strings.Repeat(" ", at))
		if _, _, err := Parse(spec); err == nil || err.Error() != want {
			t.Errorf("%s: error\n%v, want\n%s", spec, err, want)
		}
	}
}

// TestLinksAreDescribed: each link has a formula and describes its options, and its name is not that of a method.
func TestLinksAreDescribed(t *testing.T) {
	for _, l := range Links() {
		if l.Name == "" || l.Formula == "" {
			t.Errorf("link %+v has an empty field", l)
		}
		for _, f := range optim.TransformFields(l.Transform) {
			if f.Help == "" {
				t.Errorf("%s: option %s has no help", l.Name, f.Name)
			}
		}
	}
}

// TestSameChains: a named method and the chain in the field Same of its row make the same steps.
func TestSameChains(t *testing.T) {
	count := 0
	for _, m := range All() {
		if m.Same == "" {
			continue
		}
		count++
		var ends [][]float64
		for _, rule := range []optim.Rule{m.Rule, parse(t, m.Same)} {
			o, err := optim.New[float64](rule, layers)
			if err != nil {
				t.Fatal(err)
			}
			x := []float64{}
			for i := range 39 {
				x = append(x, math.Sin(float64(i)))
			}
			at, g := slices.Clone(x), slices.Clone(x)
			for k := range 20 {
				for i, v := range o.Point(at, x) {
					g[i] = v + math.Cos(float64(40*k+i))
				}
				if err := o.Step(x, g); err != nil {
					t.Fatal(err)
				}
			}
			ends = append(ends, x)
		}
		for i, want := range ends[0] {
			if math.Abs(ends[1][i]-want) > 1e-12 {
				t.Errorf("%s and %s lead to %v and %v", m.Name, m.Same, want, ends[1][i])
				break
			}
		}
	}
	if count < 5 {
		t.Errorf("%d methods are chains", count)
	}
}

// TestChainSpaces: the search space of a chain consists of options that the chain has.
func TestChainSpaces(t *testing.T) {
	for _, spec := range []string{"adam+cautious", "sgd+momentum", "nag-gs+cautious", "soap+polar+hyperball", "muon+normuon", "hidden=muon/rest=nag-gs", "rest=sgd"} {
		m, _, err := Parse(spec)
		if err != nil {
			t.Fatal(err)
		}
		space := m.SearchSpace()
		if optim.NameOf(m.Rule) == "" {
			t.Errorf("%s has no name", spec)
		}
		if presets := m.Presets(); len(presets) != 1 || len(presets[0].Fields) == 0 {
			t.Errorf("%s: presets %v", spec, presets)
		}
		if len(space) == 0 {
			t.Errorf("%s has nothing to search", spec)
		}
		for _, a := range space {
			for _, name := range a.Options {
				if _, err := optim.Configure(m.Rule, map[string]string{name: "0.5"}); err != nil {
					t.Errorf("%s: %v", spec, err)
				}
			}
		}
	}
}
