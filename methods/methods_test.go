package methods

import (
	"maps"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"steepest/internal/mutate"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
)

func TestMethodsAreDescribed(t *testing.T) {
	names := make(map[string]bool)
	for _, m := range All() {
		if names[m.Name] {
			t.Errorf("two methods are named %q", m.Name)
		}
		names[m.Name] = true
		if m.Name == "" || m.Title == "" || m.Formula == "" || m.Source == "" || m.Rule == nil {
			t.Errorf("method %+v has an empty field", m)
		}
		for _, f := range optim.Fields(m.Rule) {
			if f.Name == "" || f.Help == "" || f.Value == "" || f.Value == "default" {
				t.Errorf("%s: option %+v has no name, help or value", m.Name, f)
			}
		}
		if fields, described := count(reflect.TypeOf(m.Rule)), len(optim.Fields(m.Rule)); fields != described {
			t.Errorf("%s: %d of %d exported fields are described", m.Name, described, fields)
		}
	}
}

// count returns the number of exported fields of a rule and of the rules within it, without functions.
func count(rule reflect.Type) (n int) {
	for i := range rule.NumField() {
		switch f := rule.Field(i); {
		case f.Anonymous || f.Type.Kind() == reflect.Struct && f.Type.NumField() > 0 && f.Tag.Get("prefix") != "":
			n += count(f.Type)
		case f.IsExported() && f.Type.Kind() != reflect.Func:
			n++
		}
	}
	return n
}

// TestFieldsRoundTrip: Configure with the values of Fields returns the same rule.
func TestFieldsRoundTrip(t *testing.T) {
	for _, m := range All() {
		for _, preset := range m.Presets() {
			for _, lr := range []string{"0.25", "invsqrt(0.5)", "cosine(0.1, 0.01, 100)", "warmup(10, piecewise(0.1, 5, 0.01))"} {
				options := map[string]string{"lr": lr}
				if preset.Name != "default" {
					options["preset"] = preset.Name
				}
				rule, err := optim.Configure(m.Rule, options)
				if err != nil {
					t.Fatal(err)
				}
				all := make(map[string]string)
				for _, f := range optim.Fields(rule) {
					all[f.Name] = f.Value
				}
				for _, f := range optim.Fields(m.Rule) { // formulas are not values
					if all[f.Name] == f.Value && strings.ContainsAny(f.Value, "/n") && f.Name != "preset" {
						if _, err := optim.Configure(m.Rule, map[string]string{f.Name: f.Value}); err != nil {
							delete(all, f.Name)
						}
					}
				}
				again, err := optim.Configure(m.Rule, all)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(optim.Fields(again), optim.Fields(rule)) {
					t.Errorf("%s: %v, want %v", m.Name, optim.Fields(again), optim.Fields(rule))
				}
			}
		}
	}
}

func TestConfigureLeavesRuleAlone(t *testing.T) {
	rule := rules.Adam{Beta1: optim.Set(0.5), Beta2: optim.Set(0.75)}
	configured, err := optim.Configure(rule, map[string]string{"beta1": "0.25", "eps": "0", "eps-place": "inside"})
	if err != nil {
		t.Fatal(err)
	}
	want := rules.Adam{Beta1: optim.Set(0.25), Beta2: optim.Set(0.75), Eps: optim.Set(0.0), EpsPlace: optim.Set(optim.EpsInside)}
	if configured != optim.Rule(want) || rule.Beta1 != optim.Set(0.5) {
		t.Errorf("configured %+v from %+v, want %+v", configured, rule, want)
	}
}

func TestParseMethod(t *testing.T) {
	m, options, err := Parse("adam: lr = warmup(10, cosine(0.1,0,100)), beta1=.5 ,average=tail", "average")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"lr": "warmup(10, cosine(0.1,0,100))", "beta1": ".5", "average": "tail"}
	if m.Name != "adam" || !maps.Equal(options, want) {
		t.Errorf("method %s with %v, want adam with %v", m.Name, options, want)
	}
	rule := m.Rule.(rules.Adam)
	if rule.Beta1 != optim.Set(0.5) || math.Abs(rule.LR.At(9)-(1+math.Cos(0.09*math.Pi))/20) > 1e-16 {
		t.Errorf("rule %+v: β₁ = %v, α₉ = %v", rule, rule.Beta1, rule.LR.At(9))
	}
}

