package optim_test

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"steepest/methods"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
)

// golden holds testdata/golden.json, matrix.json or recent.json, which the Python files in testdata write: trajectories of the references
// in float64.
type golden struct {
	Params           []param.Param
	Curvature, Scale []float64
	Start, Noise     [][]float64
	Keep             []int // the numbers of steps after which x is stored
	Cases            []struct {
		Name, Spec string
		Aux        string // the rule for the vector, or for the others, if the reference leaves them to another rule
		Others     []string
		Roles      map[string]param.Role // roles that differ from those of Params
		Fused      map[string]int        // how many matrices a parameter holds
		Tolerance  float64               // 0 for that of float64
		X          [][]float64
	}
	QKClip struct {
		Tau              float64
		Logits           []float64
		Weights, Clipped [2][]float64 // of queries and keys
	}
	Defaults []struct {
		Spec string
		Want map[string]float64
	}
}

func readGolden(t *testing.T, name string) *golden {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	g := new(golden)
	if err := json.Unmarshal(data, g); err != nil {
		t.Fatal(err)
	}
	if g.Params == nil {
		g.Params = halves
	}
	return g
}

// gradient is the function gradient of golden.py: the gradient of a coupled quadratic with noise, with a different scale for each coordinate.
func (p *golden) gradient(k int, x []float64) []float64 {
	g := make([]float64, len(x))
	for i := range g {
		g[i] = p.Curvature[i]*x[i] + p.Noise[k][i]
		if i > 0 {
			g[i] -= x[i-1] / 2
		}
		if i+1 < len(x) {
			g[i] -= x[i+1] / 2
		}
		g[i] *= p.Scale[i]
	}
	if k < 3 {
		g[6] = 0
	}
	return g
}

// halves are the parameters of golden.json. If the reference has one tensor, the cut does not matter.
var halves = []param.Param{{Name: "a", Shape: []int{3}}, {Name: "b", Shape: []int{2, 2}}}

// chains holds the rules of golden.py that have no specification.
var chains = map[string]optim.Rule{
	"sgd with L2": optim.Chain{optim.Decay{Lambda: 0.1}, optim.LearningRate{LR: schedule.Constant(0.05)}},
	"heavy ball with L2": optim.Chain{
		optim.Decay{Lambda: 0.1}, optim.Trace{Mu: 0.9}, optim.LearningRate{LR: schedule.Constant(0.02)},
	},
	"adagrad with L2": headed(optim.Decay{Lambda: 0.1},
		rules.AdaGrad{Preset: rules.Torch, LR: schedule.Constant(0.1)}),
	"adam with L2": headed(optim.Decay{Lambda: 0.1}, rules.Adam{LR: schedule.Constant(0.05)}),
	"adamw but for the second half": rules.AdamW{
		Adam:        rules.Adam{LR: schedule.Constant(0.05)},
		WeightDecay: optim.Set(0.3),
		Skip:        func(p param.Param) bool { return p.Name == "b" },
	},
	"clip 0.5, adam":   headed(optim.Clip{Limit: 0.5}, rules.Adam{LR: schedule.Constant(0.05)}),
	"clip norm 1, sgd": headed(optim.ClipNorm{Limit: 1}, rules.SGD{LR: schedule.Constant(0.05)}),
	"adam, clip norm 1": optim.Chain{
		optim.AdaptiveMoments{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8},
		optim.ClipNorm{Limit: 1},
		optim.LearningRate{LR: schedule.Constant(0.05)},
	},
	"accumulate 3, adam": accumulated(3, rules.Adam{LR: schedule.Constant(0.05)}),
	"accumulate 4, clip norm 1, heavy ball": optim.Preparation{Accumulate: optim.Set(4), ClipNorm: optim.Set(1.0)}.Of(
		rules.HeavyBall{LR: schedule.Inverse{Initial: 0.05, Decay: 0.1}}),
}

// accumulated makes a step of n gradients.
func accumulated(n int, rule optim.Rule) optim.Rule {
	return optim.Preparation{Accumulate: optim.Set(n)}.Of(rule)
}

// headed puts a transform before the chain of a rule.
func headed(head optim.Transformer, rule optim.Rule) optim.Chain {
	return append(optim.Chain{head}, rule.Chain()...)
}

// failer has the common methods of a test, a benchmark and a property.
type failer interface {
	Helper()
	Fatal(args ...any)
}

// parse returns the rule of a specification, or one of the chains.
func parse(t failer, spec string) optim.Rule {
	t.Helper()
	if rule, ok := chains[spec]; ok {
		return rule
	}
	m, _, err := methods.Parse(spec)
	if err != nil {
		t.Fatal(err)
	}
	return m.Rule
}

// newOptimizer is optim.New for a rule that takes all of the parameters.
func newOptimizer[T param.Float](rule optim.Rule, params []param.Param) *optim.Optimizer[T] {
	o, err := optim.New[T](rule, params)
	if err != nil {
		panic(err)
	}
	return o
}

