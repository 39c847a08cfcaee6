package lecture

import (
	"bytes"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"

	"steepest/report"
)

// TestScenes runs all scenes; their verdicts must agree. Then it flips the sign of the gradients that the methods of a scene see, and then the
// sign of the numbers that its claim predicts. Each time the verdict must disagree. Only a scene without a claim may neither run a method nor
// predict a number.
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
			checkRussian(t, s, o)
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

// turn runs a scene whose verdict must disagree. An error counts as a disagreement.
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

// short lists the scenes for the race detector. Some of them run in parallel.
var short = strings.Fields("gradient-error epoch adaptive amsgrad rosenbrock balls shampoo-muon")

// checkRussian looks for English words in the Russian texts and figures of a scene.
func checkRussian(t *testing.T, s Scene, o *Outcome) {
	t.Helper()
	for _, text := range []Text{s.Title, s.Claim, s.Shows, s.Note} {
		checkWords(t, text.Ru)
	}
	for _, m := range o.Verdict {
		checkWords(t, m.What.Ru+": "+m.Comparison().Ru)
	}
	russian := o.Russian()
	pictures := []report.Picture{russian.Figure}
	if russian.Motion != nil {
		pictures = append(pictures, russian.Motion.Frame(0), russian.Motion.Frame(russian.Motion.Frames-1))
	}
	for _, p := range pictures {
		var svg bytes.Buffer
		if err := report.SVG(&svg, p); err != nil {
			t.Error(err)
		}
		for _, label := range regexp.MustCompile(`<text[^>]*>([^<]*)</text>`).FindAllSubmatch(svg.Bytes(), -1) {
			checkWords(t, html.UnescapeString(string(label[1])))
		}
	}
}

// checkWords looks for English words in a Russian text, which may hold names and formulas.
func checkWords(t *testing.T, text string) {
	t.Helper()
	for _, word := range regexp.MustCompile(`[A-Za-z]{2,}`).FindAllString(sources.ReplaceAllString(text, ""), -1) {
		if !slices.Contains(names, word) {
			t.Errorf("%q has the word %q", text, word)
		}
	}
}

// sources matches addresses and titles, which are not translated.
var sources = regexp.MustCompile(`(github\.com|fmin\.xyz)/\S*|arXiv:\S*|records \S*_Optimizers|Muon is Scalable for LLM Training`)

// names matches names of methods, iterations, models, people, programs, formulas and types, which are not translated.
var names = strings.Fields(`Adam AdamW AdaDelta Adadelta AdaGrad Adagrad AMSGrad BFGS RMSProp GD SGD Lion Fromage NAG GS Muon Shampoo SOAP
	DistributedShampoo freq LMO PL SVD Newton Schulz Polar Express GPT NanoGPT speedrun FineWeb MMLU GSM Moonlight Kimi
	Amber DCLM DeepSeek Lite Small Gemma Llama MAP Neo OLMo Qwen StableLM
	Agarwal Bach Garrigos Golub Gower Gupta gupta Kale Koren Kumar Liu Loan Moulines Reddi Schraudolph Singer Van
	JAX optax Steepest float log max Bn GG UV XV`)

// TestTexts checks that each scene has texts in both languages, and a name that is valid on a command line.
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
