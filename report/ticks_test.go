package report

import (
	"slices"
	"testing"

	"gonum.org/v1/plot"
)

func labels(ticks []plot.Tick) (out []string) {
	for _, t := range ticks {
		if t.Label != "" {
			out = append(out, t.Label)
		}
	}
	return out
}

func TestTicks(t *testing.T) {
	for name, c := range map[string]struct {
		marker    plot.Ticker
		low, high float64
		want      []string
	}{
		"decades":      {decades{}, 2e-4, 30, []string{"10⁻³", "10⁻²", "10⁻¹", "10⁰", "10¹"}},
		"many decades": {decades{}, 1e-16, 10, []string{"10⁻¹⁵", "10⁻¹²", "10⁻⁹", "10⁻⁶", "10⁻³", "10⁰"}},
		"short":        {decades{}, 0.3, 30, []string{"0.5", "1", "2", "5", "10", "20"}},
		"no decade":    {decades{}, 3.2, 4.8, []string{"3.5", "4", "4.5"}},
		"linear":       {linear{}, 0, 100, []string{"0", "20", "40", "60", "80", "100"}},
		"negative":     {linear{}, -0.02, 0.01, []string{"−0.02", "−0.015", "−0.01", "−0.005", "0", "0.005", "0.01"}},
		"below zero":   {linear{}, -0.01, 1, []string{"0", "0.2", "0.4", "0.6", "0.8", "1"}},
		"flops":        {linear{}, 0, 401000, []string{"0", "100k", "200k", "300k", "400k"}},
	} {
		if got := labels(c.marker.Ticks(c.low, c.high)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestCompact(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 0.25: "0.25", -4000: "−4000", 9999: "9999", 1e4: "10k", -2.5e6: "−2.5M", 1e9: "1G", 4e15: "4P", 2e17: "200P",
		3e-7: "3·10⁻⁷", -1.5e-12: "−1.5·10⁻¹²", 1e21: "1·10²¹",
	} {
		if got := compact(v); got != want {
			t.Errorf("compact(%g) = %q, want %q", v, got, want)
		}
	}
}
