package schedule

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"steepest/internal/decimal"
)

// kind is a schedule with the name that Parse knows and the order of its arguments. Those that must be given have an example.
type kind struct {
	name     string
	fields   []string
	examples []string
	zero     Schedule
}

var kinds = []kind{
	{"invsqrt", []string{"Initial"}, []string{"0.1"}, InvSqrt{}},
	{"stronglyconvex", []string{"Mu"}, []string{"0.1"}, StronglyConvex{}},
	{"switch", []string{"Mu", "L"}, []string{"0.1", "10"}, Switch{}},
	{"inverse", []string{"Initial", "Decay"}, []string{"0.1"}, Inverse{}},
	{"polynomial", []string{"Initial", "Final", "Steps", "Power"}, []string{"0.1", "0", "1000"}, Polynomial{}},
	{"powercool", []string{"Initial", "Factor", "Steps", "Power"}, []string{"0.1", "0.001", "1000"}, PowerCool{}},
	{"exponential", []string{"Initial", "Rate", "Every"}, []string{"0.1", "0.999"}, Exponential{}},
	{"step", []string{"Initial", "Rate", "Every"}, []string{"0.1", "0.5", "100"}, Step{}},
	{"cosine", []string{"Initial", "Final", "Steps"}, []string{"0.1", "0", "1000"}, Cosine{}},
	{"trapezoid", []string{"Peak", "Final", "Warmup", "Decay", "Steps"}, []string{"0.1", "0", "100", "200", "1000"}, Trapezoid{}},
}

// Parse reads a schedule from text: a number for Constant, or a name with its arguments, such as "invsqrt(0.5)", "cosine(0.1, 0, 1000)",
// "warmup(100, cosine(0.1, 0, 1000))" or "delay(60, 500, 500, cosine(0.1, 0, 1000))". The arguments have the order of the fields of the
// type of that name. The decay of inverse, the power of polynomial and powercool and the interval of exponential may be left out.
// "piecewise(0.1, 500, 0.01, 800, 0.001)" alternates values and boundaries, and so does "linear(0.1, 500, 0.01)", whose values may be 0.
// Other step sizes must be positive and finite, other arguments not negative, and the schedule must pass Check.
func Parse(text string) (Schedule, error) {
	text = strings.TrimSpace(text)
	s, err := parse(text)
	if err != nil {
		return nil, err
	}
	if err := Check(s); err != nil {
		return nil, fmt.Errorf("schedule %q: %w", text, err)
	}
	return s, nil
}

func parse(text string) (Schedule, error) {
	if v, ok := decimal.Parse(text); ok {
		return Constant(v), positive(text, v)
	}
	name, rest, ok := strings.Cut(text, "(")
	args, closed := strings.CutSuffix(rest, ")")
	if !ok || !closed {
		return nil, fmt.Errorf("schedule %q: want a number or %s", text, strings.Join(Forms(), ", "))
	}
	switch name = strings.TrimSpace(name); name {
	case "warmup":
		counts, then, err := parseAround(text, args, "warmup(steps, schedule), such as warmup(100,0.1) or warmup(100,cosine(0.1,0,1000))", 1)
		return Warmup{counts[0], then}, err
	case "delay":
		counts, then, err := parseAround(text, args, "delay(steps, from, to, schedule), such as delay(60,500,500,cosine(0.1,0,1000))", 3)
		return Delay{counts[0], counts[1], counts[2], then}, err
	case "piecewise":
		values, boundaries, err := parsePieces(text, strings.Split(args, ","), positive)
		return Piecewise{boundaries, values}, err
	case "linear":
		values, boundaries, err := parsePieces(text, strings.Split(args, ","), notNegative)
		return Linear{boundaries, values}, err
	}
	for _, kind := range kinds {
		if kind.name == name {
			return kind.parse(text, strings.Split(args, ","))
		}
	}
	return nil, fmt.Errorf("schedule %q: there is no schedule %q; want a number or %s", text, name, strings.Join(Forms(), ", "))
}

