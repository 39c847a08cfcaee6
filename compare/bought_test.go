package compare

import (
	"math"
	"strings"
	"testing"

	"steepest/train"
)

// TestBought: the best methods of both kinds come first, then each method that ran in both ways. The p-values are corrected for the number of
// tests. With two seeds Student's distribution is that of Cauchy.
func TestBought(t *testing.T) {
	r := finished(&train.Optimum{}, []float64{math.Exp(3), math.Exp(4)}, []float64{math.Exp(1), math.Exp(2.25)}, []float64{math.E, math.E}, []float64{1, 1.5})
	r.Race.Trials = 2
	for i, spec := range []string{"sgd:tune=no", "sgd", "adam", "dog:tune=no"} {
		name := r.Entries[i].Name
		if strings.Contains(spec, ":") {
			r.Entries[i].Entrant = entrant(t, spec+",name="+name)
		} else {
			r.Entries[i].Entrant = entrant(t, spec+":name="+name)
			r.Entries[i].Best, r.Entries[i].Trials = 1, []Trial{{Grads: 7}, {Grads: 30 + i}}
		}
	}
	pairs := r.Bought()
	if len(pairs) != 2 {
		t.Fatalf("%d pairs", len(pairs))
	}
	raw := func(a, b float64) float64 { // of the differences a and b
		return 1 - 2/math.Pi*math.Atan(math.Abs((a+b)/(a-b)))
	}
	best, same := pairs[0], pairs[1]
	if best.Untuned.Name != "d" || best.Tuned.Name != "c" || same.Untuned.Name != "a" || same.Tuned.Name != "b" {
		t.Errorf("pairs %s and %s, %s and %s", best.Untuned.Name, best.Tuned.Name, same.Untuned.Name, same.Tuned.Name)
	}
	p, q := raw(-1, math.Log(1.5)-1), raw(2, 1.75)
	if !close(best.P, p) && !close(best.P, 2*p) || !close(same.P, 2*min(p, q)) && !close(same.P, max(p, q)) {
		t.Errorf("p = %v and %v, want %v and %v, the less of them twice", best.P, same.P, p, q)
	}
	if !close(best.Ratio, 1.25/math.E) || !close(same.Ratio, (math.Exp(3)+math.Exp(4))/(math.Exp(1)+math.Exp(2.25))) {
		t.Errorf("ratios %v and %v", best.Ratio, same.Ratio)
	}
	if got, want := r.tuningVerdict(), " Without tuning d ends lowest; c, the best tuned method, ends 2.17 times higher, which is not significant. "+
		"Its 2 trials took 39 gradients, and those of all methods 77 gradients."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if table := r.BoughtTable(); len(table.Rows) != 2 || table.Rows[0][5].Text != "77" || table.Rows[1][5].Text != "38" {
		t.Errorf("rows %v", table.Rows)
	}
	r.Entries[2].Trials[1].Edge = true
	if pairs := r.Bought(); !math.IsNaN(pairs[0].P) || !close(pairs[1].P, q) {
		t.Errorf("p of a choice at the end of its range is %v, and the other %v, want %v", pairs[0].P, pairs[1].P, q)
	}
}

// TestBoughtNeedsBoth: a race with methods of one kind has no comparison of tuning, and untuned methods make no trials.
func TestBoughtNeedsBoth(t *testing.T) {
	p := logistic(t)
	settings := train.Settings{Batch: 20, Epochs: 0.5}
	for _, specs := range [][]string{{"sgd", "adam"}, {"adam:tune=no", "dog:tune=no"}} {
		r := race(t, Race{Problem: p, Entrants: entrants(t, specs...), Seeds: 1, Trials: 2, Settings: settings})
		if r.Bought() != nil || r.tuningVerdict() != "" || len(r.BoughtTable().Rows) > 0 {
			t.Errorf("%v: %v", specs, r.Bought())
		}
		if tuned := specs[0] == "sgd"; (r.Entries[0].Best >= 0) != tuned || (r.TuningGrads() > 0) != tuned {
			t.Errorf("%v: trial %d, %d gradients", specs, r.Entries[0].Best, r.TuningGrads())
		}
	}
}

// TestUntuned: methods that are meant to run with their defaults are not tuned. Methods for matrices are included only for networks.
func TestUntuned(t *testing.T) {
	names := func(list []Entrant) string {
		text := ""
		for _, e := range list {
			if !e.Untuned || e.Tunable() || !strings.HasSuffix(e.Name, " untuned") {
				t.Errorf("%+v", e)
			}
			again, err := ParseEntrant(e.Spec())
			if err != nil || !again.Untuned || again.Spec() != e.Spec() {
				t.Errorf("%s comes back as %s, %v", e.Spec(), again.Spec(), err)
			}
			text += e.Name + " "
		}
		return text
	}
	linear, network := names(Untuned(false)), names(Untuned(true))
	if !strings.Contains(linear, "adamw untuned ") || !strings.Contains(linear, "adamw lr=1+mechanic untuned ") || strings.Contains(linear, "muon ") || !strings.Contains(network, "muon ") || len(Untuned(false)) < 5 {
		t.Errorf("untuned %q, and on a network %q", linear, network)
	}
}
