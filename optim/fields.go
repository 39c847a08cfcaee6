package optim

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"steepest/internal/decimal"
	"steepest/internal/suggest"
	"steepest/optim/schedule"
)

// Resolver is a Rule that knows its defaults.
type Resolver interface {
	Rule
	// Resolved returns the rule with every field set that Chain reads: open fields take their defaults. Records of runs should
	// keep this form.
	Resolved() Rule
}

// Configurer is a Rule that consists of parts, and lists and sets their hyperparameters by itself.
type Configurer interface {
	Rule
	// Fields lists the hyperparameters as the function Fields does.
	Fields() []Field
	// Configure returns a copy with hyperparameters set from text by name.
	Configure(options map[string]string) (Rule, error)
}

// Field is a hyperparameter of a rule: an exported field with one of these tags.
//
//	help:"…"     its meaning
//	range:"0,1"  where it lies: "0,1" is [0, 1), "0," is [0, ∞), "(0," is (0, ∞), and "(0,1]" is (0, 1]
//	open:"1/L"   its default as a formula, where the problem decides it
//	prefix:"…"   for a rule within the rule: a prefix for the names of its fields
type Field struct {
	// Name is its name in specifications: weight-decay for WeightDecay.
	Name string
	// Help is the meaning of the hyperparameter.
	Help string
	// Value is its value as text.
	Value string
	// Range says which values it takes: an interval, or all names; "" if neither applies, as for a schedule.
	Range string
}

// Fields lists the hyperparameters of a rule with their values. The value of an open one is its default under the rule's preset, or a
// formula if the default depends on the problem. The hyperparameters of a Preparation are listed if they are set.
func Fields(r Rule) []Field {
	r, preparation := Unprepared(r)
	if parts, ok := r.(Configurer); ok {
		return append(parts.Fields(), preparation.set()...)
	}
	if open, ok := r.(Resolver); ok {
		r = open.Resolved()
	}
	return append(fieldsOf(r, nil), preparation.set()...)
}

// Options returns the values of the Fields of a rule, by name.
func Options(r Rule) map[string]string {
	options := make(map[string]string)
	for _, f := range Fields(r) {
		options[f.Name] = f.Value
	}
	return options
}

// TransformFields lists the hyperparameters of a transform with their values.
func TransformFields(t Transformer) []Field { return fieldsOf(t, nil) }

// fieldsOf lists the hyperparameters of a struct, or only the wanted ones if wanted is not nil.
func fieldsOf(v any, wanted func(reflect.Value) bool) (fields []Field) {
	forFields(reflect.ValueOf(v), func(f field) {
		if wanted != nil && !wanted(f.value) {
			return
		}
		value := f.tag.Get("open")
		if value == "" || !f.value.IsZero() {
			value = fmt.Sprint(f.value.Interface())
		}
		fields = append(fields, Field{f.option(), f.tag.Get("help"), value, f.values()})
	})
	return fields
}

// Configure returns a copy of a rule with hyperparameters set from text. The names are those of Fields or of a Preparation. Numbers
// must be finite and step sizes positive; "lr" may be any schedule that schedule.Parse reads.
func Configure(r Rule, options map[string]string) (Rule, error) {
	r, preparation := Unprepared(r)
	if parts, ok := r.(Configurer); ok {
		own, general := maps.Clone(options), maps.Clone(options)
		for _, f := range preparation.Fields() {
			delete(own, f.Name)
		}
		maps.DeleteFunc(general, func(name, _ string) bool { _, ok := own[name]; return ok })
		if err := set(general, reflect.ValueOf(&preparation).Elem()); err != nil {
			return nil, err
		}
		configured, err := parts.Configure(own)
		if err != nil {
			return nil, err
		}
		return preparation.Of(configured), nil
	}
	v := copyOf(r)
	if err := set(options, v, reflect.ValueOf(&preparation).Elem()); err != nil {
		return nil, err
	}
	return preparation.Of(v.Interface().(Rule)), nil
}

// ConfigureTransform returns a copy of a transform with hyperparameters set from text by name, as in TransformFields.
func ConfigureTransform(t Transformer, options map[string]string) (Transformer, error) {
	v := copyOf(t)
	if err := set(options, v); err != nil {
		return nil, err
	}
	return v.Interface().(Transformer), nil
}

// copyOf returns a copy of a struct that can be changed.
func copyOf(of any) reflect.Value {
	v := reflect.New(reflect.TypeOf(of)).Elem()
	v.Set(reflect.ValueOf(of))
	return v
}

// set sets hyperparameters of structs from text by name.
func set(options map[string]string, structs ...reflect.Value) error {
	fields := make(map[string]field)
	var names []string
	for _, v := range structs {
		forFields(v, func(f field) { fields[f.option()], names = f, append(names, f.option()) })
	}
	for _, name := range slices.Sorted(maps.Keys(options)) {
		f, ok := fields[name]
		if !ok {
			return suggest.Unknown("option", name, names)
		}
		err := f.parse(options[name])
		if err == nil {
			err = f.checkRange()
		}
		if err != nil {
			return fmt.Errorf("option %s: %w", name, err)
		}
	}
	return nil
}

