package gpt

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"unsafe"

	"steepest/internal/simd"
	"steepest/param"
)

// lcg returns n tokens of the generator that testdata/golden.py has.
func lcg(vocab, n int) []uint32 {
	text, s := make([]uint32, n), uint32(1)
	for i := range text {
		s = s*1664525 + 1013904223
		text[i] = s >> 8 % uint32(vocab)
	}
	return text
}

// problem returns the problem of b windows of length tokens of lcg.
func problem[T param.Float](t testing.TB, c Config, b, length int) *NextToken[T] {
	t.Helper()
	p, err := New[T](c, Cut(lcg(c.Vocab, b*length+1), length), length)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestGoldenTiny(t *testing.T) {
	want := goldenOf(t).Exact
	testExact(t, problem[float64](t, tiny, 2, 32), 2, want, 1e-12)
	testExact(t, problem[float32](t, tiny, 2, 32), 2, want, 5e-6)
	want = goldenOf(t).Speedrun
	testExact(t, problem[float64](t, speedrun, 2, 32), 2, want, 1e-12)
	testExact(t, problem[float32](t, speedrun, 2, 32), 2, want, 1e-5)
}

// TestBF16 compares the loss and the gradient of a pass in bfloat16 with PyTorch's. If PyTorch rounds the same numbers and nothing else, results
// differ only where the rounding of float32 crosses a border of bfloat16: by 2⁻⁸ in one number of some ten thousand, and nowhere in these windows of
// five tokens. With autocast it also rounds what the streams add. In two blocks these are some ten roundings, each 2⁻⁹ in the mean and less than 2⁻⁶
// together.
func TestBF16(t *testing.T) {
	g := goldenOf(t)
	for _, c := range []struct {
		name           string
		batch, length  int
		want           first
		loss, gradient float64 // tolerances
	}{{"rounded operands", 3, 5, g.Rounded, 1e-8, 1e-6}, {"autocast", 2, 32, g.Autocast, 0x1p-9, 0x1p-6}} {
		p, x := problem[float32](t, tiny, c.batch, c.length), exact[float32](tiny)
		p.BF16 = true
		grad := make([]float32, len(x))
		loss := p.Grad(grad, x, nil)
		if again := p.Loss(x, nil); loss != again {
			t.Errorf("Loss is %v, Grad's %v", again, loss)
		}
		var far, all float64 // of the entries, each in the unit of its tensor's norm
		each(p.Params(), grad, func(q param.Param, part []float32) {
			w := c.want.Gradients[q.Name]
			for i, entry := range w.Entries {
				far += math.Pow((float64(part[i*max(1, len(part)/5)])-entry)/w.Norm, 2)
				all += math.Pow(entry/w.Norm, 2)
			}
		})
		far = math.Sqrt(far / all)
		t.Log(c.name, loss, c.want.Loss, far)
		if !within(loss, c.want.Loss, c.loss) || !(far <= c.gradient) {
			t.Errorf("%s: the loss is %v, PyTorch has %v; the gradient is off by %.2g", c.name, loss, c.want.Loss, far)
		}
	}
}

// TestBF16Attention compares the gradient of rounded products with that of float32 for windows of several tiles of queries. Rounding the
// operands of some twenty products, each by 2⁻⁹ in the mean, moves it by less than 2⁻⁶.
func TestBF16Attention(t *testing.T) {
	c := tiny
	c.Context = 3*tile + 5
	r := rand.New(rand.NewPCG(3, 4))
	p := problem[float32](t, c, 2, c.Context)
	x := make([]float32, p.size)
	for i := range x {
		x[i] = float32(0.1 * r.NormFloat64())
	}
	exact, rounded := make([]float32, len(x)), make([]float32, len(x))
	p.Grad(exact, x, nil)
	p.BF16 = true
	p.Grad(rounded, x, nil)
	simd.Axpy(-1, exact, rounded)
	if far := simd.Norm(rounded) / simd.Norm(exact); !(1e-4 < far && far < 0x1p-6) {
		t.Errorf("the gradient is off by %.2g", far)
	}
}

// TestBF16Bits: the gradient of rounded products does not depend on the number of processors, one window of one token included.
func TestBF16Bits(t *testing.T) {
	for _, shape := range [][2]int{{3, 17}, {1, 1}} {
		p, x := problem[float32](t, tiny, shape[0], shape[1]), exact[float32](tiny)
		p.BF16 = true
		var want []float32
		for _, workers := range []int{1, 2, 3} {
			before := runtime.GOMAXPROCS(workers)
			grad := make([]float32, len(x))
			p.Grad(grad, x, nil)
			runtime.GOMAXPROCS(before)
			if want == nil {
				want = grad
			}
			if !slices.Equal(grad, want) {
				t.Errorf("B=%d, T=%d: %d workers change bits", shape[0], shape[1], workers)
			}
		}
	}
}

// testExact compares loss, logits and gradients at the exact parameters with PyTorch's.
func testExact[T param.Float](t *testing.T, p *NextToken[T], b int, want first, tolerance float64) {
	t.Helper()
	x := exact[T](p.Config)
	grad := make([]T, len(x))
	near := func(name string, got, want, scale float64) {
		t.Helper()
		if !(math.Abs(got-want) <= tolerance*scale) {
			t.Errorf("%T: %s = %.16g, PyTorch has %.16g", *new(T), name, got, want)
		}
	}
	for i := range grad { // which Grad stores, whatever was there
		grad[i] = T(math.NaN())
	}
	near("loss", p.Grad(grad, x, nil), want.Loss, want.Loss)
	if loss, again := p.Loss(x, nil), p.Grad(grad, x, nil); loss != again {
		t.Errorf("Loss is %v, Grad's %v", loss, again)
	}
	near("norm", norm2(grad), want.Norm, want.Norm)
	each(p.Params(), grad, func(q param.Param, part []T) {
		w := want.Gradients[q.Name]
		near("‖"+q.Name+"‖", norm2(part), w.Norm, w.Norm)
		step := max(1, len(part)/5)
		for i, entry := range w.Entries {
			near(q.Name, float64(part[i*step]), entry, w.Norm)
		}
	})
	var logits []T
	for i := range b {
		logits = append(logits, Logits(p.Config, x, lcg(p.Vocab, b*p.length+1)[i*p.length:][:p.length])...)
	}
	near("‖logits‖", norm2(logits), want.LogitsNorm, want.LogitsNorm)
	for i, w := range want.Logits {
		near("logit", float64(logits[i*want.Stride]), w, 1)
	}
}

// TestGoldenSmall is GPT-2 (124M) with one window of 64 tokens.
func TestGoldenSmall(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("takes seconds, and a gibibyte")
	}
	want := goldenOf(t).Small
	p := problem[float32](t, small, 1, 64)
	x := smallStart()
	grad := make([]float32, len(x))
	if loss := p.Grad(grad, x, nil); !(math.Abs(loss-want.Loss) <= 2e-5) {
		t.Errorf("the loss is %.8g, PyTorch has %.8g", loss, want.Loss)
	}
	if norm := norm2(grad); !(math.Abs(norm-want.Norm) <= 1e-3) {
		t.Errorf("the norm of the gradient is %.8g, PyTorch has %.8g", norm, want.Norm)
	}
	each(p.Params(), grad, func(q param.Param, part []float32) {
		if got, w := norm2(part), want.Gradients[q.Name].Norm; !within(got, w, 5e-6) {
			t.Errorf("‖d %s‖ = %.8g, PyTorch has %.8g", q.Name, got, w)
		}
	})
	if !slices.ContainsFunc(grad, func(v float32) bool { return v != 0 }) {
		t.Error("the gradient is 0")
	}
}

