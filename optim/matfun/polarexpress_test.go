package matfun

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// rowTolerance bounds the relative rounding error of a row of a table. The coefficient of x⁵ is a second divided difference in x² over an
// interval of half-length δ, so rounding errors of 2⁻⁵² in the equations give the coefficient an error of 2⁻⁵²/δ². The singular values
// are not affected.
func rowTolerance(e PolarExpress, t Table, row int) float64 {
	δ := 1 - t.At(e.resolved().Lower, row)
	return max(1e-14, 0x1p-52/(δ*δ))
}

// TestExactTables compares with testdata/polarexpress.json, computed in 60 digits by the Python beside it.
func TestExactTables(t *testing.T) {
	data, err := os.ReadFile("testdata/polarexpress.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Options PolarExpress
		Table   Table
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		got := c.Options.Table()
		if len(got) != len(c.Table) {
			t.Fatalf("%+v: %d polynomials, want %d", c.Options, len(got), len(c.Table))
		}
		for k, p := range got {
			for i := range p {
				if e, limit := math.Abs(p[i]-c.Table[k][i]), rowTolerance(c.Options, got, k)*math.Abs(c.Table[k][i]); e > limit {
					t.Errorf("%+v: row %d is %v, want %v to %.1g", c.Options, k, p, c.Table[k], limit)
				}
			}
		}
	}
}

// TestPublishedTables compares with published tables, to the last printed digit. Where authors print 15 or more digits, the last digits
// are their rounding errors: the last rows of three copies of their table for a safety of 0.01 begin with 1.8749979, 1.8749994 and
// 1.8749977, and 1.8750000 is exact.
func TestPublishedTables(t *testing.T) {
	for _, c := range []struct {
		name    string
		options PolarExpress
		digits  float64 // half a unit of the last digit, or a whole unit if digits were cut off; 0 for float64
		rows    Table
	}{
		{"algorithm 1 of arXiv:2505.16932, before its safety factor", PolarExpress{Cushion: PaperCushion}, 0, Table{
			{8.28721201814563, -23.595886519098837, 17.300387312530933},
			{4.107059111542203, -2.9478499167379106, 0.5448431082926601},
			{3.9486908534822946, -2.908902115962949, 0.5518191394370137},
			{3.3184196573706015, -2.488488024314874, 0.51004894012372},
			{2.300652019954817, -1.6689039845747493, 0.4188073119525673},
			{1.891301407787398, -1.2679958271945868, 0.37680408948524835},
			{1.8750014808534479, -1.2500016453999487, 0.3750001645474248},
			{1.875, -1.25, 0.375},
		}},
		{"polar_express of Emerging-Optimizers", PolarExpress{Cushion: PaperCushion, Safety: 0.01, SafetyAfter: true}, 1e-4, Table{
			{8.2051, -22.9019, 16.4607}, {4.0664, -2.8612, 0.5184}, {3.9096, -2.8234, 0.5250}, {3.2856, -2.4153, 0.4853},
			{2.2779, -1.6198, 0.3985}, {1.8726, -1.2307, 0.3585}, {1.8564, -1.2132, 0.3568}, {1.8750, -1.2500, 0.3750},
		}},
		{"polar_express of timm", PolarExpress{Cushion: 0.02, Safety: 0.01}, 0, Table{
			{8.237312490495555, -23.157747414558198, 16.680568411445915},
			{4.082441999064835, -2.893047735332586, 0.5252849256975648},
			{3.9263479922546582, -2.8547468034765298, 0.5318022422894988},
			{3.2982187133085143, -2.424541981026706, 0.48632008358844075},
			{2.2970369434552573, -1.63662558125903, 0.4002628455953627},
			{1.8763805351440397, -1.2347896577722228, 0.35891887501668385},
			{1.8564423485617974, -1.2132449880935525, 0.3568003487825883},
			{1.8749994008682747, -1.2499988017229169, 0.3749994008546422},
		}},
		{"modded-nanogpt, nanochat and Dion", PolarExpress{Steps: 5, Cushion: 0.02, Safety: 0.02}, 0, Table{
			{8.156554524902461, -22.48329292557795, 15.878769915207462},
			{4.042929935166739, -2.808917465908714, 0.5000178451051316},
			{3.8916678022926607, -2.772484153217685, 0.5060648178503393},
			{3.285753657755655, -2.3681294933425376, 0.46449024233003106},
			{2.3465413258596377, -1.7097828382687081, 0.42323551169305323},
		}},
		{"cans of Emerging-Optimizers", PolarExpress{Steps: 5}, 5e-5, Table{
			{8.4703, -25.1081, 18.6293}, {4.1828, -3.1087, 0.5806}, {3.9619, -2.9541, 0.5630}, {3.2866, -2.4647, 0.5074},
			{2.2737, -1.6447, 0.4162},
		}},
		{"a table for [½, 1] by the authors' code", PolarExpress{Lower: 0.5, Steps: 4}, 0, Table{
			{2.6708353888008127, -3.2853566190584504, 1.6385678673837945},
			{1.8756101482892078, -1.25067777555517, 0.3750677840207064},
			{1.8750001724801866, -1.2500003448894914, 0.37500017240930517},
			{1.875, -1.25, 0.375},
		}},
	} {
		got := c.options.Table()
		for k, row := range c.rows {
			limit := c.digits
			for i, want := range row {
				if c.digits == 0 {
					limit = rowTolerance(c.options, got, k) * math.Abs(want)
				}
				if !(math.Abs(got[k][i]-want) <= limit) {
					t.Errorf("%s: row %d is %v, want %v to %.1g", c.name, k, got[k], row, limit)
				}
			}
		}
	}
}