// trajectory runs a rule on the problem in the precision T and returns x after each number of steps in p.Keep.
func trajectory[T param.Float](p *golden, rule optim.Rule) (kept [][]float64) {
	o := newOptimizer[T](rule, p.Params)
	x, at := as[T](p.Start[0]), make([]T, len(p.Start[0]))
	for k := range p.Noise {
		o.Step(x, as[T](p.gradient(k, as[float64](o.Point(at, x)))))
		if len(kept) < len(p.Keep) && k+1 == p.Keep[len(kept)] {
			kept = append(kept, as[float64](x))
		}
	}
	return kept
}

// as converts a vector to another precision.
func as[T, S param.Float](v []S) []T {
	out := make([]T, len(v))
	for i, e := range v {
		out[i] = T(e)
	}
	return out
}

// compare reports the first element of got that is further than tolerance·max(1, |want|) from want.
func compare(t *testing.T, p *golden, got, want [][]float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) || len(want) != len(p.Keep) {
		t.Fatalf("%d vectors, want %d of %d", len(got), len(want), len(p.Keep))
	}
	for i := range want {
		for j, w := range want[i] {
			if d := math.Abs(got[i][j] - w); !(d <= tolerance*max(1, math.Abs(w))) {
				t.Fatalf("x[%d] = %.17g after %d steps, want %.17g: off by %.2g", j, got[i][j], p.Keep[i], w, d)
			}
		}
	}
}

func TestReferences(t *testing.T) {
	p := readGolden(t, "golden.json")
	used := make(map[string]bool)
	for _, c := range p.Cases {
		used[c.Spec] = true
		t.Run(c.Name, func(t *testing.T) {
			compare(t, p, trajectory[float64](p, parse(t, c.Spec)), c.X, 1e-13)
		})
	}
	for name := range chains {
		if !used[name] {
			t.Errorf("no reference for the chain %q", name)
		}
	}
}

// TestReferenceDefaults compares the defaults of a preset with the signatures of the reference.
func TestReferenceDefaults(t *testing.T) {
	var defaults []struct {
		Spec string
		Want map[string]float64
	}
	for _, name := range []string{"golden.json", "matrix.json", "recent.json"} {
		defaults = append(defaults, readGolden(t, name).Defaults...)
	}
	for _, d := range defaults {
		got := make(map[string]string)
		for _, f := range optim.Fields(parse(t, d.Spec)) {
			got[f.Name] = f.Value
		}
		for name, want := range d.Want {
			if v, err := strconv.ParseFloat(got[name], 64); err != nil || v != want {
				t.Errorf("%s: %s = %s, want %v", d.Spec, name, got[name], want)
			}
		}
	}
}

// TestFloat32 runs the trajectories again in float32, which may round each of the 60 steps by half a unit in the last
// place.
func TestFloat32(t *testing.T) {
	const epsilon = 0x1p-23
	p := readGolden(t, "golden.json")
	for _, c := range p.Cases {
		if strings.HasPrefix(c.Spec, "prodigy") || strings.HasPrefix(c.Spec, "dog") {
			continue // their estimate begins with differences x₀ − x of a few units in the last place
		}
		t.Run(c.Name, func(t *testing.T) {
			compare(t, p, trajectory[float32](p, parse(t, c.Spec)), c.X, 32*epsilon)
		})
	}
}

// TestSteepestReferences compares steepest descent in norms with singular value decompositions of NumPy.
func TestSteepestReferences(t *testing.T) {
	p := readGolden(t, "steepest.json")
	for _, c := range p.Cases {
		t.Run(c.Name, func(t *testing.T) {
			compare(t, p, trajectory[float64](p, parse(t, c.Spec)), c.X, 1e-10)
		})
	}
}

// TestLectureReferences compares the formulas on the slides, as NumPy computes them.
func TestLectureReferences(t *testing.T) {
	p := readGolden(t, "lecture.json")
	for _, c := range p.Cases {
		t.Run(c.Name, func(t *testing.T) {
			compare(t, p, trajectory[float64](p, parse(t, c.Spec)), c.X, 1e-10)
		})
	}
}

func TestMatrixReferences(t *testing.T) { compareMatrices(t, readGolden(t, "matrix.json")) }

// TestRecentReferences compares Adafactor and later methods.
func TestRecentReferences(t *testing.T) { compareMatrices(t, readGolden(t, "recent.json")) }

func compareMatrices(t *testing.T, p *golden) {
	for _, c := range p.Cases {
		t.Run(c.Name, func(t *testing.T) {
			p, rule := *p, parse(t, c.Spec)
			p.Params = slices.Clone(p.Params)
			for i := range p.Params {
				if role, ok := c.Roles[p.Params[i].Name]; ok {
					p.Params[i].Role = role
				}
				p.Params[i].Fused = c.Fused[p.Params[i].Name]
			}
			if c.Aux != "" {
				others := c.Others
				if others == nil {
					others = []string{"b"}
				}
				rule = optim.Routes{
					{Name: "others", Rule: parse(t, c.Aux), Takes: named(others...)},
					{Name: "matrices", Rule: rule.Chain()},
				}
			}
			tolerance := 1e-10
			if c.Tolerance > 0 {
				tolerance = c.Tolerance
			}
			compare(t, &p, trajectory[float64](&p, rule), c.X, tolerance)
		})
	}
}