// TestRecompute: recomputed activations give the same bits in less memory. Memory returns the bytes of both.
func TestRecompute(t *testing.T) {
	c := Config{Vocab: 70, Context: 300, Layers: 5, Heads: 2, Width: 24}
	testRecompute[float32](t, c, false)
	testRecompute[float32](t, c, true)
	testRecompute[float64](t, c, false)
	c.RMSNorm, c.QKNorm, c.Rotary, c.SquaredReLU, c.Softcap = true, true, true, true, 0.5
	testRecompute[float32](t, c, false)
	testRecompute[float32](t, c, true)
}

func testRecompute[T param.Float](t *testing.T, c Config, bf16 bool) {
	p, x := problem[T](t, c, 7, 300), exact[T](c) // three passes
	p.BF16 = bf16
	kept, anew := make([]T, p.size), make([]T, p.size)
	memory := p.Memory(7)
	loss := p.Grad(kept, x, nil)
	taken := held(p)
	p = problem[T](t, c, 7, 300)
	p.Recompute, p.BF16 = true, bf16
	if other := p.Grad(anew, x, nil); other != loss || !slices.Equal(anew, kept) {
		t.Errorf("%T: losses %v and %v, gradients that differ by %v", *new(T), loss, other, norm2(difference(param.As[float64](anew), param.As[float64](kept))))
	}
	if bf16 && !simd.HasBF16Products() { // gemm holds more than the workspace
		return
	}
	for _, m := range []struct{ said, taken float64 }{{memory, taken}, {p.Memory(7), held(p)}} {
		if !within(m.said, m.taken, 0.01) {
			t.Errorf("%T: %v bytes are said, and %v taken", *new(T), m.said, m.taken)
		}
	}
	if less := p.Memory(7); less > 0.52*memory || p.Memory(1) > 0.5*less {
		t.Errorf("%T: %v bytes of %v, and %v of one window", *new(T), less, memory, p.Memory(1))
	}
}

// held returns the bytes of the vectors of the workspace of a problem.
func held[T param.Float](p *NextToken[T]) float64 {
	w := p.spare[0]
	parts := [][]T{w.mean, w.r, w.dstream, w.dnarrow, w.dnormals}
	either := []stored[T]{w.active, w.final, w.scores, w.dwide}
	parts = append(append(parts, w.streams...), w.heads...)
	for _, b := range w.buffers {
		parts = append(parts, b[:]...)
	}
	for _, a := range w.blocks {
		either = append(either, a.norm1, a.qkv, a.attended, a.norm2, a.up)
		parts = append(parts, a.middle, a.mean1, a.r1, a.mean2, a.r2, a.rqk)
	}
	n, halves := 0, 0
	for _, s := range either {
		parts, halves = append(parts, s.values), halves+cap(s.half)
	}
	for _, part := range parts {
		n += cap(part)
	}
	return 2*float64(halves) + float64(n)*float64(unsafe.Sizeof(T(0))) + float64(4*(cap(w.inputs)+cap(w.targets)+cap(w.window))+8*cap(w.losses))
}
