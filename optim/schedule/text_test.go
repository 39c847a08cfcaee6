package schedule_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"steepest/internal/mutate"
	"steepest/optim/schedule"
)

// texts are schedules as Parse reads them and as they print themselves.
var texts = map[string]schedule.Schedule{
	"0.1":                                  schedule.Constant(0.1),
	"1e-05":                                schedule.Constant(1e-5),
	"invsqrt(0.5)":                         schedule.InvSqrt{Initial: 0.5},
	"stronglyconvex(0.01)":                 schedule.StronglyConvex{Mu: 0.01},
	"switch(0.01, 2)":                      schedule.Switch{Mu: 0.01, L: 2},
	"inverse(0.5, 0)":                      schedule.Inverse{Initial: 0.5},
	"inverse(0.5, 0.1)":                    schedule.Inverse{Initial: 0.5, Decay: 0.1},
	"polynomial(1, 0.1, 100, 2)":           schedule.Polynomial{Initial: 1, Final: 0.1, Steps: 100, Power: 2},
	"exponential(1, 0.9, 10)":              schedule.Exponential{Initial: 1, Rate: 0.9, Every: 10},
	"step(1, 0.5, 1000000)":                schedule.Step{Initial: 1, Rate: 0.5, Every: 1000000},
	"cosine(0.1, 0.01, 1000)":              schedule.Cosine{Initial: 0.1, Final: 0.01, Steps: 1000},
	"trapezoid(1, 0, 10, 20, 100)":         schedule.Trapezoid{Peak: 1, Warmup: 10, Decay: 20, Steps: 100},
	"piecewise(0.1)":                       schedule.Piecewise{Values: []float64{0.1}},
	"piecewise(0.1, 500, 0.01, 800, 1e-3)": schedule.Piecewise{Boundaries: []int{500, 800}, Values: []float64{0.1, 0.01, 1e-3}},
	"linear(0.4, 2500, 0)":                 schedule.Linear{Boundaries: []int{2500}, Values: []float64{0.4, 0}},
	"warmup(5, 0.1)":                       schedule.Warmup{Steps: 5, Then: schedule.Constant(0.1)},
	"warmup(100, cosine(0.1, 0, 1000))": schedule.Warmup{
		Steps: 100, Then: schedule.Cosine{Initial: 0.1, Steps: 1000},
	},
	"delay(60, 500, 600, cosine(0.1, 0, 1000))": schedule.Delay{Steps: 60, From: 500, To: 600, Then: schedule.Cosine{Initial: 0.1, Steps: 1000}},
	"warmup(3, warmup(2, piecewise(1, 5, 2)))": schedule.Warmup{
		Steps: 3, Then: schedule.Warmup{Steps: 2, Then: schedule.Piecewise{Boundaries: []int{5}, Values: []float64{1, 2}}},
	},
}

func TestParse(t *testing.T) {
	for text, want := range texts {
		for _, text := range []string{text, " " + strings.ReplaceAll(text, " ", "") + "\t", strings.ReplaceAll(text, "(", " ( ")} {
			if got, err := schedule.Parse(text); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("Parse(%q) = %#v, %v; want %#v", text, got, err, want)
			}
		}
		printed := strings.ReplaceAll(text, "1e-3", "0.001")
		if got := fmt.Sprint(want); got != printed {
			t.Errorf("%#v prints itself as %q, want %q", want, got, printed)
		}
	}
}

