package gpt

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"steepest/internal/subnormal"
	"steepest/param"
)

// reference returns the scores of one window, computed by plain loops.
func reference(c Config, x []float64, tokens []uint32) [][]float64 {
	w := newWeights[float64](c)
	w.of(x)
	rms := func(x []float64) []float64 {
		square := 0x1p-23
		for _, v := range x {
			square += v * v / float64(len(x))
		}
		y := make([]float64, len(x))
		for i, v := range x {
			y[i] = v / math.Sqrt(square)
		}
		return y
	}
	layerNorm := func(x []float64, n norm[float64]) []float64 {
		if c.RMSNorm {
			return rms(x)
		}
		mean, variance := 0.0, 0.0
		for _, v := range x {
			mean += v / float64(len(x))
		}
		for _, v := range x {
			variance += (v - mean) * (v - mean) / float64(len(x))
		}
		y := make([]float64, len(x))
		for i, v := range x {
			y[i] = (v-mean)/math.Sqrt(variance+1e-5)*n.gain[i] + n.bias[i]
		}
		return y
	}
	apply := func(x []float64, l linear[float64]) []float64 {
		y := slices.Clone(l.b)
		for i := range y {
			for j, v := range x {
				y[i] += v * l.w[i*len(x)+j]
			}
		}
		return y
	}
	add := func(x, y []float64) {
		for i, v := range y {
			x[i] += v
		}
	}
	stream := make([][]float64, len(tokens))
	for t, token := range tokens {
		stream[t] = slices.Clone(w.wte[int(token)*c.Width:][:c.Width])
		if !c.Rotary {
			add(stream[t], w.wpe[t*c.Width:][:c.Width])
		}
	}
	d := c.Width / c.Heads
	for _, b := range w.blocks {
		var qkv [][]float64
		for t, x := range stream {
			row := apply(layerNorm(x, b.norm1), b.qkv)
			for at := 0; at < 2*c.Width; at += d {
				if c.QKNorm {
					copy(row[at:at+d], rms(row[at:at+d]))
				}
				for i := 0; c.Rotary && i < d/2; i++ { // as numbers a + ib, times e^(−iθ)
					angle := float64(t) / math.Pow(10000, 2*float64(i)/float64(d))
					turned := complex(row[at+i], row[at+d/2+i]) * cmplx.Exp(complex(0, -angle))
					row[at+i], row[at+d/2+i] = real(turned), imag(turned)
				}
			}
			qkv = append(qkv, row)
		}
		for t, x := range stream {
			var heads []float64
			for h := range c.Heads {
				weights, sum := make([]float64, t+1), 0.0
				for s := range weights {
					score := 0.0
					for i := range d {
						score += qkv[t][h*d+i] * qkv[s][c.Width+h*d+i]
					}
					weights[s] = math.Exp(score / math.Sqrt(float64(d)))
					sum += weights[s]
				}
				for i := range d {
					y := 0.0
					for s, weight := range weights {
						y += weight / sum * qkv[s][2*c.Width+h*d+i]
					}
					heads = append(heads, y)
				}
			}
			add(x, apply(heads, b.proj))
		}
		for _, x := range stream {
			up := apply(layerNorm(x, b.norm2), b.up)
			for i, v := range up {
				if c.SquaredReLU {
					up[i] = max(v, 0) * max(v, 0)
					continue
				}
				up[i] = 0.5 * v * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(v+0.044715*v*v*v)))
			}
			add(x, apply(up, b.down))
		}
	}
	logits := make([][]float64, len(tokens))
	for t, x := range stream {
		logits[t] = apply(layerNorm(x, w.norm), linear[float64]{w: w.head, b: make([]float64, c.Vocab)})
		for i, z := range logits[t] {
			if c.Softcap != 0 {
				logits[t][i] = c.Softcap * math.Tanh(z/c.Softcap)
			}
		}
	}
	return logits
}

