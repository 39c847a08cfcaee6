package matfun

import "math"

// secular is the secular equation of D + ρzzᵀ,
//
//	f(λ) = 1/ρ + Σ zᵢ²/(dᵢ − λ) = 0,
//
// with ρ > 0 and d ascending. It has a root between each two neighbors dᵢ, and one above the last, at most ρ‖z‖² away.
type secular struct {
	d, z []float64
	rho  float64
}

// secularSteps is far more than a root takes: 2 to 8 steps, rarely 16.
const secularSteps = 100

// root returns the root λ = dₒ + τ next above dⱼ, as an offset from the nearest dₒ, so that the differences dᵢ − λ keep all their
// digits. The method is that of LAPACK's dlaed4 (Li 1993, Solving secular equations stably and efficiently), with a bracket that is
// bisected where the rational functions do not narrow it.
func (q *secular) root(j int) (o int, τ float64) {
	k := len(q.d)
	if k == 1 {
		return 0, q.rho * q.z[0] * q.z[0]
	}
	o, lo, hi, τ := q.guess(j)
	a, b, last := min(j, k-2), min(j, k-2)+1, j == k-1
	before, middle := 0., last
	for range secularSteps {
		v := q.at(o, τ, a)
		f := v.f
		if math.Abs(f) <= 0x1p-52*v.err {
			break
		}
		if f < 0 {
			lo = τ
		} else {
			hi = τ
		}
		if f*before > 0 && math.Abs(f) > math.Abs(before)/10 && !last {
			middle = !middle
		}
		before = f
		// Near τ, f is about c + A/(dₐ−λ) + B/(d_b−λ). The slopes α and β of the two terms are those of the sums to the left and
		// to the right, or the slope of the nearest term and the rest of the total.
		da, db := q.d[a]-q.d[o]-τ, q.d[b]-q.d[o]-τ
		α, β := v.left, v.right
		if !middle {
			s := q.z[o] / (q.d[o] - q.d[o] - τ)
			square := float64(s * s)
			if o == a {
				α, β = square, v.left+v.right-square
			} else {
				α, β = v.left+v.right-square, square
			}
		}
		next := τ + quadratic(f-float64(da*α)-float64(db*β), float64((da+db)*f)-float64(da*db*(v.left+v.right)), da*db*f, last)
		if !(lo < next && next < hi) {
			next = lo + float64((hi-lo)/2)
		}
		if next == τ || next == lo || next == hi {
			break
		}
		τ = next
	}
	return o, τ
}

// guess returns o, a bracket of τ, and a first τ: the root of f if all terms except those of the two neighboring poles were constant.
func (q *secular) guess(j int) (o int, lo, hi, τ float64) {
	k := len(q.d)
	a, last := min(j, k-2), j == k-1
	if o = j; last {
		for _, z := range q.z {
			hi += float64(z * z)
		}
		hi *= q.rho
	} else {
		hi = q.d[j+1] - q.d[j]
	}
	mid := float64(hi / 2)
	f := q.at(o, mid, a).f
	za, zb := float64(q.z[a]*q.z[a]), float64(q.z[a+1]*q.z[a+1])
	c := f - za/(q.d[a]-q.d[o]-mid) - zb/(q.d[a+1]-q.d[o]-mid)
	switch {
	case f >= 0:
		hi = mid
	case last:
		lo, hi = mid, hi*(1+0x1p-50)
	default:
		o, lo, hi = j+1, -mid, 0
	}
	da, db := q.d[a]-q.d[o], q.d[a+1]-q.d[o]
	τ = quadratic(c, float64(c*(da+db))+za+zb, float64(c*da*db)+float64(za*db)+float64(zb*da), last)
	if !(lo < τ && τ < hi) {
		τ = lo + float64((hi-lo)/2)
	}
	return o, lo, hi, τ
}

// quadratic returns the root x of cx² − ax + b = 0 between the poles of the rational function it comes from, or above both.
func quadratic(c, a, b float64, above bool) float64 {
	if above {
		return -quadratic(c, -a, b, false)
	}
	root := math.Sqrt(math.Abs(float64(a*a) - float64(4*b*c)))
	if a <= 0 {
		return (a - root) / (2 * c)
	}
	return 2 * b / (a + root)
}

// secularValue holds f, the derivatives of the sums over the poles up to a and after a, and a bound for the error of f in units of 2⁻⁵².
type secularValue struct{ f, left, right, err float64 }

func (q *secular) at(o int, τ float64, a int) (v secularValue) {
	var left, right float64
	d, origin := q.d, q.d[o]
	z := q.z[:len(d)]
	for i, p := range d[:a+1] {
		t := z[i] / (p - origin - τ)
		left += float64(z[i] * t)
		v.left += float64(t * t)
		v.err += math.Abs(left)
	}
	for i := len(d) - 1; i > a; i-- {
		t := z[i] / (d[i] - origin - τ)
		right += float64(z[i] * t)
		v.right += float64(t * t)
		v.err += math.Abs(right)
	}
	v.f = 1/q.rho + left + right
	v.err += float64(8*(math.Abs(left)+math.Abs(right))) + 2/q.rho + float64(math.Abs(τ)*(v.left+v.right))
	return v
}
