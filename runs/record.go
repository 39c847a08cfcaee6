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

// Record is what a run has measured: rows in the order of time, each with a number for some of the names. It grows as lines are read.
type Record struct {
	columns map[string][]float64
	rows    int

	fields []field // of the last line, whose memory the next one takes
}

// Rows returns their number.
func (r *Record) Rows() int { return r.rows }

// Names returns what has been measured, in the order of letters. "step" is among it if there is a row.
func (r *Record) Names() []string { return slices.Sorted(maps.Keys(r.columns)) }

// Column returns the numbers of a name, one for each row, NaN where a row has none; nil for a name that no row has.
func (r *Record) Column(name string) []float64 { return r.columns[name] }

// Last returns the last number of a name; NaN if there is none.
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

// Read takes whole lines in, and returns how many bytes these are: what stands behind the last line end is not read. A line that is no
// object with a step is passed over.
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

// end completes the row that the last numbers stand in.
func (r *Record) end() {
	r.rows++
	for name, column := range r.columns {
		if len(column) < r.rows {
			r.columns[name] = padded(column, r.rows)
		}
	}
}

// plain takes in a line as most are: an object of numbers with different names, a step among them, without escapes and blanks. It reports
// whether the line is one, and changes nothing else.
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

// isNumber reports whether a text that is a number for Go is one for JSON.
func isNumber(text []byte) bool {
	digits := bytes.TrimPrefix(text, []byte("-"))
	if len(digits) == 0 || digits[0] < '0' || digits[0] > '9' || digits[0] == '0' && len(digits) > 1 && digits[1] != '.' && digits[1] != 'e' && digits[1] != 'E' {
		return false
	}
	return !bytes.ContainsAny(text, "xX_pP") && !bytes.Contains(text, []byte(".e")) && !bytes.Contains(text, []byte(".E")) && text[len(text)-1] != '.'
}

// enter puts the numbers of an object into the last row. Those within another one stand under the names of both, but for what an evaluation
// has measured besides, unless its name is taken.
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

// padded returns a column of so many rows, with NaN in those that it lacks.
func padded(column []float64, rows int) []float64 {
	for len(column) < rows {
		column = append(column, math.NaN())
	}
	return column
}

// cut drops the rows of steps behind k, and evaluations behind another step. Evaluations count gradients.
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