// referenceLoss is the mean cross entropy of windows by plain loops.
func referenceLoss(c Config, x []float64, text []uint32, length int, batch []uint32) float64 {
	sum := 0.0
	for _, i := range batch {
		window := text[int(i)*length:][:length+1]
		for t, row := range reference(c, x, window[:length]) {
			total := 0.0
			for _, z := range row {
				total += math.Exp(z)
			}
			sum += math.Log(total) - row[window[t+1]]
		}
	}
	return sum / float64(len(batch)*length)
}

// shape draws a small model, a window, and a text of some of them.
func shape(t *rapid.T) (c Config, length int, text []uint32) {
	c.Heads = rapid.IntRange(1, 3).Draw(t, "heads")
	c.Width = c.Heads * rapid.IntRange(4, 9).Draw(t, "width of a head") // layer norm of two numbers that are near each other loses all digits
	c.Layers = rapid.IntRange(1, 3).Draw(t, "layers")
	c.Vocab = rapid.IntRange(2, 40).Draw(t, "vocabulary")
	length = rapid.SampledFrom([]int{1, 2, 5, 63, 64, 65, 130}).Draw(t, "length")
	c.Context = length + rapid.IntRange(0, 3).Draw(t, "more context")
	c.Untied = rapid.Bool().Draw(t, "untied")
	c.RMSNorm, c.QKNorm, c.SquaredReLU = rapid.Bool().Draw(t, "RMS"), rapid.Bool().Draw(t, "QK"), rapid.Bool().Draw(t, "ReLU²")
	c.Rotary = c.headWidth()%2 == 0 && rapid.Bool().Draw(t, "rotary")
	c.Softcap = rapid.SampledFrom([]float64{0, 0.2, 30}).Draw(t, "softcap")
	return c, length, lcg(c.Vocab, 3*length+1)
}

// TestReference compares scores, loss and gradient of any shape with plain loops and their differences.
func TestReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, length, text := shape(t)
		x := exact[float64](c)
		p := must(New[float64](c, Cut(text, length), length))
		logits := Logits(c, x, text[:length])
		single := Logits(c, param.As[float32](x), text[:length])
		for s, row := range reference(c, x, text[:length]) {
			for v, want := range row {
				if got := logits[s*c.Vocab+v]; math.Abs(got-want) > 1e-12 {
					t.Fatalf("score %d of token %d is %v, want %v", v, s, got, want)
				}
				if got := float64(single[s*c.Vocab+v]); math.Abs(got-want) > 2e-5 {
					t.Fatalf("in float32, score %d of token %d is %v, want %v", v, s, got, want)
				}
			}
		}
		batch := []uint32{2, 0, 2}
		grad := make([]float64, len(x))
		if got, want := p.Grad(grad, x, batch), referenceLoss(c, x, text, length, batch); !within(got, want, 1e-13) {
			t.Fatalf("the loss is %v, want %v", got, want)
		}
		grad32 := make([]float32, len(x))
		must(New[float32](c, Cut(text, length), length)).Grad(grad32, param.As[float32](x), batch)
		off := norm2(difference(param.As[float64](grad32), grad))
		if off > 1e-4*norm2(grad) {
			t.Fatalf("the gradient of float32 is off by %v of %v", off, norm2(grad))
		}
	})
}

func difference(x, y []float64) []float64 {
	d := slices.Clone(x)
	for i, v := range y {
		d[i] -= v
	}
	return d
}

