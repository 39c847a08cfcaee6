package optim_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"steepest/optim"
	"steepest/param"
)

// wide is one matrix of 3 × 5.
var wide = []param.Param{{Name: "wide", Shape: []int{3, 5}, Role: param.Hidden}}

// waves returns a start and gradients for n numbers.
func waves(n, steps int) (x []float64, grads [][]float64) {
	for i := range n {
		x = append(x, math.Cos(float64(2*i)))
	}
	for k := range steps {
		g := make([]float64, n)
		for i := range g {
			g[i] = math.Sin(float64(i*(k+1))) + 0.3*math.Cos(float64(k+i*i))
		}
		grads = append(grads, g)
	}
	return x, grads
}

// moves returns the steps of a rule on given gradients.
func moves(t *testing.T, spec string, params []param.Param, x []float64, grads [][]float64) (moves [][]float64) {
	t.Helper()
	o, err := optim.New[float64](parse(t, spec), params)
	if err != nil {
		t.Fatal(err)
	}
	x = slices.Clone(x)
	for _, g := range grads {
		before := slices.Clone(x)
		if err := o.Step(x, g); err != nil {
			t.Fatal(err)
		}
		for i, v := range x {
			before[i] = v - before[i]
		}
		moves = append(moves, before)
	}
	return moves
}

// TestScheduledMomentum compares with a plain loop, which uses the momentum of each step.
func TestScheduledMomentum(t *testing.T) {
	x, grads := waves(7, 9)
	got := moves(t, "sgd:lr=0.5+average:linear(0.5,4,0.9,8,0.1),nesterov=true", tensors(7), x, grads)
	m := make([]float64, 7)
	for k, mu := range []float64{0.5, 0.6, 0.7, 0.8, 0.9, 0.7, 0.5, 0.3, 0.1} {
		want := make([]float64, 7)
		for i, g := range grads[k] {
			m[i] = mu*m[i] + (1-mu)*g
			want[i] = -0.5 * (mu*m[i] + (1-mu)*g)
		}
		same(t, fmt.Sprint("step ", k), got[k], want, 1e-14)
	}
	if _, err := optim.New[float64](parse(t, "sgd+average:linear(0.5,4,0.9),corrected=true"), tensors(7)); err == nil {
		t.Error("the bias of an average with a changing momentum is taken away")
	}
}

// TestScheduledContra: polar keeps no state, so each step is that of a chain whose contra is constant at the value of that step.
func TestScheduledContra(t *testing.T) {
	x, grads := waves(15, 6)
	got := moves(t, "sgd:lr=0.5+polar:exact,contra=linear(0.8,4,0)", wide, x, grads)
	for k, part := range []float64{0.8, 0.6, 0.4, 0.2, 0, 0} {
		spec := fmt.Sprintf("sgd:lr=0.5+polar:exact,contra=%v", part)
		same(t, spec, got[k], moves(t, spec, wide, x, grads)[k], 1e-12)
	}
}

// factorOf returns the polar factor of a matrix by Newton and Schulz's cubic iteration.
func factorOf(x []float64, rows, cols int) []float64 {
	x = times(1/norm(x), x)
	for range 80 {
		next := times(1.5, x)
		for i := range rows {
			for j := range rows {
				dot := 0.0
				for k := range cols {
					dot += x[i*cols+k] * x[j*cols+k]
				}
				for k := range cols {
					next[i*cols+k] -= dot * x[j*cols+k] / 2
				}
			}
		}
		x = next
	}
	return x
}

// largestOf returns the largest singular value of a 3 × 5 matrix by five steps of the power method from ones.
func largestOf(x []float64) float64 {
	right := []float64{1, 1, 1, 1, 1}
	for range 5 {
		left, next := make([]float64, 3), make([]float64, 5)
		for i, v := range x {
			left[i/5] += v * right[i%5]
		}
		for i, v := range x {
			next[i%5] += v * left[i/5]
		}
		right = times(1/norm(next), next)
	}
	left := make([]float64, 3)
	for i, v := range x {
		left[i/5] += v * right[i%5]
	}
	return norm(left)
}

// schatten returns the Schatten 4-norm of a 3 × 5 matrix.
func schatten(x []float64) float64 {
	var squares float64
	for i := range 3 {
		for j := range 3 {
			dot := 0.0
			for k := range 5 {
				dot += x[5*i+k] * x[5*j+k]
			}
			squares += dot * dot
		}
	}
	return math.Sqrt(math.Sqrt(squares))
}

