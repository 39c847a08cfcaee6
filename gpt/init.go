package gpt

import (
	"math"
	"strings"

	"steepest/internal/parallel"
	"steepest/internal/simd"
	"steepest/param"
)

// Start returns the initial parameters of GPT-2: biases 0, gains 1, weights and embeddings normal with the standard deviation 0.02. The
// two projections of each block that add to the stream have the deviation 0.02/√(2L). An Untied head is 0.
//
// The numbers are those of PyTorch with torch.manual_seed(seed) and normal_ in float32, drawn in the order of llm.c. They agree to two
// units in the last place: PyTorch's float32 logarithms and cosines differ between processors.
func Start[T param.Float](c Config, seed uint32) []T {
	w := newWeights[T](c)
	x := simd.LargePages(make([]T, c.size()))
	w.of(x)
	var g mt19937
	g.seed(seed)
	for i, p := range w.params {
		switch part := *w.parts[i]; {
		case p.Role == param.Gain:
			for j := range part {
				part[j] = 1
			}
		case strings.HasSuffix(p.Name, "c_proj.weight"):
			normal(&g, part, 0.02/math.Sqrt(float64(2*c.Layers)))
		case p.Role != param.Bias && p.Role != param.Head:
			normal(&g, part, 0.02)
		}
	}
	return x
}

// normal fills v with normal random numbers by the Box–Muller method, as normal_ does for float32. Sixteen uniform numbers make sixteen
// normal ones. If the length is not a multiple of sixteen, the last sixteen are drawn again. Fewer than sixteen numbers are made in
// pairs, in float64.
func normal[T param.Float](g *mt19937, v []T, deviation float64) {
	if len(v) < 16 {
		for i := range v {
			if i%2 == 1 {
				continue // the second of a pair
			}
			angle, u := 2*math.Pi*g.float64(), g.float64()
			radius := math.Sqrt(-2 * math.Log1p(-u))
			v[i] = T(float32(radius * math.Cos(angle) * deviation))
			if i+1 < len(v) {
				v[i+1] = T(float32(radius * math.Sin(angle) * deviation))
			}
		}
		return
	}
	draw := func(v []T) {
		for i := range v {
			v[i] = T(g.float32())
		}
	}
	const piece = 1 << 14 // a multiple of sixteen
	draw(v)
	whole := v[:len(v)/16*16]
	parallel.For((len(whole)+piece-1)/piece, func(_, i int) {
		boxMuller(whole[i*piece:min((i+1)*piece, len(whole))], deviation)
	})
	if len(whole) < len(v) {
		end := v[len(v)-16:]
		draw(end)
		boxMuller(end, deviation)
	}
}

// boxMuller turns each group of sixteen uniform numbers of v into normal ones. u and u′, eight places apart, become √(−2 ln(1 − u)) times
// the cosine and the sine of 2πu′. Each operation is rounded to float32.
func boxMuller[T param.Float](v []T, deviation float64) {
	for ; len(v) > 0; v = v[16:] {
		for i := range 8 {
			log := float32(math.Log(1 - float64(v[i])))
			radius := float32(math.Sqrt(float64(-2 * log)))
			angle := float32(2*math.Pi) * float32(v[i+8])
			sin, cos := math.Sincos(float64(angle))
			v[i], v[i+8] = T(radius*float32(cos)*float32(deviation)), T(radius*float32(sin)*float32(deviation))
		}
	}
}