func TestParseMethodErrors(t *testing.T) {
	var names []string
	for _, m := range All() {
		names = append(append(names, m.Name), m.Aliases...)
	}
	methods := strings.Join(names, ", ")
	for spec, want := range map[string]string{
		"":                   `unknown method ""; there are ` + methods,
		"frobnicate":         `unknown method "frobnicate"; there are ` + methods,
		"adm":                `unknown method "adm"; did you mean "adam"?`,
		"cautious:0.1":       `unknown method "cautious"; it is a link, which stands behind a method, as in adam+cautious`,
		"Adam:lr=1":          `unknown method "Adam"; did you mean "adam"?`,
		"adam:lr":            `method "adam:lr": option "lr" has no value; write lr=…`,
		"adam:lr=0":          `method "adam:lr=0": option lr: schedule "0": a step size must be positive and finite`,
		"adam:lr=nan":        `method "adam:lr=nan": option lr: schedule "nan": want a number or ` + strings.Join(schedule.Forms(), ", "),
		"adam:lr=0.1,lr=0.2": `method "adam:lr=0.1,lr=0.2": option "lr" stands twice`,
		"adam:beta1=1":       `method "adam:beta1=1": option beta1: 1 is not below 1`,
		"adam:beta1=-0.1":    `method "adam:beta1=-0.1": option beta1: -0.1 is below 0`,
		"adam:beta1=x":       `method "adam:beta1=x": option beta1: "x" is not a finite number`,
		"adam:beta1=nan":     `method "adam:beta1=nan": option beta1: "nan" is not a finite number`,
		"adam:bta1=.5":       `method "adam:bta1=.5": unknown option "bta1"; did you mean "beta1"?`,
		"adam:average=tail": `method "adam:average=tail": unknown option "average"; there are lr, beta1, beta2, eps, eps-place, eps-root, biased, preset, ` +
			`skip-nonfinite, accumulate, clip-value, clip-norm`,
		"sgd:clipnorm=1":         `method "sgd:clipnorm=1": unknown option "clipnorm"; it is called clip-norm here`,
		"sgd:clip-nrom=1":        `method "sgd:clip-nrom=1": unknown option "clip-nrom"; did you mean "clip-norm"?`,
		"adam:clip-norm=inf":     `method "adam:clip-norm=inf": option clip-norm: "inf" is not a finite number`,
		"adam:accumulate=0":      `method "adam:accumulate=0": option accumulate: 0 is below 1`,
		"sgd:momentum=0.9":       `method "sgd:momentum=0.9": sgd has lr, but no option momentum; have a look at heavy-ball, nesterov, rmsprop, lars`,
		"sgd:learning_rate=0.9":  `method "sgd:learning_rate=0.9": unknown option "learning_rate"; it is called lr here`,
		"adamw:wd=0.9":           `method "adamw:wd=0.9": unknown option "wd"; it is called weight-decay here`,
		"adam:lr=0,1":            `method "adam:lr=0,1": "1" stands where an option belongs; numbers have a decimal point, not a comma`,
		"adam,sgd":               `unknown method "adam,sgd"; methods are separated by semicolons: adam;sgd`,
		"adam,sgd,muon":          `unknown method "adam,sgd,muon"; methods are separated by semicolons: adam;sgd;muon`,
		"sgd lr=0.1":             `unknown method "sgd lr=0.1"; options follow a colon: sgd:lr=0.1`,
		"sgd(lr=0.1)":            `unknown method "sgd(lr=0.1)"; options follow a colon: sgd:lr=0.1`,
		"SGDM":                   `unknown method "SGDM"; it is called heavy-ball here`,
		"nag-gs:mu=0,gamma=0":    `method "nag-gs:mu=0,gamma=0": option gamma: 0 is not above 0`,
		"rmsprop:initial=-1":     `method "rmsprop:initial=-1": option initial: -1 is below 0`,
		"rmsprop:centered=maybe": `method "rmsprop:centered=maybe": option centered: "maybe" is neither true nor false`,
		"rmsprop:momentum=1e999": `method "rmsprop:momentum=1e999": option momentum: "1e999" is not a finite number`,
		"adam:preset=pytorch":    `method "adam:preset=pytorch": option preset: unknown value "pytorch"; did you mean "torch"?`,
		"adam:eps-place=out":     `method "adam:eps-place=out": option eps-place: unknown value "out"; there are outside, inside, hat`,
		"adam:lr=invsqrt(cosine(0.1))": `method "adam:lr=invsqrt(cosine(0.1))": option lr: ` +
			`schedule "invsqrt(cosine(0.1))": "cosine(0.1)" is not a finite number`,
	} {
		if _, _, err := Parse(spec); err == nil || err.Error() != want {
			t.Errorf("%q: error %v, want %s", spec, err, want)
		}
	}
}

