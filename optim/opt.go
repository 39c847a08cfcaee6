package optim

import (
	"encoding"
	"fmt"
	"strconv"

	"steepest/internal/decimal"
)

// Opt is a hyperparameter of a rule that may be left open. The zero Opt is open and stands for the documented default, which is
// distinct from the value 0. All open hyperparameters are Opts, except step sizes: an open step size is a nil Schedule.
type Opt[T any] struct {
	value T
	set   bool
}

// Set returns an Opt that holds v.
func Set[T any](v T) Opt[T] { return Opt[T]{v, true} }

// Get returns the value that o holds, or the zero value if o is open.
func (o Opt[T]) Get() T { return o.value }

// Or returns the value that o holds, or def if it is open.
func (o Opt[T]) Or(def T) T {
	if o.set {
		return o.value
	}
	return def
}

// Fill returns o, or the Opt that holds def if o is open.
func (o Opt[T]) Fill(def T) Opt[T] { return Set(o.Or(def)) }

// String returns the value as UnmarshalText reads it, or "default" if o is open.
func (o Opt[T]) String() string {
	if !o.set {
		return "default"
	}
	if v, ok := any(o.value).(float64); ok {
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return fmt.Sprint(o.value)
}

// UnmarshalText reads a value.
func (o *Opt[T]) UnmarshalText(text []byte) error {
	err := parse(&o.value, string(text))
	o.set = err == nil
	return err
}

// number returns the value as a number, if it is one and is not open.
func (o Opt[T]) number() (float64, bool) {
	v, ok := numberOf(o.value)
	return v, ok && o.set
}

// names returns the names of all values, if they have names.
func (o Opt[T]) names() []string { return namesOf(o.value) }

// namesOf returns the names of all values of a type, if they have names.
func namesOf(v any) []string {
	switch v := v.(type) {
	case bool:
		return []string{"true", "false"}
	case interface{ Names() []string }:
		return v.Names()
	case interface{ names() []string }:
		return v.names()
	}
	return nil
}

// numberOf returns a value as a number, if it is one.
func numberOf(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int:
		return float64(v), true
	case interface{ number() (float64, bool) }:
		return v.number()
	}
	return 0, false
}

// parse reads text into the value at p: a finite number, a bool, or an encoding.TextUnmarshaler.
func parse(p any, text string) error {
	switch p := p.(type) {
	case *float64:
		v, ok := decimal.ParseFinite(text)
		if !ok {
			return fmt.Errorf("%q is not a finite number", text)
		}
		*p = v
	case *int:
		n, err := strconv.Atoi(decimal.Whole(text))
		if err != nil {
			return fmt.Errorf("%q is not a whole number", text)
		}
		*p = n
	case *bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", text)
		}
		*p = b
	case encoding.TextUnmarshaler:
		return p.UnmarshalText([]byte(text))
	default:
		panic(fmt.Sprintf("optim: no text form for a field of type %T", p))
	}
	return nil
}
