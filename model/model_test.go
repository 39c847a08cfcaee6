package model

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"steepest/data"
	"steepest/data/datatest"
	"steepest/internal/mutate"
	"steepest/metrics"
	"steepest/nn"
	"steepest/objective"
	"steepest/optim/rules"
	"steepest/train"
)

// stored saves a model and loads it again.
func stored(t testing.TB, m *Model) *Model {
	t.Helper()
	var b bytes.Buffer
	if err := Save(&b, m); err != nil {
		t.Fatal(err)
	}
	again, err := Load(&b)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// fitted trains on an embedded set and returns the model with the scores of the problem itself.
func fitted(t *testing.T, name, loss string, scale data.Scale, intercept bool) (*Model, *data.Set, []float64) {
	t.Helper()
	set, err := data.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	x, features, err := data.Prepare(set.X, scale, intercept)
	if err != nil {
		t.Fatal(err)
	}
	indices, classes := data.ClassIndices(set.Y)
	_, columns := set.X.Dims()
	m := &Model{
		Kind: Linear, Loss: loss, Columns: columns, Names: set.Features, Source: set.Columns, Classes: classes, ClassNames: set.ClassNames,
		Features: features,
	}
	var p *objective.Linear[float64]
	switch loss {
	case "softmax":
		p, err = objective.Softmax(x, indices, len(classes), objective.L2(1e-3))
	case "least-squares":
		m.Classes, m.ClassNames = nil, nil
		p, err = objective.LeastSquares(x, set.Y, objective.L2(1e-3))
	default:
		signs, _ := classes.Signs(set.Y)
		p, err = objective.NewLinear(x, signs, map[string]objective.Loss{
			"logistic": objective.LogisticLoss{}, "hinge": objective.HingeLoss{}, "squared-hinge": objective.SquaredHingeLoss{},
		}[loss], objective.L2(1e-3))
	}
	if err != nil {
		t.Fatal(err)
	}
	res, err := train.Minimize(context.Background(), p, make([]float64, objective.Dim(p)), rules.Adam{}, train.Settings{Batch: 32, Epochs: 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range p.Params() {
		m.Params = append(m.Params, Param{q.Name, q.Shape, res.X})
	}
	return m, set, p.Scores(res.X, x)
}

// TestPredictIsTheProblem: a model that has been saved and loaded gives exactly the scores of the problem that it was fitted to, for
// every loss, scaling and storage. The loss of its probabilities is that of the problem.
func TestPredictIsTheProblem(t *testing.T) {
	for _, c := range []struct {
		set, loss string
		scale     data.Scale
		intercept bool
	}{
		{"breast-cancer", "logistic", data.Standard, true},
		{"breast-cancer", "logistic", data.UnitRows, false},
		{"breast-cancer", "hinge", data.Largest, true},
		{"heart-scale", "squared-hinge", data.Largest, false},
		{"heart-scale", "logistic", "", true},
		{"digits", "softmax", data.Largest, true},
		{"digits", "least-squares", data.Largest, false},
	} {
		name := fmt.Sprint(c)
		m, set, want := fitted(t, c.set, c.loss, c.scale, c.intercept)
		again := stored(t, m)
		if !reflect.DeepEqual(again, m) {
			t.Errorf("%s: %+v comes back as %+v", name, m, again)
		}
		scores, outputs, err := again.Scores(set)
		if err != nil || !slices.Equal(scores, want) || len(scores) != outputs*len(set.Y) {
			t.Fatalf("%s: other scores than the problem's, %v", name, err)
		}
		p, err := again.Predict(set)
		if err != nil {
			t.Fatal(err)
		}
		if c.loss == "least-squares" {
			if p.Classes != nil || !slices.Equal(p.Values, want) {
				t.Errorf("%s: values %v, want %v", name, p.Values[:3], want[:3])
			}
			continue
		}
		truth, err := again.Truth(set)
		if err != nil {
			t.Fatal(err)
		}
		for i, class := range p.Classes {
			if class != Class(want[i*outputs:(i+1)*outputs]) {
				t.Fatalf("%s: row %d is of class %d", name, i, class)
			}
		}
		if margins := strings.HasSuffix(c.loss, "hinge"); margins != (p.Probabilities == nil) || margins != (p.Values != nil) {
			t.Errorf("%s: %d probabilities and %d decisions", name, len(p.Probabilities), len(p.Values))
		} else if !margins {
			k := len(again.Classes)
			loss := 0.0
			for i, class := range truth {
				loss -= math.Log(p.Probabilities[i*k+class]) / float64(len(truth))
			}
			if got := metrics.LogLoss(truth, p.Probabilities, k); math.Abs(got-loss) > 1e-12*loss {
				t.Errorf("%s: log loss %v, want %v", name, got, loss)
			}
		}
	}
}

// TestNetworkPredicts: a network gives the scores of its own problem in both precisions.
func TestNetworkPredicts(t *testing.T) {
	set := datatest.Load(t, "digits")
	x, features, err := data.Prepare(set.X, data.Largest, true)
	if err != nil {
		t.Fatal(err)
	}
	indices, classes := data.ClassIndices(set.Y)
	config := nn.Config{Hidden: []int{7, 5}, Activation: nn.GELU, LayerNorm: true}
	wide, err := nn.NewClassifier[float64](x, indices, len(classes), config)
	if err != nil {
		t.Fatal(err)
	}
	narrow, err := nn.NewClassifier[float32](x, indices, len(classes), config)
	if err != nil {
		t.Fatal(err)
	}
	m := &Model{Kind: Network, Loss: "softmax", Columns: 64, Classes: classes, Features: features, Layers: config}
	for _, single := range []bool{false, true} {
		m.Params, m.Float32 = nil, single
		start, want := wide.Start(3), wide.Scores(wide.Start(3), x)
		if single {
			want = narrow.Scores(narrow.Start(3), x)
			for i, v := range narrow.Start(3) {
				start[i] = float64(v)
			}
		}
		at := 0
		for _, q := range wide.Params() {
			m.Params = append(m.Params, Param{q.Name, q.Shape, start[at : at+q.Size()]})
			at += q.Size()
		}
		if got, _, err := stored(t, m).Scores(set); err != nil || !slices.Equal(got, want) {
			t.Errorf("float32 %v: other scores than the network's, %v", single, err)
		}
	}
}

// table returns a set of named columns.
func table(names []string, rows ...[]float64) *data.Set {
	s := &data.Set{Name: "table", Features: names}
	d := &data.Dense{Rows: len(rows), Cols: len(names)}
	for _, row := range rows {
		d.Data = append(d.Data, row...)
	}
	s.X = d
	return s
}

// small is a linear model of two named features: 10a + b + 100.
func small() *Model {
	return &Model{
		Kind: Linear, Loss: "least-squares", Columns: 2, Names: []string{"a", "b"}, Features: data.Features{Intercept: true},
		Params: []Param{{"weight", []int{3}, []float64{10, 1, 100}}},
	}
}

// TestColumns: the set has the named columns in any order, with others among them, or columns without names.
func TestColumns(t *testing.T) {
	for _, c := range []struct {
		set  *data.Set
		want float64
		err  string
	}{
		{table([]string{"a", "b"}, []float64{1, 2}), 112, ""},
		{table([]string{"b", "x", "a"}, []float64{2, 9, 1}), 112, ""},
		{&data.Set{X: &data.Dense{Rows: 1, Cols: 2, Data: []float64{1, 2}}}, 112, ""},
		{&data.Set{X: &data.CSR{Rows: 1, Cols: 1, Indptr: []int{0, 1}, Indices: []uint32{0}, Values: []float64{1}}}, 110, ""},
		{&data.Set{X: &data.CSR{Rows: 1, Cols: 7, Indptr: []int{0, 1}, Indices: []uint32{1}, Values: []float64{2}}}, 102, ""},
		{&data.Set{X: &data.CSR{Rows: 1, Cols: 7, Indptr: []int{0, 1}, Indices: []uint32{2}, Values: []float64{2}}}, 100, ""},

		{table([]string{"b", "a", "b"}, []float64{2, 9, 3}), 0, `model: table has two columns named "b"; remove one of them`},
		{table([]string{"b", "c"}, []float64{2, 9}), 0, "model: table lacks the columns a, which the model needs"},
		{&data.Set{X: &data.Dense{Rows: 1, Cols: 3, Data: []float64{1, 2, 3}}}, 0, "model: the rows have 3 columns, and the model 2 features"},
	} {
		p, err := small().Predict(c.set)
		switch {
		case c.err != "":
			if err == nil || err.Error() != c.err {
				t.Errorf("error %v, want %s", err, c.err)
			}
		case err != nil || p.Values[0] != c.want:
			t.Errorf("%+v: %v, %v; want %v", c.set, p, err, c.want)
		}
	}
}

func TestSaveRefuses(t *testing.T) {
	two := func(m *Model) { m.Loss, m.Classes = "logistic", data.Classes{1, 2} }
	for want, change := range map[string]func(*Model){
		"it has no parameters":                                      func(m *Model) { m.Params = nil },
		`the parameter "weight" of shape [4] has 3 values`:          func(m *Model) { m.Params[0].Shape = []int{4} },
		`the parameter "weight" of shape [-3] has 3 values`:         func(m *Model) { m.Params[0].Shape = []int{-3} },
		`the parameter "weight" has the value NaN at place 1`:       func(m *Model) { m.Params[0].Values[1] = math.NaN() },
		`the parameter "weight" has the value 1e+300 at place 1`:    func(m *Model) { m.Float32, m.Params[0].Values[1] = true, 1e300 },
		"its weights have the shape [3 1], and [3 3] is needed":     func(m *Model) { m.Params[0].Shape = []int{3, 1} },
		"its weights have the shape [3], and [1 2] is needed":       func(m *Model) { m.Features.Intercept = false },
		"it has 1 names for 2 features":                             func(m *Model) { m.Names = m.Names[:1] },
		"its 2 features are not those of the columns that it names": func(m *Model) { m.Source = data.Numbers(2, []string{"a", "c"}) },
		"its column 3 of 3 stands twice or nowhere": func(m *Model) {
			m.Source = data.Numbers(2, m.Names)
			m.Source.Label.At, m.Source.Features[1].At = 1, 3
			m.Source.Features[0].At = 3
		},
		`the categories of its column "a" are not in ascending order`: func(m *Model) {
			m.Source = data.Numbers(1, []string{"a"})
			m.Source.Features[0].Categories = []string{"v", "u"}
		},
		"the features that it sees are not in ascending order": func(m *Model) { m.Features.Kept = []uint32{1, 1} },
		"it has -5 features": func(m *Model) { m.Columns = -5 },
		"it has 1 standard errors for 3 weights of a linear model":           func(m *Model) { m.StandardErrors = []float64{1} },
		"-1 is among its standard errors, at place 2":                        func(m *Model) { m.StandardErrors = []float64{1, -1, 0} },
		"its names cannot be hashed to 2 columns with 3 bits":                func(m *Model) { m.Hashing = &data.VWOptions{Bits: 3} },
		"it has 3 parameters, too few for 1000000000001 features or outputs": func(m *Model) { m.Columns, m.Names = 1e12, nil },
		`it has 0 scales for 2 features of the scale "maxabs"`:               func(m *Model) { m.Features.Scale = data.Largest },
		`it has 1 scales for 2 features of the scale ""`:                     func(m *Model) { m.Features.Scaling.Scale = []float64{1} },
		"0 is among its scales, at place 2": func(m *Model) {
			m.Features.Scale, m.Features.Scaling.Scale = data.Largest, []float64{1, 0}
		},
		"+Inf is among its shifts, at place 1": func(m *Model) {
			m.Features.Scale = data.Standard
			m.Features.Scaling = data.Scaling{Shift: []float64{math.Inf(1), 0}, Scale: []float64{1, 1}}
		},
		"NaN is among its means, at place 1":                                                                   func(m *Model) { m.Features.Means = []float64{math.NaN(), 0} },
		`unknown scale "foo"; there are maxabs, standard, unit`:                                                func(m *Model) { m.Features.Scale = "foo" },
		`unknown loss "foo"; there are hinge, huber, least-squares, logistic, one-hot, softmax, squared-hinge`: func(m *Model) { m.Loss = "foo" },
		"it has 1 classes for the loss logistic":                                                               func(m *Model) { two(m); m.Classes = m.Classes[:1] },
		"its weights have the shape [3], and [3 3] is needed":                                                  func(m *Model) { m.Loss, m.Classes = "hinge", data.Classes{1, 2, 3} },
		"it has 0 classes for the loss softmax":                                                                func(m *Model) { m.Loss = "softmax" },
		"its classes are not in ascending order":                                                               func(m *Model) { two(m); m.Classes[0] = 2 },
		"it has 1 names for 2 classes":                                                                         func(m *Model) { two(m); m.ClassNames = []string{"a"} },
		`unknown kind of model "tree"; there are linear, network, factors, point`:                              func(m *Model) { m.Kind = "tree" },
		"its parameters are no product of two matrices for 2 features":                                         func(m *Model) { m.Kind = Factors },
		"its activation is 99":                                                                                 func(m *Model) { m.Kind, m.Layers = Network, nn.Config{Hidden: []int{1}, Activation: 99} },
		"its parameters are not those of its layers":                                                           func(m *Model) { m.Kind, m.Layers = Network, nn.Config{Hidden: []int{1}} },
		"it has 3 parameters, too few for 0 features or outputs":                                               func(m *Model) { m.Kind, m.Layers = Network, nn.Config{Hidden: []int{0}} },
	} {
		m := small()
		change(m)
		if err := Save(new(bytes.Buffer), m); err == nil || err.Error() != "model: the model cannot be saved: "+want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	var b bytes.Buffer
	if err := Save(&b, small()); err != nil {
		t.Fatal(err)
	}
	good := b.String()
	for text, want := range map[string]string{
		"":                     "model: the file is empty",
		" \n":                  "model: the file is empty",
		"class,a\n":            "model: the file is no saved model: ",
		"[1, 2]":               "model: the file is not a model: its format is ",
		`{"weights": [1]}`:     `model: the file is not a model: its format is "", not "steepest model 2"`,
		`{"format":"other 1"}`: `model: the file is not a model: its format is "other 1", not "steepest model 2"`,
		`{"format":"steepest linear model 1"}`: `model: the file is a "steepest linear model 1", of another version of Steepest; ` +
			`this one reads "steepest model 2"`,
		good[:len(good)/2]: "model: the file ends too early; it is damaged",
		strings.Replace(good, `"columns":2`, `"columns":2,"Columns":2`, 1):                                       `model: the model is damaged: "Columns" stands twice`,
		strings.Replace(good, `"loss":"least-squares"`, `"loss":"logistic","classes":[0,1],"class_names":[]`, 1): "model: the model is damaged: it has 0 names for 2 classes",
		strings.Replace(good, `"columns":2`, `"rows":2`, 1):                                                      `model: the model is damaged: unknown field "rows"`,
		strings.Replace(good, `"columns":2`, `"columns":"2"`, 1):                                                 "model: the model is damaged: columns is a string, which it cannot be",
		strings.Replace(good, `[10,1,100]`, `[10,1]`, 1):                                                         `model: the model is damaged: the parameter "weight" of shape [3] has 2 values`,
		strings.Replace(good, `[10,1,100]`, `[10,1,1e999]`, 1):                                                   "model: the model is damaged: an element is a number 1e999, which it cannot be",
		strings.Replace(good, `[10,1,100]`, `[10,null,100]`, 1):                                                  "model: the model is damaged: a value is null",
		good + good: "model: the model is damaged: more stands behind its end",
	} {
		_, err := Load(strings.NewReader(text))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.40q: error %v, want %s", text, err, want)
		}
	}
}

// zeros is an endless file. Only its start may be read.
type zeros struct{ left int }

func (z *zeros) Read(p []byte) (int, error) {
	if z.left -= len(p); z.left < 0 {
		return 0, errors.New("the reader goes on")
	}
	clear(p)
	return len(p), nil
}

func TestLoadEndless(t *testing.T) {
	_, err := Load(&zeros{1 << 20})
	if err == nil || !strings.HasPrefix(err.Error(), "model: the file is no saved model") {
		t.Error(err)
	}
}

// FuzzLoad: any text gives an error or a model that predicts. A model can be written and read again.
func FuzzLoad(f *testing.F) {
	for _, text := range smallest(f) {
		f.Add([]byte(text))
	}
	f.Fuzz(checkLoad)
}

func TestLoadMutations(t *testing.T) {
	mutate.Try(t, "model/FuzzLoad", smallest(t), func(t *testing.T, text string, _ *rand.Rand) { checkLoad(t, []byte(text)) })
}

// smallest lists files of a linear model and of a network.
func smallest(t testing.TB) (texts []string) {
	network := &Model{
		Kind: Network, Loss: "softmax", Columns: 1, Classes: data.Classes{0, 1}, Layers: nn.Config{Hidden: []int{1}, NoBias: true},
		Params: []Param{{"hidden1.weight", []int{1, 1}, []float64{1}}, {"head.weight", []int{2, 1}, []float64{1, 2}}},
	}
	for _, m := range []*Model{small(), network} {
		var b strings.Builder
		if err := Save(&b, m); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, b.String())
	}
	return texts
}

func checkLoad(t *testing.T, text []byte) {
	m, err := Load(bytes.NewReader(text))
	if err != nil {
		return
	}
	if again := stored(t, m); len(again.X()) != len(m.X()) {
		t.Fatalf("%d parameters come back as %d", len(m.X()), len(again.X()))
	}
	if m.Columns < 1000 && (m.Kind == Linear || m.Kind == Network) {
		m.Predict(&data.Set{X: &data.Dense{Rows: 2, Cols: m.Columns, Data: make([]float64, 2*m.Columns)}})
	}
}