// Forms lists the forms that Parse reads beside a number, such as "cosine(initial, final, steps)".
func Forms() (forms []string) {
	for _, kind := range kinds {
		forms = append(forms, kind.form())
	}
	return append(forms, "warmup(steps, schedule)", "delay(steps, from, to, schedule)", "piecewise(value, boundary, value, …)", "linear(value, boundary, value, …)")
}

// form returns the form that Parse reads, such as "cosine(initial, final, steps)".
func (k kind) form() string {
	return k.name + "(" + strings.ToLower(strings.Join(k.fields, ", ")) + ")"
}

// missing returns the error for arguments that end too early. Its example keeps the first argument if it can.
func (k kind) missing(text string, args []string) error {
	given := len(args)
	if given == 1 && strings.TrimSpace(args[0]) == "" { // no argument
		given = 0
	}
	fields := k.fields[given:len(k.examples)]
	verb := "is"
	if len(fields) > 1 {
		verb = "are"
	}
	first := strings.TrimSpace(args[0])
	if v, err := number(text, first); err != nil || v <= 0 {
		first = k.examples[0]
	}
	example := fmt.Sprintf("%s(%s,%s)", k.name, first, strings.Join(k.examples[1:], ","))
	if slices.Contains(fields, "Steps") {
		example += " for a run of 1000 steps"
	}
	return fmt.Errorf("schedule %q: %s %s missing in %s; write, for example, %s", text, strings.ToLower(strings.Join(fields, " and ")), verb, k.form(), example)
}

// parse reads the arguments of a schedule.
func (k kind) parse(text string, args []string) (Schedule, error) {
	fields, required := k.fields, len(k.examples)
	if len(args) < required {
		return nil, k.missing(text, args)
	}
	if len(args) > len(fields) {
		return nil, fmt.Errorf("schedule %q: it has %d arguments; %s has %d", text, len(args), k.form(), len(fields))
	}
	s := reflect.New(reflect.TypeOf(k.zero)).Elem()
	for i, arg := range args {
		field := s.FieldByName(fields[i])
		v, err := number(text, arg)
		switch {
		case err != nil:
			return nil, err
		case i == 0 || fields[i] == "L": // the step size itself, or a constant that determines it
			err = positive(text, v)
		case v < 0:
			err = fmt.Errorf("schedule %q: %s is negative", text, strings.ToLower(fields[i]))
		case v == 0 && fields[i] == "Every" && i < required: // if left out, it is 0, which stands for 1
			err = fmt.Errorf("schedule %q: %s is 0; want a positive number", text, strings.ToLower(fields[i]))
		case field.Kind() == reflect.Int && v != float64(int(v)):
			err = fmt.Errorf("schedule %q: %s counts steps, so it must be a whole number", text, strings.ToLower(fields[i]))
		}
		if err != nil {
			return nil, err
		}
		if field.Kind() == reflect.Int {
			field.SetInt(int64(v))
		} else {
			field.SetFloat(v)
		}
	}
	return s.Interface().(Schedule), nil
}

// parseAround reads n counts of steps and a schedule after them.
func parseAround(text, args, form string, n int) (counts []int, then Schedule, err error) {
	counts, parts := make([]int, n), strings.SplitN(args, ",", n+1)
	if len(parts) <= n {
		return counts, nil, fmt.Errorf("schedule %q: want %s", text, form)
	}
	for i := range counts {
		count := strings.TrimSpace(parts[i])
		if counts[i], err = strconv.Atoi(decimal.Whole(count)); err != nil || counts[i] < 0 {
			return counts, nil, fmt.Errorf("schedule %q: %q is not a count of steps", text, count)
		}
	}
	then, err = parse(strings.TrimSpace(parts[n]))
	return counts, then, err
}

