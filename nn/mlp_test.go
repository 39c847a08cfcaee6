package nn

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"steepest/data"
	"steepest/internal/subnormal"
	"steepest/objective"
	"steepest/param"
)

// golden is testdata/golden.json, written by testdata/golden.py.
type golden struct {
	Examples [][]float64
	Labels   []int
	Cases    []struct {
		Hidden       []int
		Activation   string
		LayerNorm    bool
		NoBias       bool
		Loss         string
		X            []float64
		Scores, Grad []float64
		Value        float64
	}
}

// TestGolden compares scores, loss and gradient with PyTorch.
func TestGolden(t *testing.T) {
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	examples := &data.Dense{Rows: len(g.Examples), Cols: len(g.Examples[0])}
	for _, row := range g.Examples {
		examples.Data = append(examples.Data, row...)
	}
	for _, c := range g.Cases {
		config := Config{Hidden: c.Hidden, LayerNorm: c.LayerNorm, NoBias: c.NoBias}
		if err := config.Activation.UnmarshalText([]byte(c.Activation)); err != nil {
			t.Fatal(err)
		}
		p := network[float64](t, examples, g.Labels, c.Loss, config)
		name := fmt.Sprintf("%v %s norm=%v bias=%v %s", c.Hidden, c.Activation, c.LayerNorm, !c.NoBias, c.Loss)
		grad := make([]float64, len(c.X))
		if value := p.Grad(grad, c.X, nil); !(math.Abs(value-c.Value) <= 1e-14*max(1, c.Value)) {
			t.Errorf("%s: loss %v, PyTorch has %v", name, value, c.Value)
		}
		wantNear(t, name+": scores", p.Scores(c.X, examples), c.Scores, 20)
		wantNear(t, name+": gradient", grad, c.Grad, 20)
	}
}

// network returns a network for the classes y mod 3, or with the logistic loss for odd against even labels.
func network[T param.Float](t rapid.TB, examples data.Matrix, labels []int, loss string, c Config) *MLP[T] {
	t.Helper()
	var p *MLP[T]
	var err error
	if loss == "softmax" {
		classes := make([]int, len(labels))
		for i, y := range labels {
			classes[i] = y % 3
		}
		p, err = NewClassifier[T](examples, classes, 3, c)
	} else {
		signs := make([]float64, len(labels))
		for i, y := range labels {
			signs[i] = float64(2*(y%2) - 1)
		}
		p, err = NewMLP[T](examples, signs, objective.LogisticLoss{}, c)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// randomData returns n random examples of d features and their labels from 0 to 5.
func randomData(r *rand.Rand, n, d int) (*data.Dense, []int) {
	labels := make([]int, n)
	for i := range labels {
		labels[i] = r.IntN(6)
	}
	return &data.Dense{Rows: n, Cols: d, Data: random[float64](r, n*d)}, labels
}

// TestGradient compares the gradient of random networks, with penalties and repeated examples, with central differences.
func TestGradient(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		examples, labels := randomData(r, rapid.IntRange(1, 9).Draw(t, "n"), rapid.IntRange(1, 4).Draw(t, "d"))
		loss := rapid.SampledFrom([]string{"softmax", "logistic"}).Draw(t, "loss")
		p := network[float64](t, examples, labels, loss, Config{
			Hidden: rapid.SliceOfN(rapid.IntRange(2, 5), 0, 3).Draw(t, "hidden"),
			// Layer norm maps two inputs to ±1. Differences across the kink of ReLU at 0 are then useless.
			Activation: rapid.SampledFrom([]Activation{Tanh, GELU}).Draw(t, "activation"),
			LayerNorm:  rapid.Bool().Draw(t, "norm"), NoBias: rapid.Bool().Draw(t, "no bias"), L2: 0.1,
		})
		x, direction, grad := p.Start(1), random[float64](r, p.size), make([]float64, p.size)
		batch := []uint32{0, uint32(examples.Rows - 1), 0}
		if r.IntN(2) == 0 {
			batch = nil
		}
		if steepestNorm(p, x) > 100 {
			t.Skip("a layer norm of almost equal numbers bends faster than differences see")
		}
		value := p.Grad(grad, x, batch)
		if loss := p.Loss(x, batch); loss != value {
			t.Errorf("Grad returns %v and Loss %v", value, loss)
		}
		const h = 1e-6
		at := func(s float64) float64 {
			y := slices.Clone(x)
			for i, v := range direction {
				y[i] += s * v
			}
			return p.Loss(y, batch)
		}
		slope, want := inner(grad, direction), (8*(at(h)-at(-h))-(at(2*h)-at(-2*h)))/(12*h)
		if !(math.Abs(slope-want) <= 1e-7*max(1, math.Abs(want), math.Sqrt(inner(grad, grad)))) {
			t.Errorf("slope %v, differences say %v", slope, want)
		}
	})
}