// TestDirections compares the gradient of every tensor, along a random direction, with differences of the loss.
func TestDirections(t *testing.T) {
	plain := Config{Vocab: 31, Context: 70, Layers: 2, Heads: 3, Width: 24}
	for _, change := range []func(c *Config){
		func(*Config) {}, func(c *Config) { c.Untied = true }, func(c *Config) { c.RMSNorm = true }, func(c *Config) { c.QKNorm = true },
		func(c *Config) { c.Rotary = true }, func(c *Config) { c.SquaredReLU = true }, func(c *Config) { c.Softcap = 0.3 },
		func(c *Config) {
			c.Untied, c.RMSNorm, c.QKNorm, c.Rotary, c.SquaredReLU, c.Softcap = true, true, true, true, true, 0.3
		},
	} {
		c := plain
		change(&c)
		p, x := problem[float64](t, c, 2, 67), exact[float64](c)
		grad := make([]float64, len(x))
		p.Grad(grad, x, nil)
		r, start := rand.New(rand.NewPCG(1, 0)), 0
		for _, q := range c.Params() {
			part := x[start:][:q.Size()]
			direction, slope := make([]float64, len(part)), 0.0
			for i := range direction {
				direction[i] = r.NormFloat64()
			}
			for i, d := range direction {
				direction[i] = d / norm2(direction)
			}
			for i, d := range direction {
				slope += d * grad[start+i]
			}
			at := func(step float64) float64 {
				before := slices.Clone(part)
				for i, d := range direction {
					part[i] += step * d
				}
				loss := p.Loss(x, nil)
				copy(part, before)
				return loss
			}
			h, rounding := 2e-3, 1e-12
			switch {
			case c.SquaredReLU: // whose second derivative jumps
				h, rounding = 2e-5, 1e-9
			case c.QKNorm: // which queries and keys of this size bend
				h, rounding = 2e-4, 1e-11
			}
			// The error of this difference is of the order h⁴ where the function is smooth.
			got := (8*(at(h)-at(-h)) - (at(2*h) - at(-2*h))) / (12 * h)
			scale := norm2(grad[start:][:q.Size()])
			if math.Abs(got-slope) > 1e-7*scale+rounding {
				t.Errorf("%+v, %s: the slope is %v, by differences %v, of a gradient of length %v", c, q.Name, slope, got, scale)
			}
			start += q.Size()
		}
	}
}

// TestCausal: a token changes no score before it, to the bit, and a window is the start of a longer one.
func TestCausal(t *testing.T) {
	c := Config{Vocab: 17, Context: 200, Layers: 2, Heads: 2, Width: 16}
	x, text := exact[float32](c), lcg(17, 200)
	whole := Logits(c, x, text)
	for _, at := range []int{1, 63, 64, 65, 128, 199} {
		changed := slices.Clone(text)
		changed[at] = (changed[at] + 1) % 17
		other := Logits(c, x, changed)
		if !slices.Equal(other[:at*c.Vocab], whole[:at*c.Vocab]) {
			t.Errorf("token %d changes a score before it", at)
		}
		if slices.Equal(other[at*c.Vocab:][:c.Vocab], whole[at*c.Vocab:][:c.Vocab]) {
			t.Errorf("token %d changes nothing", at)
		}
		if short := Logits(c, x, text[:at]); norm2(difference(param.As[float64](short), param.As[float64](whole[:at*c.Vocab]))) > 1e-5 {
			t.Errorf("the scores of %d tokens are not those of the start of 200", at)
		}
	}
}

// TestUnseen: positions beyond the window, and tokens that do not occur, have no gradient if the head is a tensor of its own.
func TestUnseen(t *testing.T) {
	c := Config{Vocab: 50, Context: 20, Layers: 1, Heads: 2, Width: 8, Untied: true}
	text := []uint8{1, 2, 3, 4, 5, 6, 7}
	p := must(New[float64](c, Cut(text, 3), 3))
	grad := make([]float64, p.size)
	p.Grad(grad, exact[float64](c), nil)
	g := newWeights[float64](c)
	g.of(grad)
	if norm2(g.wpe[3*8:]) != 0 || norm2(g.wpe[:3*8]) == 0 {
		t.Error("the positions with a gradient are not those of the window")
	}
	for token := range c.Vocab {
		if length := norm2(g.wte[token*8:][:8]); (length != 0) != (1 <= token && token <= 6) {
			t.Errorf("the gradient of token %d has the length %v", token, length)
		}
	}
}

