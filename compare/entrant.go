package compare

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"steepest/optim"
	"steepest/train"
)

// Entrant is a method in a race.
type Entrant struct {
	// Name labels the entrant's curves and rows; it is unique in a race.
	Name string
	// Method holds the rule with the options that the user gave.
	Method optim.Method
	// Given names those options, which tuning leaves alone.
	Given map[string]string
	// Batch is the number of terms a step draws; 0 is the whole sum, and −1 the race's own batch.
	Batch int
}

// ParseEntrant reads a specification of one of train.Methods, with two options more than optim.ParseMethod: batch, a number or
// "full", and name. A method meant for full batches has one unless batch says otherwise.
func ParseEntrant(spec string) (Entrant, error) {
	method, given, err := optim.ParseMethodIn(train.Methods(), spec, "batch", "name")
	if err != nil {
		return Entrant{}, err
	}
	e := Entrant{Name: strings.Replace(spec, ":", " ", 1), Method: method, Given: given, Batch: -1}
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
		if e.Batch, err = strconv.Atoi(text); err != nil || e.Batch < 1 {
			return Entrant{}, fmt.Errorf("method %q: batch %q is neither a positive number nor full", spec, text)
		}
	}
	delete(given, "name")
	delete(given, "batch")
	return e, nil
}

// Everyone returns the methods that can be given any problem, with every option open, in the order of the lecture; those for
// matrices are among them if the problem is a network.
func Everyone(network bool) []Entrant {
	var all []Entrant
	for _, m := range optim.Methods() {
		if m.Matrices && !network {
			continue
		}
		e, err := ParseEntrant(m.Name)
		if err != nil {
			panic("compare: " + err.Error())
		}
		all = append(all, e)
	}
	return all
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