// steepestNorm returns the largest 1/σ by which a layer norm multiplies at x.
func steepestNorm(p *MLP[float64], x []float64) float64 {
	var w workspace[float64]
	p.gather(&w, p.examples, nil, 0, p.n)
	p.forward(&w, x)
	largest := 0.0
	for _, a := range w.layers {
		for _, r := range a.r {
			largest = max(largest, r)
		}
	}
	return largest
}

// TestBlocks has more examples than go through the layers at once. The mean over all must be the mean over parts.
func TestBlocks(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 0))
	n := 2*blockRows + 37
	examples, labels := randomData(r, n, 3)
	p := network[float64](t, examples, labels, "softmax", Config{Hidden: []int{5}, LayerNorm: true})
	x, grad, part, want := p.Start(1), make([]float64, p.size), make([]float64, p.size), make([]float64, p.size)
	batch := make([]uint32, n)
	for i, j := range r.Perm(n) {
		batch[i] = uint32(j)
	}
	mean := 0.0
	for lo := 0; lo < n; lo += 11 {
		piece := batch[lo:min(lo+11, n)]
		share := float64(len(piece)) / float64(n)
		mean += share * p.Grad(part, x, piece)
		for i, v := range part {
			want[i] += share * v
		}
	}
	for _, b := range [][]uint32{nil, batch} {
		if got := p.Grad(grad, x, b); !(math.Abs(got-mean) <= 1e-14) {
			t.Errorf("loss %v, parts say %v", got, mean)
		}
		wantNear(t, "grad", grad, want, 8)
	}
}

// TestSameBits: results do not depend on the number of processors.
func TestSameBits(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	examples, labels := randomData(rand.New(rand.NewPCG(6, 0)), 600, 70)
	p := network[float32](t, examples, labels, "softmax", Config{Hidden: []int{130, 90}, Activation: GELU, LayerNorm: true})
	x := p.Start(1)
	var first []float32
	for procs := 1; procs <= 3; procs++ {
		runtime.GOMAXPROCS(procs)
		grad := make([]float32, p.size)
		grad = append(grad, float32(p.Grad(grad, x, nil)))
		if first == nil {
			first = grad
		} else if !slices.Equal(grad, first) {
			t.Errorf("GOMAXPROCS=%d: another gradient or loss", procs)
		}
	}
}

// TestSparse: a sparse matrix gives the same result as a dense one.
func TestSparse(t *testing.T) {
	dense := &data.Dense{Rows: 3, Cols: 4, Data: []float64{0, 1, 0, 2, 0, 0, 0, 0, 3, 0, 0, -1}}
	sparse := &data.CSR{Rows: 3, Cols: 4,
		Indptr: []int{0, 2, 2, 4}, Indices: []uint32{1, 3, 0, 3}, Values: []float64{1, 2, 3, -1}}
	labels := []int{0, 1, 2}
	a := network[float64](t, dense, labels, "softmax", Config{Hidden: []int{6}})
	b := network[float64](t, sparse, labels, "softmax", Config{Hidden: []int{6}})
	x, da, db := a.Start(1), make([]float64, a.size), make([]float64, a.size)
	for _, batch := range [][]uint32{nil, {2, 0, 1}} { // the second reuses the workspace of the first
		if fa, fb := a.Grad(da, x, batch), b.Grad(db, x, batch); fa != fb || !slices.Equal(da, db) {
			t.Errorf("batch %v: dense %v, sparse %v, or another gradient", batch, fa, fb)
		}
	}
}