// TestBatches: the result for a batch is the mean over its parts, in any order, also if the batch takes several passes through the
// network.
func TestBatches(t *testing.T) {
	c := Config{Vocab: 40, Context: 300, Layers: 2, Heads: 2, Width: 12}
	p, x := problem[float64](t, c, 7, 300), exact[float64](c)
	batch := []uint32{5, 0, 6, 3, 3, 1}
	whole, part, sum := make([]float64, p.size), make([]float64, p.size), make([]float64, p.size)
	loss, mean := p.Grad(whole, x, batch), 0.0
	for _, i := range batch {
		mean += p.Grad(part, x, []uint32{i}) / 6
		for j, v := range part {
			sum[j] += v / 6
		}
	}
	if !within(loss, mean, 1e-15) || norm2(difference(whole, sum)) > 1e-15*norm2(whole)*10 {
		t.Errorf("loss %v, of the parts %v; the gradients differ by %v of %v", loss, mean, norm2(difference(whole, sum)), norm2(whole))
	}
	slices.Reverse(batch)
	if reversed := p.Grad(part, x, batch); !within(loss, reversed, 1e-15) || norm2(difference(whole, part)) > 1e-14*norm2(whole) {
		t.Errorf("loss %v, and %v of the reversed batch", loss, reversed)
	}
}

// TestSameBits: for any number of processors.
func TestSameBits(t *testing.T) {
	testSameBits[float32](t)
	testSameBits[float64](t)
}

func testSameBits[T param.Float](t *testing.T) {
	c := Config{Vocab: 300, Context: 150, Layers: 1, Heads: 2, Width: 72}
	p, x := problem[T](t, c, 7, 150), exact[T](c) // two passes
	one, several := make([]T, p.size), make([]T, p.size)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	loss := p.Grad(one, x, nil)
	for _, n := range []int{2, 5} {
		runtime.GOMAXPROCS(n)
		if other := p.Grad(several, x, nil); other != loss || !slices.Equal(several, one) {
			t.Errorf("%T: %d processors make another gradient than one", *new(T), n)
		}
	}
}

// TestSubnormals: tokens that never occur get probabilities near the smallest normal number, as in a trained model. The gradient holds no
// subnormal numbers then, and differs from that in float64 as little as float32 allows.
func TestSubnormals(t *testing.T) {
	before := subnormal.Flush()
	flushed := subnormal.Current() != before
	before.Restore()
	if !flushed {
		t.Skip("this build keeps subnormal numbers")
	}
	c := Config{Vocab: 60, Context: 64, Layers: 2, Heads: 2, Width: 24}
	const seen = 40
	text := Cut(lcg(seen, 3*64+1), 64)
	p, double := must(New[float32](c, text, 64)), must(New[float64](c, text, 64))
	x := exact[float32](c)
	for i := range c.Width {
		for token := seen; token < c.Vocab; token++ { // scores from −65 to −110
			x[token*c.Width+i] = -0.9 - 0.03*float32(token-seen)
		}
		x[len(x)-c.Width+i] = 3 // the bias of the last layer norm
	}
	grad, want := make([]float32, p.size), make([]float64, p.size)
	p.Grad(grad, x, nil)
	double.Grad(want, param.As[float64](x), nil)
	tiny := 0
	for i, v := range grad {
		if v != 0 && math.Abs(float64(v)) < 0x1p-126 {
			t.Fatalf("number %d of the gradient is subnormal: %v", i, v)
		}
		if want[i] != 0 && math.Abs(want[i]) < 0x1p-126 {
			tiny++
		}
	}
	if tiny < 100 {
		t.Fatalf("in float64 %d numbers of the gradient are that small, want more", tiny)
	}
	if d := norm2(difference(param.As[float64](grad), want)); d > 1e-6*norm2(want) {
		t.Errorf("the gradient differs by %v of %v from that in float64", d, norm2(want))
	}
}
