package matfun

// Odd is the polynomial p(x) = ax + bx³ + cx⁵ with the coefficients a, b, c. With c = 0 it is a cubic.
type Odd [3]float64

// At returns p(x).
func (p Odd) At(x float64) float64 {
	y := x * x
	return float64(x * (p[0] + float64(y*(p[1]+float64(y*p[2])))))
}

// dilated returns x ↦ p(x/s).
func (p Odd) dilated(s float64) Odd {
	return Odd{p[0] / s, p[1] / (s * s * s), p[2] / (s * s * s * s * s)}
}

// scaled returns s·p.
func (p Odd) scaled(s float64) Odd { return Odd{s * p[0], s * p[1], s * p[2]} }

// Table holds the polynomials of an iteration in the order of use. Further steps repeat the last one.
type Table []Odd

// Step returns the polynomial of step k, counted from 0.
func (t Table) Step(k int) Odd { return t[min(k, len(t)-1)] }

// At returns the singular value x after the given number of steps.
func (t Table) At(x float64, steps int) float64 {
	for k := range steps {
		x = t.Step(k).At(x)
	}
	return x
}

// The tables of the literature, for singular values in [0, 1]. They must not be changed. PolarExpress computes further tables.
var (
	// Cubic is the iteration of Newton and Schulz, X ← ½(3X − XXᵀX) (Higham, Functions of Matrices, 2008, eq. 8.20). It
	// converges quadratically, and moves a small singular value by a factor of 1.5 a step.
	Cubic = Table{{1.5, -0.5, 0}}

	// Quintic is 2x − 1.5x³ + 0.5x⁵. It converges quadratically, after a factor of 2 a step at first, and overshoots 1 by less than 0.002. Twelve
	// steps are the baseline of the third track of the modded-nanogpt speedrun.
	Quintic = Table{{2, -1.5, 0.5}}

	// Taylor is x(15 − 10x² + 3x⁴)/8, the three first terms of x(1 − (1 − x²))^(−½) as a series in 1 − x². It converges
	// cubically (Björck and Bowie, An iterative algorithm for computing the best estimate of an orthogonal matrix, 1971).
	Taylor = Table{{15. / 8, -5. / 4, 3. / 8}}

	// KellerJordan has so large a slope at 0 that it does not converge: singular values end up in [0.68, 1.13] for any number of
	// steps. Those above 0.01 arrive there within 5 steps (Jordan, Muon, 2024; also torch, optax and Moonlight).
	KellerJordan = Table{{3.4445, -4.7750, 2.0315}}

	// Leloykun is a composition of five quintics by Cesista, You and Jordan (Squeezing 1–2 % efficiency gains out of Muon by optimizing
	// the Newton–Schulz coefficients, 2025). It is optax's "dion" and the default of Dion, HeavyBall and Emerging-Optimizers.
	Leloykun = Table{
		{4.0848, -6.8946, 2.9270},
		{3.9505, -6.3029, 2.6377},
		{3.7418, -5.5913, 2.3037},
		{2.8769, -3.1427, 1.2046},
		{2.8366, -3.0525, 1.2012},
	}

	// Modula is 3x − (16/5)x³ + (6/5)x⁵, with p(1) = 1 but no zero slope there (Bernstein, Modula documentation, 2024).
	Modula = Table{{3, -16. / 5, 6. / 5}}

	// TurboMuon is a composition of four quintics for matrices scaled by AOL (Boissin et al., Turbo-Muon, arXiv:2512.04632; the
	// rows of Emerging-Optimizers and flash-newton-schulz). It suits the singular values of large matrices after AOL. Singular
	// values near 1, which a matrix of rank one has after AOL, change their sign.
	TurboMuon = Table{
		{4.0098, -7.0585, 2.4635},
		{3.4585, -5.5479, 2.5959},
		{2.7573, -3.2939, 1.4254},
		{2.7215, -3.0494, 1.3169},
	}

	// DionFast is a composition of four quintics for matrices scaled by AOL, which Dion's kernels for GPUs use.
	DionFast = Table{
		{4.6051, -9.6552, 5.6769},
		{4.7505, -6.0861, 2.1790},
		{2.7763, -2.3190, 0.5523},
		{2.4231, -2.2861, 0.8193},
	}

	// FiveCubics is a composition of five cubics. A cubic step needs one product less (arXiv:2606.00371; Emerging-Optimizers'
	// "cubic5").
	FiveCubics = Table{
		{3.3656576, -3.3420992, 0},
		{2.5744352, -1.4957376, 0},
		{2.5368962, -1.4312570, 0},
		{2.4418906, -1.2764040, 0},
		{2.2230472, -0.9630650, 0},
	}

	// DeepSeek is eight steps of KellerJordan, which lift small singular values, and two of Quintic, which converge
	// (DeepSeek-V4).
	DeepSeek = Table{
		KellerJordan[0], KellerJordan[0], KellerJordan[0], KellerJordan[0],
		KellerJordan[0], KellerJordan[0], KellerJordan[0], KellerJordan[0],
		Quintic[0], Quintic[0],
	}
)
