package optim_test

import (
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"steepest/optim"
	"steepest/optim/schedule"
)

func TestMethodsAreDescribed(t *testing.T) {
	names := make(map[string]bool)
	for _, m := range optim.Methods() {
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

// count returns the number of exported fields of a rule and of the rules within it that are no functions.
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

// TestFieldsRoundTrip: what Fields says of a rule makes Configure return that rule.
func TestFieldsRoundTrip(t *testing.T) {
	lr := []string{"0.25", "invsqrt(0.5)", "cosine(0.1, 0.01, 100)", "warmup(10, piecewise(0.1, 5, 0.01))"}
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t)
		for _, m := range optim.Methods() {
			options := map[string]string{"lr": rapid.SampledFrom(lr).Draw(t, "lr")}
			if presets := presets(m.Rule); len(presets) > 0 {
				options["preset"] = rapid.SampledFrom(presets).Draw(t, "preset")
			}
			rule, err := optim.Configure(m.Rule, options)
			if err != nil {
				t.Fatal(err)
			}
			all := make(map[string]string)
			for _, f := range optim.Fields(rule) {
				all[f.Name] = f.Value
			}
			again, err := optim.Configure(m.Rule, all)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(optim.Fields(again), optim.Fields(rule)) {
				t.Fatalf("%s: %v, want %v", m.Name, optim.Fields(again), optim.Fields(rule))
			}
			same(t, m.Name, p.run(again), p.run(rule), 0)
		}
	})
}

// presets returns the presets of a rule.
func presets(rule optim.Rule) []string {
	all := []string{
		"lecture", "torch", "optax", "keras", "keller", "moonlight", "dion", "speedrun", "meta",
	}
	return slices.DeleteFunc(all, func(preset string) bool {
		_, err := optim.Configure(rule, map[string]string{"preset": preset})
		return err != nil
	})
}

func TestConfigureLeavesRuleAlone(t *testing.T) {
	rule := optim.Adam{Beta1: optim.Set(0.5), Beta2: optim.Set(0.75)}
	configured, err := optim.Configure(rule, map[string]string{"beta1": "0.25", "eps": "0", "place": "inside"})
	if err != nil {
		t.Fatal(err)
	}
	want := optim.Adam{Beta1: optim.Set(0.25), Beta2: optim.Set(0.75), Eps: optim.Set(0), Place: optim.EpsInside}
	if configured != optim.Rule(want) || rule.Beta1 != optim.Set(0.5) {
		t.Errorf("configured %+v from %+v, want %+v", configured, rule, want)
	}
}

func TestParseMethod(t *testing.T) {
	m, options, err := optim.ParseMethod("adam: lr = warmup(10, cosine(0.1,0,100)), beta1=.5 ,average=tail", "average")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"lr": "warmup(10, cosine(0.1,0,100))", "beta1": ".5", "average": "tail"}
	if m.Name != "adam" || !maps.Equal(options, want) {
		t.Errorf("method %s with %v, want adam with %v", m.Name, options, want)
	}
	rule := m.Rule.(optim.Adam)
	if rule.Beta1 != optim.Set(0.5) || math.Abs(rule.LR.At(9)-(1+math.Cos(0.09*math.Pi))/20) > 1e-16 {
		t.Errorf("rule %+v: β₁ = %v, α₉ = %v", rule, rule.Beta1, rule.LR.At(9))
	}
}

func TestParseMethodErrors(t *testing.T) {
	const methods = "gd, sgd, heavy-ball, nesterov, adagrad, rmsprop, adadelta, adam, amsgrad, adamw, nadam, nag-gs, lion, " +
		"fromage, muon, normuon, scion, dion, shampoo, soap, sign, normalized, steepest"
	for spec, want := range map[string]string{
		"":                       `unknown method ""; there are ` + methods,
		"frobnicate":             `unknown method "frobnicate"; there are ` + methods,
		"adm":                    `unknown method "adm"; did you mean "adam"?`,
		"Adam:lr=1":              `unknown method "Adam"; did you mean "adam"?`,
		"adam:lr":                `method "adam:lr": option "lr" has no value; write lr=…`,
		"adam:lr=0":              `method "adam:lr=0": option lr: schedule "0": a step size must be positive and finite`,
		"adam:lr=nan":            `method "adam:lr=nan": option lr: schedule "nan": a step size must be positive and finite`,
		"adam:lr=0.1,lr=0.2":     `method "adam:lr=0.1,lr=0.2": option "lr" stands twice`,
		"adam:beta1=1":           `method "adam:beta1=1": option beta1: 1 is not below 1`,
		"adam:beta1=-0.1":        `method "adam:beta1=-0.1": option beta1: -0.1 is below 0`,
		"adam:beta1=x":           `method "adam:beta1=x": option beta1: "x" is not a finite number`,
		"adam:beta1=nan":         `method "adam:beta1=nan": option beta1: "nan" is not a finite number`,
		"adam:bta1=.5":           `method "adam:bta1=.5": unknown option "bta1"; did you mean "beta1"?`,
		"adam:average=tail":      `method "adam:average=tail": unknown option "average"; there are lr, beta1, beta2, eps, place, eps-root, preset`,
		"sgd:momentum=0.9":       `method "sgd:momentum=0.9": unknown option "momentum"; there are lr`,
		"nag-gs:mu=0,gamma=0":    `method "nag-gs:mu=0,gamma=0": option gamma: 0 is not above 0`,
		"rmsprop:initial=-1":     `method "rmsprop:initial=-1": option initial: -1 is below 0`,
		"rmsprop:centered=maybe": `method "rmsprop:centered=maybe": option centered: "maybe" is neither true nor false`,
		"rmsprop:momentum=1e999": `method "rmsprop:momentum=1e999": option momentum: "1e999" is not a finite number`,
		"adam:preset=pytorch":    `method "adam:preset=pytorch": option preset: unknown value "pytorch"; did you mean "torch"?`,
		"adam:place=out":         `method "adam:place=out": option place: unknown value "out"; there are default, outside, inside, hat`,
		"adam:lr=invsqrt(cosine(0.1))": `method "adam:lr=invsqrt(cosine(0.1))": option lr: ` +
			`schedule "invsqrt(cosine(0.1))": "cosine(0.1)" is not a finite number`,
	} {
		if _, _, err := optim.ParseMethod(spec); err == nil || err.Error() != want {
			t.Errorf("%q: error %v, want %s", spec, err, want)
		}
	}
}

