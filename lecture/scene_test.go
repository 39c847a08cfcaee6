package lecture

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"steepest/report"
)

// TestScenes runs all scenes. Then it turns the sign of the gradient that each scene's methods see, and that of the numbers that its
// claim predicts, beside what was measured before. No verdict may survive either. A scene that neither runs a method nor predicts
// shows that it has nothing to judge.
func TestScenes(t *testing.T) {
	for _, s := range Scenes() {
		if testing.Short() && !slices.Contains(short, s.Name) {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			first := &stage{Context: t.Context(), method: 1, theory: 1, kept: &memory{}, brief: true}
			o, err := s.run(first)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range o.Verdict {
				if !m.Agrees() && !m.Timed {
					t.Errorf("%s: %s", m.What.En, m.Comparison().En)
				}
			}
			checkRussian(t, o.Russian().Figure)
			if len(o.Verdict) > 0 && !first.turned && !first.predicted {
				t.Error("the verdict depends neither on a method nor on a prediction")
			}
			if first.predicted {
				turn(t, s, "prediction", &stage{method: 1, theory: -1, brief: true, kept: &memory{results: first.kept.results}})
			}
			if first.turned {
				turn(t, s, "method", &stage{method: -1, theory: 1, brief: true})
			}
		})
	}
}

// turn runs a scene whose verdict should not agree. An error does as well.
func turn(t *testing.T, s Scene, what string, turned *stage) {
	turned.Context = t.Context()
	o, err := s.run(turned)
	if err != nil {
		return
	}
	if slices.DeleteFunc(slices.Clone(o.Verdict), func(m Measurement) bool { return m.Timed }).Agrees() {
		for _, m := range o.Verdict {
			t.Errorf("with its %s turned it still agrees that %s: %s", what, m.What.En, m.Comparison().En)
		}
	}
}

// short are the scenes for the race detector, some of which run in parallel.
var short = strings.Fields("gradient-error epoch adaptive amsgrad rosenbrock balls shampoo-muon")

// checkRussian looks for English words in a figure. Names of methods and models, and the diagram in both languages, may stay.
func checkRussian(t *testing.T, p report.Picture) {
	t.Helper()
	var svg bytes.Buffer
	if err := report.SVG(&svg, p); err != nil {
		t.Error(err)
	}
	for _, label := range regexp.MustCompile(`<text[^>]*>([^<]*)</text>`).FindAllSubmatch(svg.Bytes(), -1) {
		for _, word := range regexp.MustCompile(`[A-Za-z]{3,}`).FindAllString(string(label[1]), -1) {
			if !slices.Contains(names, word) {
				t.Errorf("the label %q has the English word %q", label[1], word)
			}
		}
	}
}

var names = strings.Fields(`Adam AdamW AdaDelta AdaGrad AMSGrad RMSProp SGD Lion Fromage NAG Muon Shampoo SOAP DistributedShampoo
	freq Newton Schulz Polar Express SVD Reddi Kale Kumar NanoGPT speedrun Moonlight log batch Data epoch MMLU
	Amber DCLM DeepSeek Lite Small Gemma Llama MAP Neo OLMo Qwen StableLM LMO GSM`)

// TestTexts asks each scene for both languages, and for a name that a command line takes.
func TestTexts(t *testing.T) {
	names := map[string]bool{}
	for _, s := range Scenes() {
		if names[s.Name] || s.Name == "all" {
			t.Errorf("the name %s is taken", s.Name)
		}
		names[s.Name] = true
		for what, text := range map[string]Text{"title": s.Title, "claim": s.Claim, "caption": s.Shows} {
			if text.En == "" || text.Ru == "" {
				t.Errorf("%s: no %s in both languages", s.Name, what)
			}
		}
		if (s.Note.En == "") != (s.Note.Ru == "") {
			t.Errorf("%s: a note in one language", s.Name)
		}
	}
}

func TestFind(t *testing.T) {
	if s, err := Find("divergence"); err != nil || s.Name != "divergence" {
		t.Errorf("%v, %v", s, err)
	}
	want := `unknown scene "divergense"; did you mean "divergence"?`
	if _, err := Find("divergense"); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