// TestTemper: the polar factor moves towards the update in the unit of its largest singular value, or of the Schatten 4-norm.
func TestTemper(t *testing.T) {
	x, grads := waves(15, 6)
	for _, by := range []struct {
		option          string
		largest, length func([]float64) float64
	}{{"", largestOf, norm[float64]}, {",schatten=true", schatten, schatten}} {
		got := moves(t, "sgd:lr=0.5+polar:exact,contra=0.4,temper=linear(0,1,0,5,0.8)"+by.option, wide, x, grads)
		for k, part := range []float64{0, 0, 0.2, 0.4, 0.6, 0.8} {
			o, unit := factorOf(grads[k], 3, 5), times(1/by.largest(grads[k]), grads[k])
			rest, u := make([]float64, 15), make([]float64, 15)
			for i := range rest {
				rest[i] = unit[i] - o[i]
			}
			cut := min(1, by.length(o)/4/by.length(rest))
			if cut == 1 {
				t.Errorf("step %d is not cut", k)
			}
			for i := range u {
				u[i] = o[i] + part*cut*rest[i]
			}
			u = times(by.length(o)/by.length(u), u)
			for i := range u {
				u[i] -= 0.2 * unit[i]
			}
			same(t, fmt.Sprint("step ", k, by.option), got[k], times(-0.5*by.length(o)/by.length(u), u), 1e-12)
		}
	}
}

// TestBalanceRate: three polar factors, between which the columns are divided by a power of their lengths.
func TestBalanceRate(t *testing.T) {
	x, grads := waves(15, 4)
	got := moves(t, "sgd:lr=0.5+polar:exact,balance=3,balance-rate=0.25", wide, x, grads)
	for k, g := range grads {
		u, d := g, []float64{1, 1, 1, 1, 1}
		for pass := range 3 {
			for j := range d {
				square := 0.0
				for i := range 3 {
					square += u[5*i+j] * u[5*i+j]
				}
				if d[j] *= math.Pow(3./5/square, 0.25); pass == 0 {
					d[j] = 1 / math.Sqrt(square)
				}
			}
			u = make([]float64, 15)
			for i := range u {
				u[i] = d[i%5] * g[i]
			}
			u = factorOf(u, 3, 5)
		}
		same(t, fmt.Sprint("step ", k), got[k], times(-0.5, u), 1e-12)
	}
}

// TestScheduledLengths: brake and floor keep no state, so each step is that of a chain with the numbers of that step.
func TestScheduledLengths(t *testing.T) {
	x, grads := waves(15, 6)
	got := moves(t, "sgd:lr=0.01+brake:linear(0.8,4,0)+floor:linear(1,4,5)", wide, x, grads)
	for k := range grads {
		at := min(1, float64(k)/4)
		spec := fmt.Sprintf("sgd:lr=0.01+brake:%v+floor:%v", 0.8*(1-at), 1+4*at)
		start := slices.Clone(x)
		for _, move := range got[:k] {
			for i, v := range move {
				start[i] += v
			}
		}
		same(t, spec, got[k], moves(t, spec, wide, start, grads[k:k+1])[0], 1e-12)
	}
}

// square is one matrix of 2 × 2.
var square = []param.Param{{Name: "square", Shape: []int{2, 2}, Role: param.Hidden}}

// diagonals holds singular values for turned.
var diagonals = [][2]float64{{3, 4}, {0.5, 0.01}, {2, 0.3}, {1, 1e-3}}

// turned returns square matrices with given singular values, and with the singular vectors of two rotations.
func turned(diagonals [][2]float64) (matrices [][]float64) {
	for _, d := range diagonals {
		matrices = append(matrices, []float64{0.48*d[0] - 0.48*d[1], 0.36*d[0] + 0.64*d[1], -0.64*d[0] - 0.36*d[1], -0.48*d[0] + 0.48*d[1]})
	}
	return matrices
}

