package compare

import (
	"maps"
	"strings"
	"testing"

	"steepest/methods"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/train"
)

func entrant(t testing.TB, spec string) Entrant {
	t.Helper()
	e, err := ParseEntrant(spec)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func entrants(t testing.TB, specs ...string) (all []Entrant) {
	t.Helper()
	for _, spec := range specs {
		all = append(all, entrant(t, spec))
	}
	return all
}

func TestParseEntrant(t *testing.T) {
	for _, test := range []struct {
		spec, name string
		batch      int
		given      map[string]string
	}{
		{"adam", "adam", -1, nil},
		{"gd", "gd", 0, nil},
		{"gd:batch=5", "gd batch=5", 5, nil},
		{"sgd:batch=full", "sgd batch=full", 0, nil},
		{"sgd:batch=7,name=small", "small", 7, nil},
		{"adam:lr=0.1,beta1=0.5", "adam lr=0.1,beta1=0.5", -1, map[string]string{"lr": "0.1", "beta1": "0.5"}},
		{"sgd+average:0.9+rms:0.99", "sgd+average 0.9+rms 0.99", -1, nil},
		{"adam:lr=0.1,name=fast", "fast", -1, map[string]string{"lr": "0.1"}},
	} {
		e := entrant(t, test.spec)
		if e.Name != test.name || e.Batch != test.batch || !maps.Equal(e.Given, test.given) {
			t.Errorf("%s: %q, batch %d, given %v; want %q, %d, %v",
				test.spec, e.Name, e.Batch, e.Given, test.name, test.batch, test.given)
		}
	}
	if e := entrant(t, "sgd:average=uniform"); e.Average == nil || e.Average.Form != train.UniformAverage || len(e.Given) != 0 {
		t.Errorf("average %v, given %v", e.Average, e.Given)
	}
	if e := entrant(t, "sgd:lr=theory(pl)"); !e.Theory || e.Theorem == nil || e.Theorem.Name != "pl" || len(e.Given) != 0 {
		t.Errorf("theorem %v, given %v", e.Theorem, e.Given)
	}
	for _, spec := range []string{"adam", "gd", "gd:batch=5", "sgd:batch=full", "sgd:average=suffix,batch=7,lr=invsqrt(0.5)", "adam:beta1=0.5,tune=no"} {
		if got := entrant(t, spec).Spec(); got != spec {
			t.Errorf("%s comes back as %s", spec, got)
		}
	}
	if e := entrant(t, "heavy-ball:momentum=0.5"); e.Method.Rule != (rules.HeavyBall{Momentum: optim.Set(0.5)}) {
		t.Errorf("rule %+v", e.Method.Rule)
	}
}

func TestParseEntrantErrors(t *testing.T) {
	for spec, want := range map[string]string{
		"adm":          `unknown method "adm"; did you mean "adam"?`,
		"sgd:lr":       `method "sgd:lr": option "lr" has no value; write lr=…`,
		"sgd:batch=0":  `method "sgd:batch=0": batch "0" is neither a positive number nor full`,
		"sgd:batch=-3": `method "sgd:batch=-3": batch "-3" is neither a positive number nor full`,
		"sgd:average=all": `method "sgd:average=all": option average: unknown average "all"; ` +
			"there are none, uniform, step-weighted, suffix, exponential, blend",
		"sgd:lr=theory(noize)": `method "sgd:lr=theory(noize)": option lr: unknown theorem "noize"; did you mean "noise"?`,
		"sgd:lr=theory(":       `method "sgd:lr=theory(": option lr: schedule "theory(": want a number or ` + strings.Join(schedule.Forms(), ", "),
		"sgd:tune=never":       `method "sgd:tune=never": tune is "never", want yes or no`,
		"sgd:batch=many":       `method "sgd:batch=many": batch "many" is neither a positive number nor full`,
		"sgd:momentum=0.9":     `method "sgd:momentum=0.9": sgd has lr, but no option momentum; have a look at heavy-ball, nesterov, rmsprop, lars`,
	} {
		if _, err := ParseEntrant(spec); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", spec, err, want)
		}
	}
}

// TestEveryone: each method is listed once, without given options, and with full batches if it is meant for them. Methods for matrices are
// listed only for networks.
func TestEveryone(t *testing.T) {
	var list []methods.Method
	for _, m := range methods.All() {
		if m.Family != methods.Estimating {
			list = append(list, m)
		}
	}
	all := Everyone(true)
	for _, e := range Everyone(false) {
		if e.Method.Family == methods.Matrix || e.Name == "" {
			t.Errorf("%q is for matrices", e.Name)
		}
	}
	if len(all) != len(list) {
		t.Fatalf("%d entrants for %d methods", len(all), len(list))
	}
	for i, m := range list {
		batch := -1
		if m.FullBatch {
			batch = 0
		}
		if e := all[i]; e.Name != m.Name || len(e.Given) != 0 || e.Batch != batch {
			t.Errorf("%s: %+v", m.Name, e)
		}
	}
}

