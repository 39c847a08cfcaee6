package nn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"steepest/param"

	"pgregory.net/rapid"
)

func random[T param.Float](r *rand.Rand, n int) []T {
	v := make([]T, n)
	for i := range v {
		v[i] = T(r.NormFloat64())
	}
	return v
}

// unit is the distance from 1 to the next number of the type.
func unit[T param.Float]() float64 {
	if T(1)+T(0x1p-40) > 1 {
		return 0x1p-52
	}
	return 0x1p-23
}

// wantNear reports elements that differ by more than a number of units of the size of the vector.
func wantNear[T param.Float](t rapid.TB, what string, got []T, want []float64, units float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("len(%s) = %d, want %d", what, len(got), len(want))
	}
	size := 1.0
	for _, v := range want {
		size = max(size, math.Abs(v))
	}
	for i, v := range want {
		if d := math.Abs(float64(got[i]) - v); !(d <= units*unit[T]()*size) {
			t.Errorf("%s[%d] = %v, want %v", what, i, got[i], v)
		}
	}
}

// plainLinear computes Linear and its gradients by sums over indices, in float64.
func plainLinear[T param.Float](dy, x, w, b []T, rows, in, out int) (y, dx, dw, db []float64) {
	y, dx = make([]float64, rows*out), make([]float64, rows*in)
	dw, db = make([]float64, out*in), make([]float64, out)
	for i := range rows {
		for o := range out {
			slope := float64(dy[i*out+o])
			y[i*out+o] = float64(b[o])
			db[o] += slope
			for j := range in {
				y[i*out+o] += float64(x[i*in+j]) * float64(w[o*in+j])
				dx[i*in+j] += slope * float64(w[o*in+j])
				dw[o*in+j] += slope * float64(x[i*in+j])
			}
		}
	}
	return y, dx, dw, db
}

func TestLinear(t *testing.T) {
	t.Run("float32", rapid.MakeCheck(testLinear[float32]))
	t.Run("float64", rapid.MakeCheck(testLinear[float64]))
}

func testLinear[T param.Float](t *rapid.T) {
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	rows := rapid.IntRange(0, 40).Draw(t, "rows")
	in, out := rapid.IntRange(1, 40).Draw(t, "in"), rapid.IntRange(1, 40).Draw(t, "out")
	x, w, b, dy := random[T](r, rows*in), random[T](r, out*in), random[T](r, out), random[T](r, rows*out)
	wantY, wantX, wantW, wantB := plainLinear(dy, x, w, b, rows, in, out)
	y, dx, dw, db := random[T](r, rows*out), random[T](r, rows*in), random[T](r, out*in), random[T](r, out)
	for i, v := range dw { // gradients of parameters are added
		wantW[i] += float64(v)
	}
	for i, v := range db {
		wantB[i] += float64(v)
	}
	Linear(y, x, w, b, in, out)
	LinearGradient(dx, dw, db, dy, x, w, in, out)
	wantNear(t, "y", y, wantY, 60)
	wantNear(t, "dx", dx, wantX, 60)
	wantNear(t, "dw", dw, wantW, 60)
	wantNear(t, "db", db, wantB, 60)

	Linear(y, x, w, nil, in, out)
	wantY, _, _, _ = plainLinear(dy, x, w, make([]T, out), rows, in, out)
	wantNear(t, "y without b", y, wantY, 60)
}

// wantSlopes compares a gradient with central differences of f in each element of x.
func wantSlopes(t *testing.T, what string, grad, x []float64, f func() float64) {
	t.Helper()
	const h = 1e-5
	for i, v := range x {
		x[i] = v + h
		above := f()
		x[i] = v - h
		below := f()
		x[i] = v
		if slope := (above - below) / (2 * h); !(math.Abs(grad[i]-slope) <= 1e-8*max(1, math.Abs(slope))) {
			t.Errorf("%s[%d] = %v, differences say %v", what, i, grad[i], slope)
		}
	}
}

func inner(a, b []float64) (sum float64) {
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

func TestLinearSlopes(t *testing.T) {
	const rows, in, out = 3, 4, 2
	r := rand.New(rand.NewPCG(1, 0))
	x, w, b, dy := random[float64](r, rows*in), random[float64](r, out*in), random[float64](r, out), random[float64](r, rows*out)
	y, dx, dw, db := make([]float64, rows*out), make([]float64, rows*in), make([]float64, out*in), make([]float64, out)
	f := func() float64 {
		Linear(y, x, w, b, in, out)
		return inner(dy, y)
	}
	LinearGradient(dx, dw, db, dy, x, w, in, out)
	wantSlopes(t, "dx", dx, x, f)
	wantSlopes(t, "dw", dw, w, f)
	wantSlopes(t, "db", db, b, f)
}

var plainActivations = map[Activation]func(float64) float64{
	Tanh: math.Tanh,
	ReLU: func(x float64) float64 { return math.Max(x, 0) },
	GELU: func(x float64) float64 { return x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x))) },
}

func TestActivations(t *testing.T) {
	for a, phi := range plainActivations {
		t.Run(a.String(), func(t *testing.T) {
			r := rand.New(rand.NewPCG(2, 0))
			x, dy := random[float64](r, 37), random[float64](r, 37)
			y, want := make([]float64, 37), make([]float64, 37)
			for i, v := range x {
				want[i] = phi(v)
			}
			Activate(a, y, x)
			wantNear(t, "y", y, want, 8)
			dx := append([]float64(nil), dy...)
			ActivateGradient(a, dx, dx, y, x)
			wantSlopes(t, "dx", dx, x, func() float64 {
				Activate(a, y, x)
				return inner(dy, y)
			})
			testActivation32(t, a, x, dx, dy, want)
		})
	}
}