// TestParseMethodParentheses: an unbalanced parenthesis is an error of the schedule it stands in, never a cut elsewhere.
func TestParseMethodParentheses(t *testing.T) {
	for _, spec := range []string{
		"adam:lr=cosine(0.1,0,10", "adam:lr=cosine(0.1,0,10)),beta1=0.5", "adam:lr=)0.1,beta1=0.2", "adam:lr=(0.1),beta1=0.2",
	} {
		if _, _, err := optim.ParseMethod(spec); err == nil || !strings.Contains(err.Error(), "option lr: schedule ") {
			t.Errorf("%q: error %v, want one of the schedule", spec, err)
		}
	}
}

// FuzzParseMethod: any text is a method that can make a step, or an error.
func FuzzParseMethod(f *testing.F) {
	for _, m := range optim.Methods() {
		spec := m.Name + ":"
		for _, field := range optim.Fields(m.Rule) {
			spec += field.Name + "=" + field.Value + ","
		}
		f.Add(spec)
	}
	f.Fuzz(func(t *testing.T, spec string) {
		m, _, err := optim.ParseMethod(spec)
		if err != nil {
			return
		}
		params := tensors(1)
		o, x := newOptimizer[float64](m.Rule, params), []float64{1}
		o.Step(x, []float64{1})
		if o.K() != 1 || len(optim.Fields(m.Rule)) == 0 {
			t.Errorf("%q: K = %d, fields %v", spec, o.K(), optim.Fields(m.Rule))
		}
	})
}

func TestOptionSaysWhetherItIsSet(t *testing.T) {
	var open optim.Option
	if open.Or(3) != 3 || optim.Set(0).Or(3) != 0 {
		t.Errorf("Or: %v and %v, want 3 and 0", open.Or(3), optim.Set(0).Or(3))
	}
	if open.String() != "default" || optim.Set(1e-8).String() != "1e-08" {
		t.Errorf("String: %q and %q", open, optim.Set(1e-8))
	}
}

// problemSGD is a rule with a default that the problem decides.
type problemSGD struct {
	LR    schedule.Schedule `open:"1/L" help:"step size"`
	Inner int               `open:"n" range:"0," help:"a number"`
}

func (r problemSGD) Chain() optim.Chain { return optim.SGD{LR: r.LR}.Chain() }

// TestOpenDefaults: what the problem decides is listed by its formula, until it is given.
func TestOpenDefaults(t *testing.T) {
	methods := []optim.Method{{Name: "problem-sgd", Rule: problemSGD{}}}
	for spec, want := range map[string][]string{
		"problem-sgd":                 {"1/L", "n"},
		"problem-sgd:lr=0.5,inner=10": {"0.5", "10"},
	} {
		m, _, err := optim.ParseMethodIn(methods, spec)
		if err != nil {
			t.Fatal(err)
		}
		if f := optim.Fields(m.Rule); f[0].Value != want[0] || f[1].Value != want[1] {
			t.Errorf("%s: %v, want %v", spec, f, want)
		}
	}
	if _, _, err := optim.ParseMethodIn(methods, "sgd"); err == nil {
		t.Error("a method outside of the list")
	}
}

// TestShampooRidge: what is left open goes by the other, by the method of the roots, and by the preset.
func TestShampooRidge(t *testing.T) {
	for spec, want := range map[string]string{
		"shampoo":                              "shift, 1e-06",
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