// parsePieces reads values and the boundaries between them, in turn.
func parsePieces(text string, args []string, check func(text string, v float64) error) (values []float64, boundaries []int, err error) {
	for i, arg := range args {
		v, err := number(text, arg)
		if err != nil {
			return nil, nil, err
		}
		if i%2 == 0 {
			if err := check(text, v); err != nil {
				return nil, nil, err
			}
			values = append(values, v)
			continue
		}
		if n := len(boundaries); v != float64(int(v)) || v < 1 || n > 0 && int(v) <= boundaries[n-1] {
			return nil, nil, fmt.Errorf("schedule %q: boundary %s must be a whole step after the one before it", text, strings.TrimSpace(arg))
		}
		boundaries = append(boundaries, int(v))
	}
	if len(values) != len(boundaries)+1 {
		return nil, nil, fmt.Errorf("schedule %q: want values and boundaries in turn, a value last", text)
	}
	return values, boundaries, nil
}

func number(text, arg string) (float64, error) {
	v, ok := decimal.Parse(strings.TrimSpace(arg))
	if !ok || math.Abs(v) > 1e300 {
		return 0, fmt.Errorf("schedule %q: %q is not a finite number", text, strings.TrimSpace(arg))
	}
	return v, nil
}

func positive(text string, v float64) error {
	if v >= 1e-300 && v <= 1e300 {
		return nil
	}
	return fmt.Errorf("schedule %q: a step size must be positive and finite", text)
}

func notNegative(text string, v float64) error {
	if v >= 0 {
		return nil
	}
	return fmt.Errorf("schedule %q: a value must not be negative", text)
}

// String returns the number, as Parse reads it.
func (c Constant) String() string { return strconv.FormatFloat(float64(c), 'g', -1, 64) }

// String returns the form that Parse reads.
func (s InvSqrt) String() string { return format(s) }

// String returns the form that Parse reads.
func (s StronglyConvex) String() string { return format(s) }

// String returns the form that Parse reads.
func (s Switch) String() string { return format(s) }

// String returns the form that Parse reads.
func (s Inverse) String() string { return format(s) }

// String returns the form that Parse reads.
func (s Polynomial) String() string { return format(s) }

// String returns the form that Parse reads.
func (s PowerCool) String() string { return format(s) }

// String returns the form that Parse reads.
func (s Exponential) String() string { return format(s) }

// String returns the form that Parse reads.
func (s Step) String() string { return format(s) }

// String returns the form that Parse reads.
func (s Cosine) String() string { return format(s) }

// String returns the form that Parse reads.
func (s Trapezoid) String() string { return format(s) }

// String returns the form that Parse reads, if the inner schedule has one.
func (s Warmup) String() string { return fmt.Sprintf("warmup(%d, %v)", s.Steps, s.Then) }

// String returns the form that Parse reads, if the inner schedule has one.
func (s Delay) String() string {
	return fmt.Sprintf("delay(%d, %d, %d, %v)", s.Steps, s.From, s.To, s.Then)
}

// String returns the form that Parse reads.
func (s Piecewise) String() string { return formatPieces("piecewise", s.Boundaries, s.Values) }

// String returns the form that Parse reads.
func (s Linear) String() string { return formatPieces("linear", s.Boundaries, s.Values) }

func formatPieces(name string, boundaries []int, values []float64) string {
	parts := []string{fmt.Sprint(values[0])}
	for i, b := range boundaries {
		parts = append(parts, fmt.Sprint(b), fmt.Sprint(values[i+1]))
	}
	return name + "(" + strings.Join(parts, ", ") + ")"
}

func format(s Schedule) string {
	v := reflect.ValueOf(s)
	for _, kind := range kinds {
		if reflect.TypeOf(kind.zero) == v.Type() {
			var args []string
			for _, field := range kind.fields {
				args = append(args, fmt.Sprint(v.FieldByName(field).Interface()))
			}
			return kind.name + "(" + strings.Join(args, ", ") + ")"
		}
	}
	panic("schedule: no text form for " + v.Type().String())
}
