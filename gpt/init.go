package gpt

import (
	"math"
	"strings"

	"steepest/internal/parallel"
	"steepest/param"
)

// Start returns the parameters of a new model as GPT-2 begins: biases 0, gains 1, weights and embeddings normal with the standard
// deviation 0.02, and 0.02/√(2L) for the two of each block that add to what runs through it. A head of its own is 0.
//
// The numbers are those of PyTorch with torch.manual_seed(seed) and normal_ in float32, in the order in which llm.c draws them, to two
// units in the last place: its logarithms and cosines are of float32, and differ with the processor.
func Start[T param.Float](c Config, seed uint32) []T {
	w := newWeights[T](c)
	x := make([]T, c.size())
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

// normal fills v with numbers of the normal distribution by Box and Muller, as normal_ does for float32. Sixteen uniform numbers make
// as many normal ones; those of an end that is no sixteen are drawn anew with those before them. Fewer than sixteen come in pairs, of
// float64.
func normal[T param.Float](g *mt19937, v []T, deviation float64) {
	if len(v) < 16 {
		for i := range v {
			if i%2 == 1 {
				continue // made with the one before
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

// boxMuller makes each sixteen uniform numbers of v normal: of u and u′, eight places apart, √(−2 ln(1 − u)) times the cosine and the
// sine of 2πu′, with each step rounded to float32.
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