// check returns an error that names a hyperparameter out of its range, or a step size that is negative or not finite at the first
// step. A rule may leave its step size open; a transform may not.
func check(v any) (err error) {
	_, mayLeaveOpen := v.(Rule)
	forFields(reflect.ValueOf(v), func(f field) {
		if e := f.check(mayLeaveOpen); e != nil {
			err = cmp.Or(err, fmt.Errorf("%s.%s: %w", reflect.TypeOf(v).Name(), f.path, e))
		}
	})
	return err
}

// field is a hyperparameter with its location in a struct.
type field struct {
	path  string // of names in Go: Aux.LR
	name  string // the last of them
	lead  string // the prefix of a rule within the rule
	tag   reflect.StructTag
	value reflect.Value
}

// forFields calls f for every hyperparameter of a struct, including those of rules within it, in order.
func forFields(v reflect.Value, f func(field)) {
	if v.Kind() != reflect.Struct {
		return
	}
	for i := range v.NumField() {
		at := v.Type().Field(i)
		switch prefix := at.Tag.Get("prefix"); {
		case at.Anonymous:
			forFields(v.Field(i), f)
		case prefix != "":
			forFields(v.Field(i), func(inner field) {
				inner.path, inner.lead = at.Name+"."+inner.path, prefix+inner.lead
				f(inner)
			})
		case at.Tag != "":
			f(field{at.Name, at.Name, "", at.Tag, v.Field(i)})
		}
	}
}

// option returns the name in a specification: weight-decay for WeightDecay, lr-place for LRPlace.
func (f field) option() string {
	b := []byte(f.lead)
	for i, r := range f.name {
		if i > 0 && unicode.IsUpper(r) &&
			(unicode.IsLower(rune(f.name[i-1])) || i+1 < len(f.name) && unicode.IsLower(rune(f.name[i+1]))) {
			b = append(b, '-')
		}
		b = append(b, string(unicode.ToLower(r))...)
	}
	return string(b)
}

// values says which values the field takes, as Field.Range does.
func (f field) values() string {
	if low, high, ok := strings.Cut(f.tag.Get("range"), ","); ok {
		if !strings.HasPrefix(low, "(") {
			low = "[" + low
		}
		if !strings.HasSuffix(high, "]") {
			high = cmp.Or(high, "∞") + ")"
		}
		return low + ", " + high
	}
	return strings.Join(namesOf(f.value.Interface()), ", ")
}

// parse sets the field from text.
func (f field) parse(text string) (err error) {
	if p, ok := f.value.Addr().Interface().(*schedule.Schedule); ok {
		if v, number := decimal.ParseFinite(text); number && f.tag.Get("range") != "" {
			*p = schedule.Constant(v) // which may be 0
			return nil
		}
		*p, err = schedule.Parse(text)
		return err
	}
	return parse(f.value.Addr().Interface(), text)
}

// check returns an error if the value of the field cannot work.
func (f field) check(mayBeOpen bool) error {
	if f.value.Kind() == reflect.Interface && f.value.IsNil() && !mayBeOpen && f.tag.Get("open") == "" {
		return errors.New("it is not set")
	}
	if s, ok := f.value.Interface().(schedule.Schedule); ok {
		if err := schedule.Check(s); err != nil {
			return err
		}
	}
	return f.checkRange()
}

// checkRange returns an error if the number, or a value of the schedule, is out of its range.
func (f field) checkRange() error {
	if s, ok := f.value.Interface().(schedule.Schedule); ok {
		lowest, highest := schedule.Extremes(s)
		return cmp.Or(f.holds(lowest), f.holds(highest))
	}
	if v, ok := numberOf(f.value.Interface()); ok {
		return f.holds(v)
	}
	return nil
}

// holds returns an error if a number is out of the range of the field.
func (f field) holds(v float64) error {
	low, high, _ := strings.Cut(f.tag.Get("range"), ",")
	low, open := strings.CutPrefix(low, "(")
	high, closed := strings.CutSuffix(high, "]")
	lo, errLow := strconv.ParseFloat(low, 64)
	hi, errHigh := strconv.ParseFloat(high, 64)
	switch {
	case errLow == nil && v < lo:
		return fmt.Errorf("%v is below %v", v, lo)
	case errLow == nil && open && v == lo:
		return fmt.Errorf("%v is not above %v", v, lo)
	case errHigh == nil && closed && v > hi:
		return fmt.Errorf("%v is above %v", v, hi)
	case errHigh == nil && !closed && v >= hi:
		return fmt.Errorf("%v is not below %v", v, hi)
	case math.IsNaN(v) || math.IsInf(v, 0):
		return fmt.Errorf("%v is not a finite number", v)
	}
	return nil
}
