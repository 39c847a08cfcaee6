package cli

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"steepest/internal/decimal"
)

// values makes kong parse numbers in flags by the same grammar as in data files (decimal and finite), and durations as Go writes them. Texts
// keep their bytes, since the name of a file need not be UTF-8; kong's own reader passes texts through JSON, which replaces other bytes.
func values() kong.Option {
	text := mapper("a text", func(target reflect.Value, text string) bool {
		target.SetString(text)
		return true
	})
	whole := mapper("a whole number", func(target reflect.Value, text string) bool {
		v, err := strconv.Atoi(decimal.Whole(text))
		target.SetInt(int64(v))
		return err == nil
	})
	natural := mapper("a whole number of at least 0", func(target reflect.Value, text string) bool {
		v, err := strconv.ParseUint(decimal.Whole(text), 10, 64)
		target.SetUint(v)
		return err == nil
	})
	real := mapper("a finite number", func(target reflect.Value, text string) bool {
		v, ok := decimal.ParseFinite(text)
		target.SetFloat(v)
		return ok
	})
	duration := mapper("a time such as 90s, 5m or 1h30m", func(target reflect.Value, text string) bool {
		v, err := time.ParseDuration(text)
		target.SetInt(int64(v))
		return err == nil
	})
	return kong.OptionFunc(func(k *kong.Kong) error {
		return errors.Join(kong.KindMapper(reflect.String, text).Apply(k), kong.KindMapper(reflect.Int, whole).Apply(k), kong.KindMapper(reflect.Uint64, natural).Apply(k),
			kong.KindMapper(reflect.Float64, real).Apply(k),
			kong.TypeMapper(reflect.TypeFor[time.Duration](), duration).Apply(k))
	})
}

// mapper returns a kong mapper that reads a value with parse.
func mapper(what string, parse func(target reflect.Value, text string) bool) kong.MapperFunc {
	return func(ctx *kong.DecodeContext, target reflect.Value) error {
		token, err := ctx.Scan.PopValue(what)
		if err == nil && !parse(target, fmt.Sprint(token.Value)) {
			err = notNumber(fmt.Sprint(token.Value), what)
		}
		return err
	}
}

// notNumber returns the error for a text that is not a number of the required kind, or a whole number that is too large.
func notNumber(text, what string) error {
	if digits := decimal.Whole(text); strings.Trim(digits, "0123456789") == "" && len(digits) > 18 {
		return fmt.Errorf("%s is too large a number", text)
	}
	return fmt.Errorf("%q is not %s", text, what)
}