// TestLinearModel: a network without hidden layers equals the linear model of package objective.
func TestLinearModel(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 0))
	examples, labels := randomData(r, 50, 4)
	y := make([]float64, len(labels))
	for i, l := range labels {
		y[i] = float64(l) / 2
	}
	p, err := NewMLP[float64](examples, y, objective.HuberLoss{Delta: 0.5}, Config{NoBias: true, L2: 0.3})
	if err != nil {
		t.Fatal(err)
	}
	q, err := objective.Huber(examples, y, 0.5, objective.L2(0.3))
	if err != nil {
		t.Fatal(err)
	}
	x, got, want := random[float64](r, 4), make([]float64, 4), make([]float64, 4)
	if a, b := p.Grad(got, x, nil), q.Grad(want, x, nil); !(math.Abs(a-b) <= 1e-14*b) {
		t.Errorf("loss %v, want %v", a, b)
	}
	wantNear(t, "grad", got, want, 8)
	if p.FLOPs(10) != q.FLOPs(10) {
		t.Errorf("FLOPs %v, want %v", p.FLOPs(10), q.FLOPs(10))
	}
}

func TestParams(t *testing.T) {
	examples, labels := randomData(rand.New(rand.NewPCG(8, 0)), 3, 4)
	p := network[float64](t, examples, labels, "softmax", Config{Hidden: []int{6, 5}, LayerNorm: true})
	var got string
	for _, q := range p.Params() {
		got += fmt.Sprintf("%s %v %v\n", q.Name, q.Shape, q.Role)
	}
	const want = `hidden1.weight [6 4] hidden
hidden1.bias [6] bias
hidden1.norm.gain [6] gain
hidden1.norm.bias [6] bias
hidden2.weight [5 6] hidden
hidden2.bias [5] bias
hidden2.norm.gain [5] gain
hidden2.norm.bias [5] bias
head.weight [3 5] head
head.bias [3] bias
`
	if got != want {
		t.Errorf("parameters:\n%swant:\n%s", got, want)
	}
	if d := objective.Dim(p); d != p.size {
		t.Errorf("%d unknowns, the layers have %d", d, p.size)
	}
	// By hand: 3·(6·4 + 5·6 + 3·5) − 6·4 multiply-adds an example.
	if f := p.FLOPs(2); f != 2*183+float64(p.size) {
		t.Errorf("FLOPs %v", f)
	}
}

// TestStart: the start has the uniform distribution of torch.nn.Linear and depends only on the seed.
func TestStart(t *testing.T) {
	examples, labels := randomData(rand.New(rand.NewPCG(9, 0)), 3, 100)
	p := network[float64](t, examples, labels, "softmax", Config{Hidden: []int{400}, LayerNorm: true})
	x := p.Start(3)
	if !slices.Equal(x, p.Start(3)) || slices.Equal(x, p.Start(4)) {
		t.Error("the start is not a function of the seed")
	}
	for _, s := range []struct {
		what  string
		of    span
		bound float64
	}{{"hidden", span{p.layers[0].weight.lo, p.layers[0].bias.hi}, 0.1}, {"head", p.layers[1].weight, 0.05}} {
		v := part(x, s.of)
		mean, square := 0.0, 0.0
		for _, e := range v {
			mean += e / float64(len(v))
			square += e * e / float64(len(v))
		}
		// Five standard deviations of the mean of n numbers, and of the mean of their squares.
		n := math.Sqrt(float64(len(v)))
		third := s.bound * s.bound / 3
		if slices.Max(v) > s.bound || slices.Min(v) < -s.bound || math.Abs(mean) > 5*math.Sqrt(third)/n ||
			math.Abs(square-third) > 5*math.Sqrt(4./45)*s.bound*s.bound/n {
			t.Errorf("%s: mean %v, mean square %v, want uniform in ±%v", s.what, mean, square, s.bound)
		}
	}
	if g := part(x, p.layers[0].gain); slices.Min(g) != 1 || slices.Max(g) != 1 {
		t.Error("gains are not 1")
	}
	if s := part(x, p.layers[0].shift); slices.Min(s) != 0 || slices.Max(s) != 0 {
		t.Error("biases of norms are not 0")
	}
}