func TestParseErrors(t *testing.T) {
	usage := "want a number or " + strings.Join(schedule.Forms(), ", ")
	for text, want := range map[string]string{
		"":                            usage,
		"fast":                        usage,
		"cosine":                      usage,
		"cosine(0.1, 0, 10":           usage,
		"line(1)":                     `there is no schedule "line"; ` + usage,
		"linear(1, 5)":                "want values and boundaries in turn, a value last",
		"linear(1, 5, -1)":            "a value must not be negative",
		"linear(1, 5, 2, 5, 3)":       "boundary 5 must be a whole step after the one before it",
		"0":                           "a step size must be positive and finite",
		"-1":                          "a step size must be positive and finite",
		"nan":                         usage,
		"inf":                         usage,
		"0x1p-2":                      usage,
		"1_0":                         usage,
		"invsqrt(0x1p-2)":             `"0x1p-2" is not a finite number`,
		"cosine(0.1, 0, 1_000)":       `"1_000" is not a finite number`,
		"warmup(1_0, 0.1)":            `"1_0" is not a count of steps`,
		"piecewise(0.1, 0x10, 0.2)":   `"0x10" is not a finite number`,
		"1e-320":                      "a step size must be positive and finite",
		"invsqrt()":                   `"" is not a finite number`,
		"invsqrt(x)":                  `"x" is not a finite number`,
		"invsqrt(1))":                 `"1)" is not a finite number`,
		"invsqrt(-1)":                 "a step size must be positive and finite",
		"invsqrt(1, 2)":               "it has 2 arguments; invsqrt(initial) has 1",
		"1e400":                       "a step size must be positive and finite",
		"cosine(0.1)":                 "final and steps are missing in cosine(initial, final, steps); write, for example, cosine(0.1,0,1000) for a run of 1000 steps",
		"polynomial(0.2)":             "final and steps are missing in polynomial(initial, final, steps, power); write, for example, polynomial(0.2,0,1000) for a run of 1000 steps",
		"cosine(1e-3, 500)":           "steps is missing in cosine(initial, final, steps); write, for example, cosine(1e-3,0,1000) for a run of 1000 steps",
		"trapezoid(0.1, 0)":           "warmup and decay and steps are missing in trapezoid(peak, final, warmup, decay, steps); write, for example, trapezoid(0.1,0,100,200,1000) for a run of 1000 steps",
		"cosine()":                    "initial and final and steps are missing in cosine(initial, final, steps); write, for example, cosine(0.1,0,1000) for a run of 1000 steps",
		"step(1, 0.5)":                "every is missing in step(initial, rate, every); write, for example, step(1,0.5,100)",
		"stronglyconvex(0)":           "a step size must be positive and finite",
		"stronglyconvex(1e-310)":      "a step size must be positive and finite",
		"switch(1)":                   "l is missing in switch(mu, l); write, for example, switch(1,10)",
		"switch(1, 0)":                "a step size must be positive and finite",
		"polynomial(1, nan, 10)":      `"nan" is not a finite number`,
		"polynomial(1, 0, 10, inf)":   `"inf" is not a finite number`,
		"cosine(1, 1e308, 10)":        `"1e308" is not a finite number`,
		"cosine(1, -0.5, 10)":         "final is negative",
		"cosine(1, 0, 2.5)":           "steps counts steps, so it must be a whole number",
		"cosine(1, 0, 1e30)":          "steps counts steps, so it must be a whole number",
		"cosine(1, 0, -5)":            "steps is negative",
		"cosine(0.1,0,0)":             "it goes from its first step size to its last over 0 steps; want at least 1",
		"warmup(9,cosine(0.1,0,0))":   "it goes from its first step size to its last over 0 steps; want at least 1",
		"polynomial(0.1,0,0)":         "it goes from its first step size to its last over 0 steps; want at least 1",
		"trapezoid(1,0,8,8,10)":       "a warm-up of 8 steps and a decay of 8 do not fit into 10 steps",
		"exponential(0.1,0)":          "the rate is 0; want a positive number",
		"warmup(5)":                   "want warmup(steps, schedule), such as warmup(100,0.1) or warmup(100,cosine(0.1,0,1000))",
		"delay(5, 1)":                 "want delay(steps, from, to, schedule), such as delay(60,500,500,cosine(0.1,0,1000))",
		"delay(5, 9, 8, 1)":           "a delay of 5 steps from step 9 to step 8; want steps in this order, and no delay to before the start",
		"delay(5, 1, 4, 1)":           "a delay of 5 steps from step 1 to step 4; want steps in this order, and no delay to before the start",
		"delay(5, 1.5, 9, 1)":         `"1.5" is not a count of steps`,
		"warmup(x, 1)":                `"x" is not a count of steps`,
		"warmup(-1, 1)":               `"-1" is not a count of steps`,
		"piecewise(1, 10)":            "want values and boundaries in turn, a value last",
		"piecewise(1, 10, 2, 10, 3)":  "boundary 10 must be a whole step after the one before it",
		"piecewise(1, 0, 2)":          "boundary 0 must be a whole step after the one before it",
		"piecewise(1, 1.5, 2)":        "boundary 1.5 must be a whole step after the one before it",
		"piecewise(1, 10, 0)":         "a step size must be positive and finite",
		"piecewise(1, ten, 2)":        `"ten" is not a finite number`,
		"piecewise(0.1, 10, 0.1, inf": usage,
	} {
		if _, err := schedule.Parse(text); err == nil || err.Error() != fmt.Sprintf("schedule %q: %s", text, want) {
			t.Errorf("Parse(%q): error %v, want schedule %q: %s", text, err, text, want)
		}
	}
	// the error of a schedule within a schedule is about the inner one
	if _, err := schedule.Parse("warmup(5, cosine(0, 0, 1))"); err == nil || !strings.HasPrefix(err.Error(), `schedule "cosine(0, 0, 1)": `) {
		t.Errorf("error %v, want one of the inner schedule", err)
	}
}