// TestBands compares the range to which a method takes the singular values in [10⁻³, 1] with its known range. The range of Speedrun is
// the paper's minimax, so the values reach its ends again and again.
func TestBands(t *testing.T) {
	for _, c := range []struct {
		preset   Preset
		from     float64
		min, max float64
		digits   float64
	}{
		{Keller, 1e-3, 0.4705, 1.2024, 5e-5},
		{Keller, 1e-2, 0.6818, 1.1344, 5e-5},
		{Dion, 1e-3, 0.4750, 1.1450, 5e-5},
		{Dion, 1e-2, 0.9778, 1.0318, 5e-5},
		{Speedrun, 1e-3, 0.8589, 1.1411, 5e-5},
		{TwelveQuintic, 1e-3, 1, 1.000005, 5e-7},
		{FiveModula, 1e-3, 0.2411, 1.2105, 5e-5},
		{FiveModula, 1e-2, 0.9721, 1.1883, 5e-5},
		{FiveModula, 5e-2, 0.9725, 1.0185, 5e-5},
		{Express, 1e-3, 1, 1, 1e-15},
		{Paper, 1e-3, 1, 1, 3e-15},
		{PaperTwelve, 1.5e-4, 1, 1, 3e-15},
		{Schulz, 1e-3, 1, 1, 1e-15},
	} {
		it := c.preset.Iteration()
		low, high := math.Inf(1), math.Inf(-1)
		const points = 20000
		for i := range points + 1 {
			x := math.Pow(c.from, 1-float64(i)/points)
			y := it.Table.At(x, it.steps())
			low, high = min(low, y), max(high, y)
		}
		if math.Abs(low-c.min) > c.digits || math.Abs(high-c.max) > c.digits {
			t.Errorf("%v takes [%v, 1] to [%.17g, %.17g], want [%v, %v]", c.preset, c.from, low, high, c.min, c.max)
		}
	}
}

// TestMinimax draws intervals and checks the polynomial of each: its error alternates at four points for degree 5 and at three for degree
// 3. Its magnitude there is that at l, and is nowhere larger. By Chebyshev's theorem, no polynomial is nearer to 1.
func TestMinimax(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := math.Pow(10, rapid.Float64Range(-8, -1e-3).Draw(t, "exponent"))
		if rapid.Bool().Draw(t, "near 1") {
			l = 1 - l
		}
		for degree, alternations := range map[int]int{3: 3, 5: 4} {
			p := PolarExpress{Lower: l, Degree: degree, Steps: 1}.Table()[0]
			e, found, sign := 1-p.At(l), 0, 1.
			const points, rounding = 2000, 3e-14 // of terms up to 25
			for i := range points + 1 {
				d := 1 - p.At(l+(1-l)*float64(i)/points)
				if !(math.Abs(d) <= e+rounding) {
					t.Fatalf("degree %d on [%v, 1]: the error is %v, at %v it is %v", degree, l, e, l, d)
				}
				if sign*d >= e*(1-1e-4)-rounding {
					found, sign = found+1, -sign
				}
			}
			if found < alternations {
				t.Errorf("degree %d on [%v, 1]: the error %v alternates %d times", degree, l, e, found)
			}
		}
	})
}