func TestErrors(t *testing.T) {
	examples := &data.Dense{Rows: 2, Cols: 1, Data: []float64{1, 2}}
	bad := &data.Dense{Rows: 2, Cols: 1, Data: []float64{1, math.NaN()}}
	mlp := func(m data.Matrix, y []float64, c Config) error {
		_, err := NewMLP[float64](m, y, objective.LogisticLoss{}, c)
		return err
	}
	classifier := func(y []int, classes int) error {
		_, err := NewClassifier[float64](examples, y, classes, Config{})
		return err
	}
	y := []float64{1, 1}
	for _, test := range []struct {
		err  error
		want string
	}{
		{mlp(examples, []float64{1, 0}, Config{}), "nn: y[1] = 0: neither −1 nor +1; data.Binary maps two classes to them"},
		{mlp(examples, []float64{math.Inf(1), 1}, Config{}), "nn: y[0] = +Inf: not a finite number"},
		{mlp(examples, []float64{1}, Config{}), "nn: 1 labels for 2 rows"},
		{mlp(&data.Dense{Cols: 3}, nil, Config{}), "nn: the data matrix is 0×3, want at least one row and one column"},
		{mlp(bad, y, Config{}), "nn: the data hold NaN, which is not a finite number; drop or impute it"},
		{mlp(examples, y, Config{L2: -1}), "nn: the L2 penalty is -1, want a finite number that is not negative"},
		{mlp(examples, y, Config{Hidden: []int{1, 0}}), "nn: hidden layer 2 has the width 0, want at least 1"},
		{classifier([]int{0, 0}, 1), "nn: 1 classes, want at least 2"},
		{classifier([]int{0, 2}, 2),
			"nn: y[1] = 2: not a class 0, 1, …, 1; data.ClassIndices numbers the labels of a file"},
	} {
		if test.err == nil || test.err.Error() != test.want {
			t.Errorf("error %v, want %s", test.err, test.want)
		}
	}
}

// TestBytes: a network on bytes, with or without divisors, has the same bits as on the same numbers in float64, in both precisions.
func TestBytes(t *testing.T) {
	small := &data.Bytes{Rows: 9, Cols: 5, Data: make([]uint8, 45)}
	labels := make([]int, small.Rows)
	for i := range small.Data {
		small.Data[i] = uint8(i * 53)
	}
	for i := range labels {
		labels[i] = i % 3
	}
	for _, divisors := range [][]float64{nil, {255, 254, 3, 1, 7}} {
		small.Divisors = divisors
		sameOnBytes[float64](t, small, labels)
		sameOnBytes[float32](t, small, labels)
	}
}

func sameOnBytes[T param.Float](t *testing.T, small *data.Bytes, labels []int) {
	t.Helper()
	c := Config{Hidden: []int{4}}
	p, err := NewClassifier[T](small, labels, 3, c)
	if err != nil {
		t.Fatal(err)
	}
	q, err := NewClassifier[T](small.Dense(), labels, 3, c)
	if err != nil {
		t.Fatal(err)
	}
	x := p.Start(1)
	a, b := make([]T, len(x)), make([]T, len(x))
	batch := []uint32{3, 0, 8, 3}
	if f, g := p.Grad(a, x, batch), q.Grad(b, x, batch); f != g || !slices.Equal(a, b) || !slices.Equal(p.Scores(x, small), q.Scores(x, small.Dense())) {
		t.Errorf("loss %v and gradient %v on bytes, %v and %v on numbers", f, a, g, b)
	}
}

// TestSubnormals: a class that never occurs gets probabilities near the smallest normal number. The gradient holds no subnormal numbers.
func TestSubnormals(t *testing.T) {
	before := subnormal.Flush()
	flushed := subnormal.Current() != before
	before.Restore()
	if !flushed {
		t.Skip("this build keeps subnormal numbers")
	}
	rows := &data.Dense{Rows: 2, Cols: 2, Data: []float64{0.5, 0.01, -0.5, 0.02}}
	p, err := NewClassifier[float32](rows, []int{0, 1}, 3, Config{})
	if err != nil {
		t.Fatal(err)
	}
	x, grad := make([]float32, p.size), make([]float32, p.size)
	x[len(x)-1] = -87 // the bias of the last class
	p.Grad(grad, x, nil)
	for i, v := range grad {
		if v != 0 && math.Abs(float64(v)) < 0x1p-126 {
			t.Errorf("number %d of the gradient is subnormal: %v", i, v)
		}
	}
}