// TestSoft compares with a plain loop over singular values. The iterates keep the singular vectors, which are two rotations.
func TestSoft(t *testing.T) {
	weights := []float64{0.1091613623, 0.07085664498, 0.05210528973, 0.05457295795, 0.05011334061, 0.03334622198,
		0.05022104481, 0.1053727358, 0.1187323776, 0.1185061091, 0.1185059576, 0.1185059576}
	got := moves(t, "sgd:lr=0.5+polar:quintic,soft=linear(0,1,0,3,0.8)", square, make([]float64, 4), turned(diagonals))
	for k, part := range []float64{0, 0, 0.4, 0.8} {
		var polar, soft, u [2]float64
		for i, v := range diagonals[k] {
			x := v / math.Hypot(diagonals[k][0], diagonals[k][1])
			for _, weight := range weights {
				soft[i] += weight * x
				x = 2*x - 1.5*x*x*x + 0.5*x*x*x*x*x
			}
			polar[i] = x
		}
		length := math.Hypot(polar[0], polar[1])
		for i := range u {
			u[i] = (1-part)*polar[i] + part*soft[i]*length/math.Hypot(soft[0], soft[1])
		}
		want := times(-0.5*length/math.Hypot(u[0], u[1]), turned([][2]float64{u})[0])
		same(t, fmt.Sprint("step ", k), got[k], want, 1e-13)
	}
	for _, spec := range []string{"sgd+polar:soft=0.1", "sgd+polar:quintic,soft=0.1,balance=2"} {
		if _, err := optim.New[float64](parse(t, spec), wide); err == nil {
			t.Error("no error for", spec)
		}
	}
}

// TestRoots: a plain loop over singular values. Momentum and moments keep the singular vectors of the gradients.
func TestRoots(t *testing.T) {
	got := moves(t, "sgd:lr=0.5+average:0.6+roots:0.3,beta=0.8,eps=0", square, make([]float64, 4), turned(diagonals))
	var m, v [2]float64
	for k, d := range diagonals {
		for i, g := range d {
			m[i] = 0.6*m[i] + 0.4*g
			v[i] = 0.8*v[i] + 0.2*m[i]*m[i]
			d[i] = -0.5 * m[i] * math.Pow(v[i], -0.6)
		}
		same(t, fmt.Sprint("step ", k), got[k], turned([][2]float64{d})[0], 1e-12)
	}
}

// TestPolarPower compares with a plain loop over singular values; those of the polar factor are 1.
func TestPolarPower(t *testing.T) {
	got := moves(t, "sgd:lr=0.5+polar-power:exact,first=0.6,last=-0.4,half=1,width=2", square, make([]float64, 4), turned(diagonals))
	for k, d := range diagonals {
		p := -0.4 + 1/(1+math.Exp((float64(k)-1)/2))
		norm := math.Hypot(d[0], d[1])
		for i, v := range d {
			e := v*v/norm/norm - 1
			d[i] = -0.5 * math.Pow(norm, p) * (1 + p/2*e + p/4*(p/2-1)*e*e)
		}
		same(t, fmt.Sprint("step ", k), got[k], turned([][2]float64{d})[0], 1e-13)
	}
}

// TestLeastRoot: without bases, each element is divided by its root, which counts as at least half the root mean square of the roots.
func TestLeastRoot(t *testing.T) {
	x, grads := waves(15, 6)
	got := moves(t, "sgd:lr=1+eigenbasis:0.8,max-order=1,floor=0.5", wide, x, grads)
	v := make([]float64, 15)
	for k, g := range grads[1:] {
		mean, want := 0.0, make([]float64, 15)
		for i := range v {
			v[i] = 0.8*v[i] + 0.2*g[i]*g[i]
			mean += v[i] / 15
		}
		lifted := 0
		for i := range v {
			root := math.Sqrt(v[i])
			if least := 0.5 * math.Sqrt(mean); root < least {
				root = least
				lifted++
			}
			want[i] = -g[i] / root
		}
		if same(t, fmt.Sprint("step ", k+1), got[k+1], want, 1e-12); lifted == 0 || lifted == 15 {
			t.Errorf("step %d lifts %d of 15 roots", k+1, lifted)
		}
	}
}

// TestAddedUpdate: without bases, the division of each element by its root, and a part of the momentum.
func TestAddedUpdate(t *testing.T) {
	x, grads := waves(15, 6)
	plain := moves(t, "sgd:lr=1+average:0.5+eigenbasis:0.8,max-order=1", wide, x, grads)
	momentum := moves(t, "sgd:lr=1+average:0.5", wide, x, grads)
	got := moves(t, "sgd:lr=1+average:0.5+eigenbasis:0.8,max-order=1,add=7", wide, x, grads)
	for k := range grads {
		want := slices.Clone(plain[k])
		for i, v := range momentum[k] {
			if k > 0 { // the first step only sets the bases
				want[i] += 7 * v
			}
		}
		same(t, fmt.Sprint("step ", k), got[k], want, 1e-12)
	}
}