// TestOptimal: if the first polynomial of a composition is changed a little, even the best second polynomial leaves a larger error.
func TestOptimal(t *testing.T) {
	table := PolarExpress{Lower: 0.01, Steps: 2}.Table()
	best := 1 - table.At(0.01, 2)
	for i := range 3 {
		for _, factor := range []float64{0.99, 1.01} {
			p := table[0]
			p[i] *= factor
			low, high := math.Inf(1), 0.
			for x := 0.01; x <= 1; x += 1e-4 {
				low, high = min(low, p.At(x)), max(high, p.At(x))
			}
			if second := minimaxQuintic(low, high); 1-second.At(low) <= best {
				t.Errorf("coefficient %d times %v leaves an error of %v, Polar Express one of %v", i, factor, 1-second.At(low), best)
			}
		}
	}
}

func TestTableIsKept(t *testing.T) {
	a, b := PolarExpress{Steps: 6}.Table(), PolarExpress{Lower: 1e-3, Degree: 5, Steps: 6}.Table()
	if &a[0] != &b[0] {
		t.Error("the defaults spelled out make another table")
	}
	if p := (Table{{1}, {2}}); p.Step(5) != p[1] || p.At(1, 3) != 4 {
		t.Error("the last polynomial does not serve later steps")
	}
}

func TestNoSuchTable(t *testing.T) {
	for _, e := range []PolarExpress{
		{Lower: -1}, {Lower: 1.5}, {Lower: math.NaN()}, {Degree: 4}, {Steps: -1}, {Cushion: 1}, {Cushion: -1}, {Safety: 1}, {Safety: math.NaN()},
	} {
		if !panics(func() { e.Table() }) {
			t.Errorf("%+v has a table", e)
		}
	}
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}

func TestPresetNames(t *testing.T) {
	for i, name := range Keller.Names() {
		var p Preset
		if err := p.UnmarshalText([]byte(name)); err != nil || int(p) != i || p.String() != name {
			t.Errorf("%q reads as %v, %v", name, p, err)
		}
		if it := p.Iteration(); (it == nil) != (p == Exact) {
			t.Errorf("%v has the iteration %v", p, it)
		}
	}
	var p Preset
	if err := p.UnmarshalText([]byte("kellar")); err == nil || err.Error() != `unknown polar factor "kellar"; did you mean "keller"?` {
		t.Errorf("the error for a slip is %v", err)
	}
	if n := len(slices.Compact(slices.Sorted(slices.Values(Keller.Names())))); n != int(Exact)+1 || n != len(iterations()) {
		t.Errorf("%d names", n)
	}
}

// TestPaperTwelve: the polynomials are those of Muown's code to the digits that it has.
func TestPaperTwelve(t *testing.T) {
	it := PaperTwelve.Iteration()
	for k, want := range []Odd{
		{8.2051, -22.9019, 16.4607}, {4.0664, -2.8612, 0.5184}, {3.9096, -2.8234, 0.5250}, {3.2856, -2.4153, 0.4853}, {2.2779, -1.6198, 0.3985},
		{1.8726, -1.2307, 0.3585}, {1.8564, -1.2132, 0.3568}, {1.8750, -1.2500, 0.3750}, {1.8750, -1.2500, 0.3750}, {1.8750, -1.2500, 0.3750},
		{1.8750, -1.2500, 0.3750}, {1.8750, -1.2500, 0.3750},
	} {
		for i, v := range it.Table.Step(k) {
			if math.Abs(v-want[i]) > 1.01e-4 {
				t.Errorf("step %d has the polynomial %v, want %v", k, it.Table.Step(k), want)
			}
		}
	}
	if it.steps() != 12 || it.divisor(1, 1) != 1+1e-7 {
		t.Errorf("%d steps from X/%v, want 12 from X/(1 + 1e-7)", it.steps(), it.divisor(1, 1))
	}
}
