package simd

// sumKernel identifies a sum to dispatch.
type sumKernel int

const (
	countAgreeing sumKernel = iota
	distanceSquared
	dotDifference
	dotRatio
	sumAbsLinear
	sumSquareRatios
)

// partialSums holds the partial sums: one for each element of a cache line, 16 for float32 and 8 for float64.
type partialSums = [16]float64

// add adds term i of a sum over vectors of T.
func add[T Float](s *partialSums, i int, term float64) { s[i%(lanes[T]()/2)] += term }

// CountAgreeing returns in how many elements u and g have the same sign.
func CountAgreeing[T Float](u, g []T) float64 {
	var s partialSums
	g = g[:len(u)]
	for i := vectorSum(countAgreeing, &s, nil, u, g); i < len(u); i++ {
		if agree(u[i], g[i]) {
			add[T](&s, i, 1)
		}
	}
	return fold(s[:])
}

// DistanceSquared returns Σ (xᵢ − yᵢ)².
func DistanceSquared[T Float](x, y []T) float64 {
	var s partialSums
	y = y[:len(x)]
	for i := vectorSum(distanceSquared, &s, nil, x, y); i < len(x); i++ {
		d := float64(x[i] - y[i])
		add[T](&s, i, float64(d*d))
	}
	return fold(s[:])
}

// DotDifference returns Σ uᵢ(xᵢ − yᵢ).
func DotDifference[T Float](u, x, y []T) float64 {
	var s partialSums
	x, y = x[:len(u)], y[:len(u)]
	for i := vectorSum(dotDifference, &s, nil, u, x, y); i < len(u); i++ {
		add[T](&s, i, float64(float64(u[i])*float64(x[i]-y[i])))
	}
	return fold(s[:])
}

// DotRatio returns Σ uᵢ·(sᵢ ⊘ (√vᵢ + c₀)).
func DotRatio[T Float](c []float64, u, s, v []T) float64 {
	var sums partialSums
	c, s, v = c[:1], s[:len(u)], v[:len(u)]
	eps := T(c[0])
	for i := vectorSum(dotRatio, &sums, c, u, s, v); i < len(u); i++ {
		add[T](&sums, i, float64(float64(u[i])*float64(ratio(s[i], sqrt(v[i])+eps))))
	}
	return fold(sums[:])
}

// SumAbsLinear returns Σ |c₀sᵢ + c₁uᵢ|.
func SumAbsLinear[T Float](c []float64, s, u []T) float64 {
	var sums partialSums
	c, u = c[:2], u[:len(s)]
	ofS, ofU := T(c[0]), T(c[1])
	for i := vectorSum(sumAbsLinear, &sums, c, s, u); i < len(s); i++ {
		add[T](&sums, i, float64(abs(T(ofS*s[i])+T(ofU*u[i]))))
	}
	return fold(sums[:])
}

// SumSquareRatios returns Σ (uᵢ ⊘ max(√(c₂(c₀vᵢ + c₁uᵢ²)), c₃))².
func SumSquareRatios[T Float](c []float64, u, v []T) float64 {
	var s partialSums
	c, v = c[:4], v[:len(u)]
	keep, by, debias, least := T(c[0]), T(c[1]), T(c[2]), T(c[3])
	for i := vectorSum(sumSquareRatios, &s, c, u, v); i < len(u); i++ {
		second := T(keep*v[i]) + T(by*(u[i]*u[i]))
		r := float64(ratio(u[i], max(sqrt(debias*second), least)))
		add[T](&s, i, float64(r*r))
	}
	return fold(s[:])
}