// TestGateBounds: a gate that takes nothing returns the update, a gate that takes everything returns the result, and both keep the length
// of the update.
func TestGateBounds(t *testing.T) {
	x, grads := waves(15, 6)
	const begin = "sgd:lr=1+average:0.5"
	plain, divided := moves(t, begin, wide, x, grads), moves(t, begin+"+eigenbasis:0.8,basis-interval=1", wide, x, grads)
	got := moves(t, begin+"+eigenbasis:0.8,basis-interval=1,gate=0.9,least=linear(0,2,0,3,1),most=linear(0,2,0,3,1)", wide, x, grads)
	for k := range grads {
		want := plain[k]
		if k >= 3 {
			by := norm(plain[k]) / norm(divided[k])
			want = times(by, divided[k])
		}
		same(t, fmt.Sprint("step ", k), got[k], want, 1e-12)
	}
}

// TestAnchorFades compares with a plain loop.
func TestAnchorFades(t *testing.T) {
	x, grads := waves(4, 9)
	got := moves(t, "sgd:lr=0.5+anchor:0.4,to=7,fade=4", tensors(4), x, grads)
	at := slices.Clone(x)
	for k, left := range []float64{1, 1, 1, 1, (1 + math.Sqrt2/2) / 2, 0.5, (1 - math.Sqrt2/2) / 2, 0, 0} {
		want := make([]float64, 4)
		for i, g := range grads[k] {
			want[i] = -0.5*g - 0.4*left*(at[i]-x[i])
			at[i] += want[i]
		}
		same(t, fmt.Sprint("step ", k), got[k], want, 1e-14)
	}
}

// TestAnchorAfter: a plain loop that mixes x after the step with the x of an earlier step.
func TestAnchorAfter(t *testing.T) {
	x, grads := waves(4, 9)
	got := moves(t, "sgd:lr=0.5+anchor:0.4,at=3,from=6,to=8,after=true", tensors(4), x, grads)
	at, anchor := slices.Clone(x), []float64(nil)
	for k := range grads {
		if k == 3 {
			anchor = slices.Clone(at)
		}
		want := make([]float64, 4)
		for i, g := range grads[k] {
			to := at[i] - 0.5*g
			if k == 6 || k == 7 {
				to = 0.6*to + 0.4*anchor[i]
			}
			want[i] = to - at[i]
			at[i] = to
		}
		same(t, fmt.Sprint("step ", k), got[k], want, 1e-14)
	}
}

// TestAverageMove: a plain loop, with and without a cut.
func TestAverageMove(t *testing.T) {
	x, grads := waves(15, 9)
	for _, most := range []float64{0, 100, 0.01} {
		got := moves(t, fmt.Sprintf("sgd:lr=0.1+average-move:-6,gamma=0.8,most=%v,from=4,to=7", most), wide, x, grads)
		at, b := slices.Clone(x), make([]float64, 15)
		for k, g := range grads {
			want := times(-0.1, g)
			for i, move := range want {
				b[i] = 0.8*b[i] + 0.2*move
				at[i] += move
			}
			if k >= 4 && k < 7 {
				by := -6.0
				if longest := most * norm(at); most > 0 && norm(b) > longest {
					by *= longest / norm(b)
				}
				for i := range want {
					want[i] += by * b[i]
					at[i] += by * b[i]
				}
			}
			same(t, fmt.Sprintf("most %v, step %d", most, k), got[k], want, 1e-13)
		}
	}
}

