package optim_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"steepest/internal/gemm"
	"steepest/optim"
	"steepest/optim/matfun"
	"steepest/optim/matrix"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
)

// In limits, the methods for matrices become one another. Gradients have full rank, so that polar factors are unique.

// matrixProblem is a start and a few gradients, rows × cols.
type matrixProblem struct {
	rows, cols int
	problem
}

func drawMatrices(t *rapid.T, steps int) matrixProblem {
	rows, cols := rapid.IntRange(1, 6).Draw(t, "rows"), rapid.IntRange(1, 6).Draw(t, "cols")
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	p := matrixProblem{rows: rows, cols: cols}
	p.x = normals(r, rows*cols)
	for range steps {
		g := normals(r, rows*cols)
		for i := 0; i < min(rows, cols); i++ { // away from matrices of lower rank
			g[i*cols+i] += 4
		}
		p.grads = append(p.grads, g)
	}
	return p
}

func normals(r *rand.Rand, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = r.NormFloat64()
	}
	return v
}

func (p matrixProblem) params() []param.Param {
	return []param.Param{{Name: "w", Shape: []int{p.rows, p.cols}, Role: param.Hidden}}
}

func (p matrixProblem) run(rule optim.Rule) []float64 {
	o, x := newOptimizer[float64](rule, p.params()), slices.Clone(p.x)
	for _, g := range p.grads {
		if err := o.Step(x, g); err != nil {
			panic(err)
		}
	}
	return x
}

// mapped returns the problem with f applied to the start and to the gradients.
func (p matrixProblem) mapped(rows, cols int, f func([]float64) []float64) matrixProblem {
	q := matrixProblem{rows: rows, cols: cols, problem: problem{x: f(p.x)}}
	for _, g := range p.grads {
		q.grads = append(q.grads, f(g))
	}
	return q
}

// TestShampooIsThePolarFactor: one step from nothing with ε → 0 is UVᵀ, (GGᵀ)^(−¼)G(GᵀG)^(−¼) = UΣ^(−½)ΣΣ^(−½)Vᵀ, and so is the
// one-sided (GGᵀ)^(−½)G: both are Muon without momentum, and spectral descent.
func TestShampooIsThePolarFactor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawMatrices(t, 1)
		want := p.run(parse(t, "steepest:lr=0.5"))
		for _, spec := range []string{
			"muon:lr=0.5,momentum=0,polar=exact,scale=none",
			"muon:lr=0.5,momentum=0.9,polar=exact,scale=none", // scale-free, so that the first step is the same
			"shampoo:lr=0.5,eps=0,preset=gupta", "shampoo:lr=0.5,eps=0,preset=gupta,sides=shorter", "shampoo:lr=0.5,eps=0,preset=meta",
			"shampoo:lr=0.5,eps=0,corrected=true",
		} {
			same(t, spec, p.run(parse(t, spec)), want, 1e-11)
		}
	})
}

// TestShampooOfTensors: a dimension of length 1 has no root, a fused tensor counts as several, and a matrix is treated like a tensor of
// two dimensions.
func TestShampooOfTensors(t *testing.T) {
	vectors := randoms[float64](5, 48)
	shaped := func(spec string, fused int, shapes ...[]int) []float64 {
		var params []param.Param
		for i, shape := range shapes {
			params = append(params, param.Param{Name: strconv.Itoa(i), Shape: shape, Fused: fused})
		}
		return runOn(2, parse(t, spec), params, vectors)
	}
	agree := func(spec string, got, want []float64, tolerance float64) {
		t.Helper()
		if i := firstFar(got, want, tolerance); i >= 0 {
			t.Errorf("%s: x[%d] = %.17g, want %.17g", spec, i, got[i], want[i])
		}
	}
	for _, options := range []string{"", ",graft=adam", ",root-interval=2,start=3,beta2=0.9,corrected=true", ",max-order=3"} {
		spec := "shampoo:preset=gupta,tensors=true" + options
		want := shaped(spec, 1, []int{4, 2, 6})
		agree(spec, shaped(spec, 1, []int{4, 1, 2, 1, 6}), want, 1e-12)
		agree(spec, shaped(spec, 2, []int{4, 4, 3}), shaped(spec, 1, []int{2, 4, 3}, []int{2, 4, 3}), 1e-12)
		agree(spec, shaped(spec, 1, []int{4, 1, 12}), shaped("shampoo:preset=gupta"+options, 1, []int{4, 12}), 1e-9)
		if firstFar(want, shaped("shampoo:preset=gupta"+options, 1, []int{4, 2, 6}), 1e-3) < 0 {
			t.Errorf("%s: the step of the matrix", spec)
		}
	}
}