// TestParseMethodParentheses: an unbalanced parenthesis is an error of its schedule, and does not cut the text elsewhere.
func TestParseMethodParentheses(t *testing.T) {
	for _, spec := range []string{
		"adam:lr=cosine(0.1,0,10", "adam:lr=cosine(0.1,0,10)),beta1=0.5", "adam:lr=)0.1,beta1=0.2", "adam:lr=(0.1),beta1=0.2",
	} {
		if _, _, err := Parse(spec); err == nil || !strings.Contains(err.Error(), "option lr: schedule ") {
			t.Errorf("%q: error %v, want one of the schedule", spec, err)
		}
	}
}

// FuzzParseMethod: any text is an error, or a method that makes a step or leaves the matrix to another method.
func FuzzParseMethod(f *testing.F) {
	for _, spec := range allOptions() {
		f.Add(spec)
	}
	f.Fuzz(checkMethod)
}

func TestParseMethodMutations(t *testing.T) {
	mutate.Try(t, "methods/FuzzParseMethod", allOptions(), func(t *testing.T, spec string, _ *rand.Rand) { checkMethod(t, spec) })
}

// allOptions lists all methods, each with all of its options.
func allOptions() []string {
	specs := []string{
		"soap:max-order=1", "adam:beta2=0.95+cautious:share+decay:0.1+lr:cosine(3e-3,0,1e+3)", "soap+polar:express+hyperball:0.02", "sgd+momentum:0.5,nesterov=true+schedule-free",
		"hidden=muon+normuon/bias=sgd/rest=adamw:lr=3e-4+cautious-decay/clip-norm=1,hidden-lr=0.1", "adam+rms+average+shape+normalize+clip+clip-norm:1,each=true+sign+trust:0.1+lookahead:3,alpha=0.8+extrapolate:0.5",
	}
	for _, m := range All() {
		spec := m.Name + ":"
		for _, field := range optim.Fields(m.Rule) {
			spec += field.Name + "=" + field.Value + ","
		}
		specs = append(specs, spec)
	}
	return specs
}

func checkMethod(t *testing.T, spec string) {
	m, _, err := Parse(spec)
	if err != nil {
		return
	}
	o, err := optim.New[float64](m.Rule, []param.Param{{Name: "x", Shape: []int{2, 2}}})
	if err != nil && (strings.Contains(err.Error(), "leaves all parameters to") || isRouted(spec) && strings.Contains(err.Error(), "no route takes it")) {
		return
	} else if err != nil {
		t.Fatalf("%q: %v", spec, err)
	}
	if len(piece{text: spec}.links()) > 1 || isRouted(spec) {
		checkRoundTrip(t, spec)
	}
	o.Step([]float64{1, 2, 3, 4}, []float64{1, 0, 2, 1})
	if o.K() != 1 || len(optim.Fields(m.Rule)) == 0 {
		t.Errorf("%q: K = %d, fields %v", spec, o.K(), optim.Fields(m.Rule))
	}
}

// TestOpenDefaults: a default that depends on the problem is listed as a formula, and a given value replaces it.
func TestOpenDefaults(t *testing.T) {
	for spec, want := range map[string][]string{
		"svrg":                 {"1/(10 LMax)", "2n/batch"},
		"svrg:lr=0.5,inner=10": {"0.5", "10"},
	} {
		f := optim.Fields(parse(t, spec))
		if f[0].Value != want[0] || f[1].Value != want[1] {
			t.Errorf("%s: %v, want %v", spec, f, want)
		}
	}
}

// TestShampooRidge: an open ridge or ε depends on the other of the two, on the method of the roots, and on the preset.
func TestShampooRidge(t *testing.T) {
	for spec, want := range map[string]string{
		"shampoo":                              "shift-relative, 1e-06",
		"shampoo:preset=gupta":                 "shift, 1e-06",
		"shampoo:eps=0":                        "pseudo-inverse, 0",
		"shampoo:eps=0,ridge=clamp":            "clamp, 0",
		"shampoo:ridge=pseudo-inverse":         "pseudo-inverse, 0",
		"shampoo:ridge=pseudo-inverse,eps=0.1": "pseudo-inverse, 0.1",
		"shampoo:preset=meta":                  "shift-negative, 1e-12",
		"shampoo:preset=meta,root=newton":      "shift, 1e-12",
		"shampoo:preset=meta,eps=0":            "pseudo-inverse, 0",
	} {
		values := make(map[string]string)
		for _, f := range optim.Fields(parse(t, spec)) {
			values[f.Name] = f.Value
		}
		if got := values["ridge"] + ", " + values["eps"]; got != want {
			t.Errorf("%s: %s, want %s", spec, got, want)
		}
	}
}

// parse returns the rule of a specification.
func parse(t *testing.T, spec string) optim.Rule {
	t.Helper()
	m, _, err := Parse(spec)
	if err != nil {
		t.Fatal(err)
	}
	return m.Rule
}
