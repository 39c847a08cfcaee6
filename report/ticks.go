package report

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// decades marks a logarithmic axis: powers of ten, at most eight of them labelled. A short axis (less than two decades) has
// ticks at 1, 2 and 5 times powers of ten, and a very short one has the ticks of a linear axis.
type decades struct{}

func (decades) Ticks(low, high float64) []plot.Tick {
	first, last := int(math.Ceil(math.Log10(low)-1e-9)), int(math.Floor(math.Log10(high)+1e-9))
	if last-first < 2 {
		return shortDecades(low, high, first-1, last)
	}
	var ticks []plot.Tick
	stride := (last-first)/8 + 1
	for e := first; e <= last; e++ {
		tick := plot.Tick{Value: math.Pow(10, float64(e))}
		if e%stride == 0 {
			tick.Label = "10" + superscript.Replace(strconv.Itoa(e))
		}
		ticks = append(ticks, tick)
	}
	return ticks
}

func shortDecades(low, high float64, first, last int) []plot.Tick {
	var ticks []plot.Tick
	for e := first; e <= last; e++ {
		for _, m := range []float64{1, 2, 5} {
			if v := m * math.Pow(10, float64(e)); low <= v && v <= high {
				ticks = append(ticks, plot.Tick{Value: v, Label: compact(v)})
			}
		}
	}
	if len(ticks) < 3 {
		return linear{}.Ticks(low, high)
	}
	return ticks
}

var superscript = strings.NewReplacer("-", "⁻", "0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴",
	"5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹")

// linear marks a linear axis: at most eight multiples of 1, 2 or 5 times a power of ten.
type linear struct{}

func (linear) Ticks(low, high float64) []plot.Tick {
	rough := (high - low) / 7
	unit := math.Pow(10, math.Floor(math.Log10(rough)))
	step := 10 * unit
	for _, m := range []float64{5, 2, 1} {
		if m*unit >= rough {
			step = m * unit
		}
	}
	var ticks []plot.Tick
	for k := math.Ceil(low/step) + 0; k*step <= high; k++ { // + 0 turns −0 into 0
		ticks = append(ticks, plot.Tick{Value: k * step, Label: compact(k * step)})
	}
	return ticks
}

// compact writes a tick value briefly: 0.25, 4000, 40k, 2.5M, 3·10⁻⁷.
func compact(v float64) string {
	unit := ""
	if size := math.Abs(v); 1e4 <= size && size < 1e18 {
		for _, unit = range []string{"k", "M", "G", "T", "P"} {
			if v /= 1e3; math.Abs(v) < 1e3 {
				break
			}
		}
	}
	mantissa, exponent, scientific := strings.Cut(strconv.FormatFloat(v, 'g', 6, 64), "e")
	mantissa = strings.Replace(mantissa, "-", "−", 1)
	if !scientific {
		return mantissa + unit
	}
	e, _ := strconv.Atoi(exponent) // written by FormatFloat
	return mantissa + "·10" + superscript.Replace(strconv.Itoa(e))
}