func TestFormsNameEachKind(t *testing.T) {
	for text := range texts {
		name, _, ok := strings.Cut(text, "(")
		if ok && !strings.Contains(strings.Join(schedule.Forms(), ", "), name+"(") {
			t.Errorf("Forms() = %q, without %s", schedule.Forms(), name)
		}
	}
}

// TestExamplesParse: the example in the error for missing arguments is a schedule.
func TestExamplesParse(t *testing.T) {
	for _, form := range schedule.Forms() {
		name, fields, _ := strings.Cut(form, "(")
		if !strings.Contains(fields, ",") || strings.Contains(fields, "schedule") || strings.Contains(fields, "…") {
			continue // it needs one argument, or no text is an example
		}
		_, err := schedule.Parse(name + "(0.3)")
		if err == nil {
			continue // the other arguments may be left out
		}
		_, example, _ := strings.Cut(err.Error(), "for example, ")
		example, _, _ = strings.Cut(example, " ")
		if s, err := schedule.Parse(example); err != nil || s.At(0) <= 0 {
			t.Errorf("%s: the example %q: %v, %v", form, example, s, err)
		}
	}
}

// FuzzParse: no text makes Parse panic. The step sizes of a parsed schedule are finite and not negative, unless it grows geometrically. The
// text that it prints is parsed to the same schedule.
func FuzzParse(f *testing.F) {
	for _, text := range trickySchedules() {
		f.Add(text)
	}
	f.Fuzz(checkSchedule)
}

func TestParseMutations(t *testing.T) {
	mutate.Try(t, "optim/schedule/FuzzParse", trickySchedules(), func(t *testing.T, text string, _ *rand.Rand) { checkSchedule(t, text) })
}

func trickySchedules() []string {
	return slices.AppendSeq([]string{"stronglyconvex(1e300)", "switch(1e-300, 1e300)", "exponential(1, 1e300)",
		"polynomial(1e-300, 1e300, 1, 1e300)", "trapezoid(1, 0, 9, 9, 9)"}, maps.Keys(texts))
}

func checkSchedule(t *testing.T, text string) {
	s, err := schedule.Parse(text)
	if err != nil {
		return
	}
	for _, k := range []int{0, 1, 2, 3, 10, 99, 1000, 1e6} {
		if v := s.At(k); !(v >= 0) || v > math.MaxFloat64 && !grows(s) {
			t.Errorf("%q at %d = %v", text, k, v)
		}
	}
	if again, err := schedule.Parse(fmt.Sprint(s)); err != nil || !reflect.DeepEqual(again, s) {
		t.Errorf("%q prints itself as %v, which reads as %v, %v", text, s, again, err)
	}
}

// grows reports whether a schedule is a geometric progression with a ratio above 1.
func grows(s schedule.Schedule) bool {
	switch s := s.(type) {
	case schedule.Warmup:
		return grows(s.Then)
	case schedule.Exponential:
		return s.Rate > 1
	case schedule.Step:
		return s.Rate > 1
	default:
		return false
	}
}
