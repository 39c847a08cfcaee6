package compare

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"steepest/internal/decimal"
	"steepest/methods"
	"steepest/theory"
	"steepest/train"
)

// Entrant is a method in a race.
type Entrant struct {
	// Name labels the entrant's curves and rows. It is unique in a race.
	Name string
	// Method holds the rule with the options that the user gave.
	Method methods.Method
	// Given holds these options. Tuning changes none but those of Ranges.
	Given map[string]string
	// Ranges holds the axes that a race searches instead of those of the method; nil stands for these.
	Ranges []methods.Axis
	// written holds the ranges as the user wrote them, by the numbers that stand for them.
	written map[string]string
	// Batch is the number of terms that a step draws; 0 is the whole sum, and −1 the batch of the race.
	Batch int
	// Average is the average of the iterates that is evaluated; nil is the average of the race.
	Average *train.Average
	// Theory says that a theorem decides the step size: Theorem, or the one with the best bound if Theorem is nil.
	Theory  bool
	Theorem *theory.Theorem
	// Untuned says that the method is not tuned in a race that tunes: it runs with the given options and its defaults.
	Untuned bool
}

// Options are the options that ParseEntrant reads in addition to those of a method: batch (a number or "full"), average, tune ("yes" or
// "no") and name.
var Options = []string{"batch", "average", "tune", "name"}

// ParseEntrant reads a specification of a method, with Options in addition to the options of methods.Parse. A method meant for full
// batches has full batches unless batch says otherwise. "lr=theory" leaves the step size to the theorem with the best bound,
// "lr=theory(NAME)" to one of theory.Theorems. A range in place of a number, as in "lr=1e-3..1e-2" or "lr=cosine(1e-3..1e-2,0,1000)",
// becomes an axis of Ranges. An axis between 0.5 and 1 is uniform in the logarithm of 1 − v, any other axis in the logarithm of v.
func ParseEntrant(spec string) (Entrant, error) {
	if ranges.MatchString(spec) {
		return parseRanges(spec)
	}
	method, given, err := methods.Parse(spec, append(slices.Clone(Options), "lr")...)
	if err != nil {
		return Entrant{}, err
	}
	e := Entrant{Name: strings.ReplaceAll(spec, ":", " "), Method: method, Given: given, Batch: -1}
	if err := e.setStep(given["lr"]); err != nil {
		return Entrant{}, fmt.Errorf("method %q: %w", spec, err)
	}
	if name := given["name"]; name != "" {
		e.Name = name
	}
	if method.FullBatch {
		e.Batch = 0
	}
	switch text := given["batch"]; text {
	case "":
	case "full":
		e.Batch = 0
	default:
		if e.Batch, err = strconv.Atoi(decimal.Whole(text)); err != nil || e.Batch < 1 {
			return Entrant{}, fmt.Errorf("method %q: batch %q is neither a positive number nor full", spec, text)
		}
	}
	if text := given["average"]; text != "" {
		e.Average = new(train.Average)
		if err := e.Average.Form.UnmarshalText([]byte(text)); err != nil {
			return Entrant{}, fmt.Errorf("method %q: option average: %w", spec, err)
		}
	}
	if text := given["tune"]; text == "no" {
		e.Untuned = true
	} else if text != "" && text != "yes" {
		return Entrant{}, fmt.Errorf("method %q: tune is %q, want yes or no", spec, text)
	}
	for _, own := range Options {
		delete(given, own)
	}
	return e, nil
}

// Spec returns a specification of the method, its options, its batch, its average and whether it is tuned, without the name.
func (e Entrant) Spec() string {
	options := maps.Clone(e.Given)
	if options == nil {
		options = make(map[string]string)
	}
	if e.Average != nil {
		options["average"] = e.Average.Form.String()
	}
	if e.Batch == 0 && !e.Method.FullBatch {
		options["batch"] = "full"
	} else if e.Batch > 0 {
		options["batch"] = strconv.Itoa(e.Batch)
	}
	if e.Untuned {
		options["tune"] = "no"
	}
	return e.asWritten(e.Method.Spec(options))
}

// Everyone returns the methods that work on any problem, with every option open, in the order of the lecture. Methods for
// matrices are included if the problem is a network.
func Everyone(network bool) []Entrant {
	var specs []string
	for _, m := range methods.All() {
		specs = append(specs, m.Name)
	}
	return general(network, specs)
}

// Untuned returns the methods that are meant to run with their defaults, with names such as "adamw untuned". Methods for matrices are
// included if the problem is a network.
func Untuned(network bool) []Entrant {
	list := general(network, methods.Untuned())
	for i := range list {
		list[i].Untuned = true
		list[i].Name += " untuned"
	}
	return list
}

// general returns the methods among specs that work on any problem, or on any network.
func general(network bool, specs []string) (list []Entrant) {
	for _, spec := range specs {
		e, err := ParseEntrant(spec)
		if err != nil {
			panic("compare: " + err.Error())
		}
		if f := e.Method.Family; f != methods.Estimating && (f != methods.Matrix || network) {
			list = append(list, e)
		}
	}
	return list
}

// CheckNames returns an error unless there are entrants and no two share a name.
func CheckNames(entrants []Entrant) error {
	if len(entrants) == 0 {
		return errors.New("compare: a race needs a method")
	}
	seen := make(map[string]bool)
	for _, e := range entrants {
		if seen[e.Name] {
			return fmt.Errorf("compare: two methods are called %q; tell them apart with name=…", e.Name)
		}
		seen[e.Name] = true
	}
	return nil
}