// TestPolarOfPart: rows and columns of 0 stay 0, and do not change the polar factor of the others.
func TestPolarOfPart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawMatrices(t, 2)
		rows, cols := p.rows+2, p.cols+1
		wider := p.mapped(rows, cols, func(g []float64) []float64 {
			v := make([]float64, rows*cols)
			for i, e := range g {
				v[(i/p.cols+1)*cols+i%p.cols] = e
			}
			return v
		})
		for _, spec := range []string{"sgd:lr=0.5+polar", "sgd:lr=0.5+polar:polar-express,gram=true", "dion2:lr=0.5,fraction=1,scale=none,weight-decay=0"} {
			rule, got := parse(t, spec), []float64(nil)
			for i, e := range wider.run(rule) {
				if row, col := i/cols, i%cols; row > 0 && row <= p.rows && col < p.cols {
					got = append(got, e)
				} else if e != 0 {
					t.Fatalf("%s: element (%d, %d) has become %v", spec, row, col, e)
				}
			}
			same(t, spec, got, p.run(rule), 1e-9)
		}
	})
}

// TestDion2IsMuon: with all rows in each step and the momentum as a sum, Dion2 is Dion's Muon, and Dion3 is NorMuon with the ε of Dion3.
// Their ε has another effect on short rows.
func TestDion2IsMuon(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawMatrices(t, 4)
		if p.cols == 1 {
			return
		}
		const polar = ":lr=0.1,polar=polar-express,eps=0,momentum=0.9"
		same(t, "dion2", p.run(parse(t, "dion2"+polar+",fraction=1")), p.run(parse(t, "muon"+polar+",preset=dion")), 1e-9)
		normuon := parse(t, "normuon"+polar+",preset=dion").Chain()
		for i, link := range normuon {
			if n, ok := link.(matrix.NormalizeNeurons); ok {
				n.Eps = 1e-8
				normuon[i] = n
			}
		}
		same(t, "dion3", p.run(parse(t, "dion3"+polar+",fraction=1")), p.run(normuon), 1e-5)
	})
}

// TestMuonIsShampooWithoutAccumulation is the lecture's last slide: with moments of the current gradient alone, each step of
// Shampoo is spectral descent.
func TestMuonIsShampooWithoutAccumulation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawMatrices(t, 4)
		spectral := p.run(parse(t, "steepest:lr=0.5"))
		same(t, "shampoo", p.run(parse(t, "shampoo:lr=0.5,eps=0,beta2=0")), spectral, 1e-10)
		same(t, "muon", p.run(parse(t, "muon:lr=0.5,momentum=0,polar=exact,scale=none")), spectral, 1e-12)
		same(t, "muon by polar express", p.run(parse(t, "muon:lr=0.5,momentum=0,polar=polar-express,scale=none")), spectral, 1e-10)
	})
}

// equivariant lists rules that do not depend on the bases of the two spaces: U(QGP) = Q·U(G)·P.
var equivariant = []string{
	"muon", "muon:preset=dion", "muon:polar=exact,weight-decay=0.1", "muon:regularized=true", "shampoo", "shampoo:preset=gupta", "shampoo:preset=meta,eps=1e-6,graft=sgd",
	"shampoo:sides=left", "shampoo:ridge=shift-relative,eps=1e-3", "shampoo:ridge=clamp,eps=1e-3",
	"steepest", "steepest:norm=nuclear", "steepest:norm=schatten(3)", "steepest:norm=l2,regularized=true", "sgd", "normalized",
}

func TestOrthogonalEquivariance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawMatrices(t, 3)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "rotation"), 1))
		q, o := orthogonal(r, p.rows), orthogonal(r, p.cols)
		turn := func(g []float64) []float64 {
			return product(p.rows, p.rows, p.cols, q, product(p.rows, p.cols, p.cols, g, o))
		}
		for _, spec := range equivariant {
			rule := parse(t, spec)
			same(t, spec, p.mapped(p.rows, p.cols, turn).run(rule), turn(p.run(rule)), 1e-9)
		}
	})
}

// TestTransposition: U(Gᵀ) = U(G)ᵀ if no factor depends on the shape.
func TestTransposition(t *testing.T) {
	specs := []string{
		"muon:scale=none", "muon:scale=rms", "muon:polar=exact,scale=longer", "shampoo", "shampoo:preset=meta,graft=adam", "soap:basis-interval=1",
		"steepest", "steepest:norm=linf", "steepest:norm=schatten(1.5)", "adam", "sign",
	}
	rapid.Check(t, func(t *rapid.T) {
		p := drawMatrices(t, 4)
		if p.rows == 1 || p.cols == 1 {
			p = drawMatrices(t, 4) // matrices, since a single row would go to Muon's AdamW
		}
		flip := func(g []float64) []float64 { return transposed(g, p.rows, p.cols) }
		for _, spec := range specs {
			rule := parse(t, spec)
			if leavesAll(rule, p.params()) {
				continue
			}
			same(t, spec, p.mapped(p.cols, p.rows, flip).run(rule), flip(p.run(rule)), 1e-9)
		}
	})
}

