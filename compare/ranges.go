package compare

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"steepest/methods"
	"steepest/optim"
)

// ranges matches the ranges of a specification, such as 1e-3..1e-2. The second number does not begin with a point, so that three points are
// no range.
var ranges = regexp.MustCompile(`([-+]?(?:\d+(?:\.\d+)?|\.\d+)` + exponent + `)\.\.([-+]?\d+(?:\.\d+)?` + exponent + ")")

const exponent = `(?:[eE][-+]?\d+)?`

// parseRanges reads a specification with ranges. Each range becomes an axis of Ranges. The entrant has a number inside each range.
func parseRanges(spec string) (Entrant, error) {
	fail := func(format string, args ...any) (Entrant, error) {
		return Entrant{}, fmt.Errorf("method %q: "+format, append([]any{spec}, args...)...)
	}
	found := ranges.FindAllStringSubmatch(spec, -1)
	axes := make([]methods.Axis, len(found))
	for k, f := range found {
		a := &axes[k]
		a.Low, _ = strconv.ParseFloat(f[1], 64) // the expression matches only numbers
		a.High, _ = strconv.ParseFloat(f[2], 64)
		if !(0 < a.Low && a.Low < a.High) {
			return fail("the range %s does not go from a number above 0 to a larger one; a race searches it in the logarithm", f[0])
		}
		if math.IsInf(a.High/a.Low, 1) {
			return fail("the range %s is wider than the numbers of 64 bits", f[0])
		}
		if a.Low >= 0.5 && a.High < 1 {
			a.Low, a.High, a.Complement = 1-a.High, 1-a.Low, true
		}
		if a.High/a.Low-1 < narrowest {
			return fail("the range %s is too narrow to search; give one number", f[0])
		}
	}
	at := func(t float64) (Entrant, error) {
		k := -1
		return ParseEntrant(ranges.ReplaceAllStringFunc(spec, func(string) string {
			k++
			return exact(axes[k].At(t))
		}))
	}
	var e Entrant
	const inside = 0.4711 // where the numbers are unlike all others, so that they show their options
	for _, t := range []float64{0, 1, inside} {
		var err error
		if e, err = at(t); err != nil && t == inside {
			what, _, _ := strings.Cut(err.Error(), "\n")
			return fail("a number inside the range: %s", what)
		} else if err != nil {
			return Entrant{}, err
		}
	}
	fields := optim.Fields(e.Method.Rule)
	e.written = make(map[string]string)
	for k, a := range axes {
		number := exact(a.At(inside))
		i := slices.IndexFunc(fields, func(f optim.Field) bool { return strings.Contains(f.Value, number) })
		if i < 0 {
			return fail("the range %s is not in an option of the rule, or shares its option with another range", found[k][0])
		}
		a.Options, a.Form = []string{fields[i].Name}, strings.Replace(fields[i].Value, number, "%s", 1)
		fields = slices.Delete(fields, i, i+1)
		e.Ranges, e.written[number] = append(e.Ranges, a), found[k][0]
	}
	e.Name = e.asWritten(e.Name)
	return e, nil
}

// narrowest is the least relative width of a range. A float64 has about ten thousand numbers in it.
const narrowest = 1e-12

// asWritten puts the ranges into a specification with numbers in their place.
func (e Entrant) asWritten(spec string) string {
	for number, text := range e.written {
		spec = strings.ReplaceAll(spec, number, text)
	}
	return spec
}

// exact writes all digits of a number.
func exact(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