// testActivation32 compares results in float32 with those in float64.
func testActivation32(t *testing.T, a Activation, x, dx, dy, y []float64) {
	x32, dy32, y32 := make([]float32, len(x)), make([]float32, len(x)), make([]float32, len(x))
	for i, v := range x {
		x32[i], dy32[i] = float32(v), float32(dy[i])
	}
	Activate(a, y32, x32)
	wantNear(t, "float32 y", y32, y, 4)
	ActivateGradient(a, dy32, dy32, y32, x32)
	wantNear(t, "float32 dx", dy32, dx, 8)
}

func TestActivationNames(t *testing.T) {
	for _, a := range []Activation{Tanh, ReLU, GELU} {
		var b Activation
		if err := b.UnmarshalText([]byte(a.String())); err != nil || b != a {
			t.Errorf("%v is read as %v, %v", a, b, err)
		}
	}
	var a Activation
	const want = `unknown activation "rleu"; did you mean "relu"?`
	if err := a.UnmarshalText([]byte("rleu")); err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestLayerNorm(t *testing.T) {
	const rows, n = 3, 9
	r := rand.New(rand.NewPCG(3, 0))
	x, gain, bias, dy := random[float64](r, rows*n), random[float64](r, n), random[float64](r, n), random[float64](r, rows*n)
	y, mean, inverse := make([]float64, rows*n), make([]float64, rows), make([]float64, rows)
	f := func() float64 {
		LayerNorm(y, x, gain, bias, mean, inverse)
		return inner(dy, y)
	}
	f()
	wantNear(t, "y", y, plainLayerNorm(x, gain, bias), 20)
	dgain, dbias := make([]float64, n), make([]float64, n)
	dx := append([]float64(nil), dy...)
	LayerNormGradient(dx, dgain, dbias, dx, x, gain, mean, inverse)
	wantSlopes(t, "dx", dx, x, f)
	wantSlopes(t, "dgain", dgain, gain, f)
	wantSlopes(t, "dbias", dbias, bias, f)
	once := append([]float64(nil), dgain...)
	LayerNormGradient(dx, dgain, dbias, dy, x, gain, mean, inverse)
	for i, v := range once { // gradients of parameters are added
		once[i] = 2 * v
	}
	wantNear(t, "dgain after two passes", dgain, once, 4)
}

func plainLayerNorm(x, gain, bias []float64) []float64 {
	n := len(gain)
	y := make([]float64, len(x))
	for lo := 0; lo < len(x); lo += n {
		mean, variance := 0.0, 0.0
		for _, v := range x[lo : lo+n] {
			mean += v / float64(n)
		}
		for _, v := range x[lo : lo+n] {
			variance += (v - mean) * (v - mean) / float64(n)
		}
		for j, v := range x[lo : lo+n] {
			y[lo+j] = (v-mean)/math.Sqrt(variance+1e-5)*gain[j] + bias[j]
		}
	}
	return y
}

func TestCrossEntropy(t *testing.T) {
	const rows, k = 4, 5
	r := rand.New(rand.NewPCG(4, 0))
	scores, classes := random[float64](r, rows*k), []int{2, 0, 4, 2}
	losses, want := make([]float64, rows), make([]float64, rows)
	for i, c := range classes {
		sum := 0.0
		for _, z := range scores[i*k : (i+1)*k] {
			sum += math.Exp(z)
		}
		want[i] = math.Log(sum) - scores[i*k+c]
	}
	grad := append([]float64(nil), scores...)
	CrossEntropyGradient(losses, grad, classes, 0.25)
	wantNear(t, "losses with a gradient", losses, want, 4)
	wantSlopes(t, "gradient", grad, scores, func() float64 {
		CrossEntropy(losses, scores, classes)
		return 0.25 * (losses[0] + losses[1] + losses[2] + losses[3])
	})
	CrossEntropy(losses, scores, classes)
	wantNear(t, "losses", losses, want, 4)
}

// TestNoRows calls the layers with batches without examples.
func TestNoRows(t *testing.T) {
	w, mean := make([]float64, 6), []float64{}
	Linear(nil, nil, w, nil, 2, 3)
	LinearGradient(nil, w, nil, nil, nil, w, 2, 3)
	LayerNorm(nil, nil, w, w, mean, mean)
	CrossEntropyGradient[float64](nil, nil, nil, 1)
}

func TestPanics(t *testing.T) {
	v := make([]float64, 6)
	for want, f := range map[string]func(){
		"nn: len(x) = 6, want a multiple of the length of a row, 4": func() { Linear(v, v, v, nil, 4, 1) },
		"nn: len(y) = 6, want 4":                                    func() { Linear(v, v, v, nil, 3, 2) },
		"nn: len(w) = 6, want 9":                                    func() { Linear(v, v, v, nil, 3, 3) },
		"nn: len(dy) = 6, want 2":                                   func() { LinearGradient(v, v, nil, v, v, v, 3, 1) },
		"nn: len(dx) = 5, want 6":                                   func() { ActivateGradient(Tanh, v[:5], v, v, v) },
		"nn: len(mean) = 6, want 2":                                 func() { LayerNorm(v, v, v[:3], v[:3], v, v) },
		"nn: len(scores) = 6, want 4":                               func() { CrossEntropy(v[:4], v, make([]int, 4)) },
		"nn: len(losses) = 6, want 2":                               func() { CrossEntropy(v, v, []int{0, 1}) },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, want) {
					t.Errorf("panics with %q, want %q", got, want)
				}
			}()
			f()
		}()
	}
}