func TestRanges(t *testing.T) {
	for _, test := range []struct{ spec, searched string }{
		{"sgd:lr=1e-3..10", "lr in [0.001, 10]"},
		{"sgd:lr=.5..2e+0", "lr in [0.5, 2]"},
		{"adam:lr=cosine(1e-3..1e-2,0,1000)", "lr = cosine([0.001, 0.01], 0, 1000)"},
		{"adam:beta2=0.9..0.999,lr=1e-3..1e-2", "beta2 in [0.9, 0.999]; lr in [0.001, 0.01]"},
		{"adam:beta2=0.999..0.99999", "beta2 in [0.999, 0.99999]"},
		{"sgd:lr=1e-3..1.001e-3", "lr in [0.001, 0.001001]"},
		{"muon:lr=1e-3..1e-1,aux-lr=1e-3..1e-1", "lr in [0.001, 0.1]; aux-lr in [0.001, 0.1]"},
		{"soap:lr=1e-3..1e-2+polar", "lr in [0.001, 0.01]"},
		{"hidden=muon:lr=1e-3..1e-1/rest=adamw:lr=1e-4..1e-2", "hidden-lr in [0.001, 0.1]; rest-lr in [0.0001, 0.01]"},
	} {
		e := entrant(t, test.spec)
		var searched []string
		for _, a := range e.Ranges {
			searched = append(searched, a.String())
			for _, end := range []float64{0, 1} {
				if _, err := optim.Configure(e.Method.Rule, map[string]string{a.Options[0]: a.Text(end)}); err != nil {
					t.Errorf("%s: %v", test.spec, err)
				}
			}
		}
		if got := strings.Join(searched, "; "); got != test.searched {
			t.Errorf("%s searches %s, want %s", test.spec, got, test.searched)
		}
		if !e.Tunable() {
			t.Errorf("%s is not tuned", test.spec)
		}
		if e.Name != strings.ReplaceAll(test.spec, ":", " ") {
			t.Errorf("%s is called %s", test.spec, e.Name)
		}
		if again := entrant(t, e.Spec()); again.Spec() != e.Spec() || len(again.Ranges) != len(e.Ranges) {
			t.Errorf("%s comes back as %s, and then as %s", test.spec, e.Spec(), again.Spec())
		}
	}
	for _, spec := range []string{"sgd:lr=1e-3..1.001e-3", "sgd:lr=1..1.000000001", "adam:beta2=0.9..0.900001"} {
		a, texts := entrant(t, spec).Ranges[0], make(map[string]bool)
		for i := range 100 {
			texts[a.Text(float64(i)/99)] = true
		}
		if len(texts) != 100 {
			t.Errorf("%s: %d different values in 100 trials", spec, len(texts))
		}
	}
	for spec, want := range map[string]string{
		"sgd:lr=1..1.0000000000001":  `method "sgd:lr=1..1.0000000000001": the range 1..1.0000000000001 is too narrow to search; give one number`,
		"sgd:lr=0..1":                `method "sgd:lr=0..1": the range 0..1 does not go from a number above 0 to a larger one; a race searches it in the logarithm`,
		"sgd:lr=2..1":                `method "sgd:lr=2..1": the range 2..1 does not go from a number above 0 to a larger one; a race searches it in the logarithm`,
		"adam:beta1=0.9..1.5":        "option beta1: 1.5",
		"sgd:average=1..2":           "option average: ",
		"muon:steps=2..9":            "method \"muon:steps=2..9\": a number inside the range: method \"muon:steps=4.0621",
		"sgd:lr=1e-3..1e400":         `method "sgd:lr=1e-3..1e400": the range 1e-3..1e400 is wider than the numbers of 64 bits`,
		"sgd:lr=1e-300..1e300":       "wider than the numbers",
		"sgd:lr=1e-3...1e-1":         `"1e-3...1e-1"`, // not from 0.001 to 0.01
		"sgd:lr=cosine(1..2,1..3,5)": `method "sgd:lr=cosine(1..2,1..3,5)": the range 1..3 is not in an option of the rule, or shares its option with another range`,
		"sgd:name=1..2":              `method "sgd:name=1..2": the range 1..2 is not in an option of the rule`,
	} {
		if _, err := ParseEntrant(spec); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %s", spec, err, want)
		}
	}
}