// TestReducedRank solves the system by Cramer's rule, with and without a bound that shortens the extrapolation.
func TestReducedRank(t *testing.T) {
	x, grads := waves(15, 9)
	for _, most := range []float64{100, 0.01} {
		got := moves(t, fmt.Sprintf("sgd:lr=0.1+momentum:0.5+reduced-rank:3,damping=0.8,from=4,most=%v", most), wide, x, grads)
		plain := moves(t, "sgd:lr=0.1+momentum:0.5", wide, x, grads)
		at := slices.Clone(x)
		for k := range grads {
			want := slices.Clone(plain[k])
			for i := range at {
				at[i] += plain[k][i]
			}
			if k == 5 || k == 8 {
				d := plain[k-2 : k+1]
				var g [3][3]float64
				for i := range 3 {
					for j := range 3 {
						for at, v := range d[i] {
							g[i][j] += v * d[j][at]
						}
					}
				}
				ridge := 1e-6 * (g[0][0] + g[1][1] + g[2][2]) / 3
				for i := range 3 {
					g[i][i] += ridge
				}
				det := func(a [3][3]float64) float64 {
					return a[0][0]*(a[1][1]*a[2][2]-a[1][2]*a[2][1]) - a[0][1]*(a[1][0]*a[2][2]-a[1][2]*a[2][0]) + a[0][2]*(a[1][0]*a[2][1]-a[1][1]*a[2][0])
				}
				var c [3]float64
				for j := range 3 {
					a := g
					for i := range 3 {
						a[i][j] = 1
					}
					c[j] = det(a) / det(g)
				}
				sum := c[0] + c[1] + c[2]
				back := make([]float64, len(x))
				for i := range back {
					back[i] = 0.8 * (d[0][i] + (c[1]+c[2])/sum*d[1][i] + c[2]/sum*d[2][i])
				}
				if longest := most * norm(at); norm(back) > longest {
					back = times(longest/norm(back), back)
				}
				for i, v := range back {
					want[i] -= v
					at[i] -= v
				}
			}
			same(t, fmt.Sprintf("most %v, step %d", most, k), got[k], want, 1e-11)
		}
	}
}

// TestWeightNorm compares with a plain loop after the code of result 23, without the polar factor. The second row starts at 0.
func TestWeightNorm(t *testing.T) {
	x, grads := waves(15, 7)
	clear(x[5:10])
	got := moves(t, "sgd:lr=0.05+momentum:0.8,nesterov=true+weight-norm:2,steps=5,power=1.5", wide, x, grads)
	w := slices.Clone(x)
	g, start, lengthOfV, mg, vg := make([]float64, 3), make([]float64, 3), make([]float64, 3), make([]float64, 3), make([]float64, 3)
	for i := range 3 {
		g[i] = norm(w[5*i:][:5])
		if g[i] == 0 {
			g[i] = math.Sqrt(0.33)
		}
		start[i], lengthOfV[i] = g[i], g[i]
	}
	mv := make([]float64, 15)
	for k, grad := range grads {
		before := slices.Clone(w)
		for i := range 3 {
			slope, v := 0.0, make([]float64, 5)
			for j := range v {
				slope += grad[5*i+j] * w[5*i+j] / g[i]
			}
			for j := range v {
				at, u := 5*i+j, w[5*i+j]/g[i]
				gradV := g[i] / lengthOfV[i] * (grad[at] - u*slope)
				mv[at] = 0.8*mv[at] + gradV
				v[j] = u*lengthOfV[i] - 0.05*(gradV+0.8*mv[at])
			}
			mg[i], vg[i] = 0.9*mg[i]+0.1*slope, 0.95*vg[i]+0.05*slope*slope
			root := math.Sqrt(vg[i] / (1 - math.Pow(0.95, float64(k+1))))
			g[i] -= 0.05 * mg[i] / (1 - math.Pow(0.9, float64(k+1))) / (root + 1e-8)
			for j := range v {
				w[5*i+j] = g[i] * v[j] / norm(v)
			}
			lengthOfV[i] = start[i] + (2-start[i])*math.Pow(min(1, float64(k)/4), 1.5)
		}
		for at, v := range w {
			before[at] = v - before[at]
		}
		same(t, fmt.Sprint("step ", k), got[k], before, 1e-12)
	}
}

// TestLateAnchor: an anchor pulls only once it is known.
func TestLateAnchor(t *testing.T) {
	x, grads := waves(15, 6)
	plain, anchored := moves(t, "sgd:lr=0.1", wide, x, grads), moves(t, "sgd:lr=0.1+anchor:0.5,at=3", wide, x, grads)
	for k := range grads {
		if same := slices.Equal(plain[k], anchored[k]); same != (k <= 3) {
			t.Errorf("step %d: moves are equal: %v", k, same)
		}
	}
}
