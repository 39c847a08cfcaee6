package nn

import (
	"math"
	"math/rand/v2"

	"steepest/param"
)

// layer says where the parameters of a linear layer and of the norm after it are in x. The spans of missing parameters are
// empty.
type layer struct {
	in, out                   int
	weight, bias, gain, shift span
}

// normed reports whether a norm follows.
func (l layer) normed() bool { return l.gain.hi > 0 }

// span is a part of x.
type span struct{ lo, hi int }

// part returns the part of v, or nil for the empty span.
func part[T param.Float](v []T, s span) []T {
	if s.lo == s.hi {
		return nil
	}
	return v[s.lo:s.hi]
}

// add appends a layer.
func (p *MLP[T]) add(name string, in, out int, role param.Role) {
	take := func(name string, role param.Role, shape ...int) span {
		q := param.Param{Name: name, Shape: shape, Role: role}
		p.params = append(p.params, q)
		p.size += q.Size()
		return span{p.size - q.Size(), p.size}
	}
	l := layer{in: in, out: out, weight: take(name+".weight", role, out, in)}
	if !p.NoBias {
		l.bias = take(name+".bias", param.Bias, out)
	}
	if p.LayerNorm && role == param.Hidden {
		l.gain = take(name+".norm.gain", param.Gain, out)
		l.shift = take(name+".norm.bias", param.Bias, out)
	}
	p.layers = append(p.layers, l)
}

// Params returns the layout of x: layer by layer, with weights of shape [outputs, inputs].
func (p *MLP[T]) Params() []param.Param { return p.params }

// Start returns a random x, a function of the seed: weights and biases are uniform in ±1/√inputs, the default of torch.nn.Linear;
// the gains of norms are 1 and their biases 0.
func (p *MLP[T]) Start(seed uint64) []T {
	x := make([]T, p.size)
	random := rand.New(rand.NewPCG(seed, 0))
	for _, l := range p.layers {
		bound := 1 / math.Sqrt(float64(l.in))
		for _, s := range []span{l.weight, l.bias} {
			for i := s.lo; i < s.hi; i++ {
				x[i] = T(bound * (2*random.Float64() - 1))
			}
		}
		for i := l.gain.lo; i < l.gain.hi; i++ {
			x[i] = 1
		}
	}
	return x
}
