package runs

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Record holds the measurements of a run: rows in order of time, each with numbers for some of the names. It grows as lines are read.
type Record struct {
	columns map[string][]float64
	rows    int

	fields []field // of the last line; memory for the next one
}

// Rows returns the number of rows.
func (r *Record) Rows() int { return r.rows }

// Names returns the names of all measurements, sorted. It contains "step" if there is a row.
func (r *Record) Names() []string { return slices.Sorted(maps.Keys(r.columns)) }

// Column returns the numbers of a name, one for each row, NaN if a row has none. It returns nil for a name that no row has.
func (r *Record) Column(name string) []float64 { return r.columns[name] }

// Last returns the last number of a name, or NaN if there is none.
func (r *Record) Last(name string) float64 {
	for _, v := range slices.Backward(r.columns[name]) {
		if !math.IsNaN(v) {
			return v
		}
	}
	return math.NaN()
}

// longestLine bounds the bytes of a line that is read.
const longestLine = 1 << 20

// Read reads whole lines and returns their number of bytes. It does not read text after the last line end. It ignores lines that are not
// objects with a step.
func (r *Record) Read(text []byte) (n int) {
	for {
		end := bytes.IndexByte(text[n:], '\n')
		if end < 0 {
			return n
		}
		if line := text[n : n+end]; len(line) <= longestLine {
			r.line(line)
		}
		n += end + 1
	}
}

func (r *Record) line(text []byte) {
	if r.plain(text) {
		return
	}
	var b back
	var values map[string]any
	if json.Unmarshal(text, &values) != nil {
		return
	}
	if _, goesBack := values["from"]; goesBack {
		if json.Unmarshal(text, &b) == nil && b.From != nil && b.Evaluated != nil {
			r.cut(float64(*b.From), float64(*b.Evaluated))
		}
		return
	}
	if _, ok := values["step"].(float64); !ok {
		return
	}
	if r.columns == nil {
		r.columns = make(map[string][]float64)
	}
	r.enter("", values)
	r.end()
}

// end completes the last row.
func (r *Record) end() {
	r.rows++
	for name, column := range r.columns {
		if len(column) < r.rows {
			r.columns[name] = padded(column, r.rows)
		}
	}
}

// plain reads a typical line: an object of numbers with different names, including a step, without escapes and blanks. It returns false,
// and changes nothing, if the line is not of this form.
func (r *Record) plain(text []byte) bool {
	rest, ok := bytes.CutPrefix(text, []byte("{"))
	values := r.fields[:0]
	step := false
	for more := ok; more; {
		if rest, ok = bytes.CutPrefix(rest, []byte(`"`)); !ok {
			return false
		}
		name, behind, found := bytes.Cut(rest, []byte(`":`))
		end := bytes.IndexAny(behind, ",}")
		if !found || end < 0 || !utf8.Valid(name) || bytes.ContainsAny(name, "\"\\\n") {
			return false
		}
		v, err := strconv.ParseFloat(string(behind[:end]), 64)
		if err != nil || !isNumber(behind[:end]) || string(name) == "from" || slices.ContainsFunc(values, func(f field) bool { return f.name == string(name) }) {
			return false
		}
		step = step || string(name) == "step"
		values = append(values, field{string(name), v})
		more, rest = behind[end] == ',', behind[end+1:]
	}
	if !step || len(rest) > 0 {
		return false
	}
	if r.columns == nil {
		r.columns = make(map[string][]float64)
	}
	for _, f := range values {
		r.columns[f.name] = append(padded(r.columns[f.name], r.rows), f.value)
	}
	r.end()
	r.fields = values
	return true
}

// field is a number of a line.
type field struct {
	name  string
	value float64
}

// isNumber reports whether a text that is a number in Go is a number in JSON.
func isNumber(text []byte) bool {
	digits := bytes.TrimPrefix(text, []byte("-"))
	if len(digits) == 0 || digits[0] < '0' || digits[0] > '9' || digits[0] == '0' && len(digits) > 1 && digits[1] != '.' && digits[1] != 'e' && digits[1] != 'E' {
		return false
	}
	return !bytes.ContainsAny(text, "xX_pP") && !bytes.Contains(text, []byte(".e")) && !bytes.Contains(text, []byte(".E")) && text[len(text)-1] != '.'
}

// enter adds the numbers of an object to the last row. Numbers of an inner object get the names of both. The further measurements of an
// evaluation keep their own names, unless these are taken.
func (r *Record) enter(prefix string, values map[string]any) {
	for name, v := range values {
		switch v := v.(type) {
		case float64:
			r.columns[prefix+name] = append(padded(r.columns[prefix+name], r.rows), v)
		case map[string]any:
			inner := prefix + name + "."
			if inner == "measured." && !taken(values, v) {
				inner = ""
			}
			r.enter(inner, v)
		}
	}
}

// taken reports whether two objects share a name.
func taken(a, b map[string]any) bool {
	for name := range b {
		if _, ok := a[name]; ok {
			return true
		}
	}
	return false
}

// padded returns a column with the given number of rows, with NaN for missing values.
func padded(column []float64, rows int) []float64 {
	for len(column) < rows {
		column = append(column, math.NaN())
	}
	return column
}

// cut drops the rows of steps after k, and evaluations after the step evaluated. A row is an evaluation if it counts gradients.
func (r *Record) cut(k, evaluated float64) {
	steps, grads := r.columns["step"], r.columns["grads"]
	var keep []int
	for i, step := range steps {
		if step <= k && (grads == nil || math.IsNaN(grads[i]) || step <= evaluated) {
			keep = append(keep, i)
		}
	}
	for name, column := range r.columns {
		kept := make([]float64, len(keep))
		for j, i := range keep {
			kept[j] = column[i]
		}
		r.columns[name] = kept
	}
	r.rows = len(keep)
}
