package methods

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"steepest/optim"
)

// Parse reads a specification and returns the method and its options by name. There are four forms:
//
//	a method with options      adam:lr=0.01,beta2=0.99     sgd:lr=invsqrt(0.5)
//	a chain with links         adam:beta2=0.95+cautious+decay:0.1+lr:0.003
//	chains by role, options    hidden=muon/rest=adamw:lr=3e-4/clip-norm=1
//	chains by role and name    hidden.mlp=muon/hidden=adam/rest=adamw
//
// It rejects options that neither the rule nor an optim.Preparation has, except those in extra, which belong to the caller.
func Parse(spec string, extra ...string) (Method, map[string]string, error) {
	switch {
	case isRouted(spec):
		return parseRoutes(spec, extra)
	case len(piece{text: spec}.links()) > 1:
		return parseChain(spec, piece{text: spec}, extra)
	}
	return parseMethod(spec, extra)
}

// parseMethod reads a method and its options, "name:option=value,option=value".
func parseMethod(spec string, extra []string) (Method, map[string]string, error) {
	name, text, _ := strings.Cut(spec, ":")
	m, err := Find(name)
	if err != nil {
		return Method{}, nil, err
	}
	options, err := parseOptions(text)
	if err == nil {
		own := maps.Clone(options)
		maps.DeleteFunc(own, func(name, _ string) bool { return slices.Contains(extra, name) })
		names := append(optionNames(m), preparationNames()...)
		for _, name := range slices.Sorted(maps.Keys(own)) {
			if !slices.Contains(names, name) {
				err = cmp.Or(err, unknownOption(m, name))
			}
		}
		if err == nil {
			m.Rule, err = optim.Configure(m.Rule, own)
		}
	}
	if err != nil {
		return Method{}, nil, fmt.Errorf("method %q: %w", spec, err)
	}
	return m, options, nil
}

// parseOptions reads "name=value,name=value".
func parseOptions(list string) (map[string]string, error) {
	options := make(map[string]string)
	for _, part := range splitOutside(list, ',') {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if _, err := strconv.Atoi(name); err == nil && len(options) > 0 {
			return nil, fmt.Errorf("%q stands where an option belongs; numbers have a decimal point, not a comma", name)
		}
		if value == "" {
			return nil, fmt.Errorf("option %q has no value; write %s=…", name, name)
		}
		if _, twice := options[name]; twice {
			return nil, fmt.Errorf("option %q stands twice", name)
		}
		options[name] = value
	}
	return options, nil
}

// splitOutside cuts text at the separators that no parenthesis encloses.
func splitOutside(text string, sep rune) (parts []string) {
	start, depth := 0, 0
	for i, r := range text {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == sep && depth == 0:
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}

// presetNames returns the names of a rule's presets, default first, or nil if it has none.
func presetNames(rule optim.Rule) []string {
	rule, _ = optim.Unprepared(rule)
	if _, parts := rule.(optim.Configurer); parts {
		return nil // the parts have presets
	}
	field := reflect.ValueOf(rule).FieldByName("Preset")
	if !field.IsValid() {
		return nil
	}
	return field.Interface().(interface{ Names() []string }).Names()
}