// TestMatrixScaleInvariance: a power of two in the gradients does not change steps along polar factors, or steps divided by roots of moments.
func TestMatrixScaleInvariance(t *testing.T) {
	specs := []string{
		"muon:eps=0", "muon:eps=0,preset=dion", "muon:polar=exact", "normuon:eps=0", "steepest", "steepest:norm=linf", "steepest:norm=l1",
		"steepest:norm=nuclear", "soap:eps=0,basis-interval=2",
	}
	rapid.Check(t, func(t *rapid.T) {
		p, c := drawMatrices(t, 4), math.Ldexp(1, rapid.IntRange(-20, 20).Draw(t, "log2 c"))
		for _, spec := range specs {
			rule := parse(t, spec)
			if leavesAll(rule, p.params()) {
				continue
			}
			scaled := p
			scaled.problem = p.scaled(c)
			same(t, fmt.Sprint(spec, " ", c), scaled.run(rule), p.run(rule), 1e-9)
		}
	})
}

// TestSpectralNormOfMuonsStep: the step of Muon has the spectral norm αs, since its polar factor is orthogonal.
func TestSpectralNormOfMuonsStep(t *testing.T) {
	var w matfun.Workspace[float64]
	rapid.Check(t, func(t *rapid.T) {
		p := drawMatrices(t, 1)
		for spec, scale := range map[string]float64{
			"none": 1, "clamped": math.Sqrt(max(1, float64(p.rows)/float64(p.cols))), "ratio": math.Sqrt(float64(p.rows) / float64(p.cols)),
			"rms": 0.2 * math.Sqrt(float64(max(p.rows, p.cols))), "longer": math.Sqrt(float64(max(p.rows, p.cols))),
		} {
			x := p.run(parse(t, "muon:lr=0.25,polar=exact,scale="+spec))
			for i := range x {
				x[i] = p.x[i] - x[i]
			}
			values, err := w.SingularValues(x, p.rows, p.cols)
			if err != nil || math.Abs(values[0]-0.25*scale) > 1e-12 {
				t.Fatalf("scale %s of %d × %d: largest singular value %v, want %v; %v", spec, p.rows, p.cols, values[0], 0.25*scale, err)
			}
		}
	})
}

func product(m, k, n int, a, b []float64) []float64 {
	c := make([]float64, m*n)
	gemm.Mul(false, false, m, n, k, 1, a, k, b, n, 0, c, n)
	return c
}

func transposed(a []float64, rows, cols int) []float64 {
	b := make([]float64, len(a))
	for i, v := range a {
		b[i%cols*rows+i/cols] = v
	}
	return b
}

// orthogonal returns a random orthogonal matrix.
func orthogonal(r *rand.Rand, n int) []float64 {
	var w matfun.Workspace[float64]
	q := normals(r, n*n)
	if err := w.Iterate(q, n, n, nil); err != nil {
		panic(err)
	}
	return q
}

// TestGraftBehindAnother: in a chain Shampoo transforms the update in place, in the memory that may also hold the graft's step.
func TestGraftBehindAnother(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawMatrices(t, 3)
		for _, graft := range []string{"sgd", "adagrad"} {
			rule := parse(t, "shampoo:graft="+graft)
			same(t, graft, p.run(headed(optim.ClipNorm{Limit: 1e9}, rule)), p.run(rule), 1e-12)
		}
	})
}

// TestNesterovAhead: Nesterov's own form takes its gradients at the iterates of Sutskever's form with the step size inside the momentum.
// Its first step is that of SGD.
func TestNesterovAhead(t *testing.T) {
	params := tensors(5, 3000)
	lr := schedule.InvSqrt{Initial: 0.2}
	ahead := newOptimizer[float64](rules.Nesterov{LR: lr, Form: rules.NesterovAhead}, params)
	usual := newOptimizer[float64](rules.Nesterov{LR: lr, LRPlace: optim.Set(rules.LRInside)}, params)
	vectors := randoms[float64](2, 3005)
	x, y, buffer := vectors[0], slices.Clone(vectors[0]), make([]float64, 3005)
	for k := range 20 {
		at := ahead.Point(buffer, x)
		g := make([]float64, len(x))
		for i := range g {
			if math.Abs(at[i]-y[i]) > 1e-13*max(1, math.Abs(y[i])) {
				t.Fatalf("step %d takes its gradient at x[%d] = %v, want %v", k, i, at[i], y[i])
			}
			g[i] = at[i] + math.Sin(3*at[i]) // the gradient is not linear
		}
		if err := errors.Join(ahead.Step(x, g), usual.Step(y, g)); err != nil {
			t.Fatal(err)
		}
	}
	if slices.Equal(x, y) || !ahead.LooksAhead() || usual.LooksAhead() {
		t.Error("the iterates are the points where the gradients are taken")
	}
}

// TestBiasedSOAP: with β₁ = β₂ = β and ε = 0, the corrections of the averages divide a step by √(1 − βᵗ). The first step only sets the
// bases.
func TestBiasedSOAP(t *testing.T) {
	const spec = "soap:lr=0.1,beta1=0.8,beta2=0.8,eps=0,weight-decay=0"
	x, grads := waves(15, 6)
	biased := moves(t, spec+",biased=true", wide, x, grads)
	for k, corrected := range moves(t, spec, wide, x, grads)[1:] {
		same(t, "step "+strconv.Itoa(k+1), biased[k+1], times(math.Sqrt(1-math.Pow(0.8, float64(k+1))), corrected), 1e-13)
	}
}
