package gpt

import (
	"math"
	"testing"

	"steepest/param"
)

// TestRandomNumbers compares the generator with the numbers in the documentation of llm.c, llmc/rand.h.
func TestRandomNumbers(t *testing.T) {
	var g mt19937
	g.seed(137)
	integers := func(want ...uint32) {
		t.Helper()
		for i, w := range want {
			if got := g.uint32(); got != w {
				t.Errorf("number %d is %d, want %d", i, got, w)
			}
		}
	}
	normals := func(want ...float32) {
		t.Helper()
		got := make([]float32, len(want))
		normal(&g, got, 1)
		wantClose(t, "normal", got, want)
	}
	integers(4053805790, 2173880614, 380293709, 1237255315, 2986595568)
	normals(0.7947664260864258, 1.4369317293167114, -0.2292192131280899, 0.47556325793266296, -0.6334410905838013,
		-0.5791953802108765, -0.0925704762339592, -0.8659197092056274)
	integers(2186503452)
	normals(-1.2813878059387207, -2.646395683288574, -0.06569503247737885, 0.2180829495191574, -0.46536165475845337,
		-0.33108410239219666, 2.5485482215881348, 0.10425379872322083, 0.8460659980773926, 0.9462448358535767,
		-0.2913765013217926, 0.34313806891441345, -1.1186704635620117, -0.18305328488349915, -2.3153159618377686,
		0.3961987793445587)
	integers(2756748748)
}

// wantClose asks for numbers to three units in the last place.
func wantClose[T param.Float](t *testing.T, name string, got []T, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", name, len(got), len(want))
	}
	for i, w := range want {
		if math.Abs(float64(got[i])-float64(w)) > 0x1p-22*math.Abs(float64(w))+1e-9 {
			t.Errorf("%s[%d] = %v, want %v", name, i, got[i], w)
		}
	}
}

// TestNormal: PyTorch's numbers for tensors of fewer than sixteen elements, sixteen, and more that end in part of sixteen.
func TestNormal(t *testing.T) {
	for _, want := range goldenOf(t).Normal {
		var g mt19937
		g.seed(137)
		got := make([]float64, len(want))
		normal(&g, got, 1)
		wantClose(t, "normal", got, want)
	}
}

// TestStart compares the start of GPT-2 (124M) with PyTorch's.
func TestStart(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("draws 124 million numbers")
	}
	all := goldenOf(t).Start
	each(small.Params(), smallStart(), func(p param.Param, part []float32) {
		want := all[p.Name]
		wantClose(t, p.Name, part[:4], want.Entries)
		if got := norm2(part); math.Abs(got-want.Norm) > 1e-8*want.Norm {
			t.Errorf("‖%s‖ = %.10g, want %.10g", p.Name, got, want.Norm)
		}
	})
}
