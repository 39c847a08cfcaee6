package optim

import (
	"encoding"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"steepest/internal/suggest"
	"steepest/optim/schedule"
)

// Method is a named rule as a program offers it.
type Method struct {
	// Name is how a specification calls the method.
	Name string
	// Title is the method's name in prose.
	Title string
	// Formula is the update in one line.
	Formula string
	// Source is the paper it comes from.
	Source string
	// Rule is the rule with every field open.
	Rule Rule
	// FullBatch says that the method is meant for the gradient of the whole sum.
	FullBatch bool
	// Matrices says that the method is for the matrices of a network. It treats vectors as another method does, or at a cost that
	// they do not repay.
	Matrices bool
}

// Methods lists the named rules in the order of the lecture.
func Methods() []Method {
	return []Method{
		{"gd", "Gradient descent", "x ← x − α∇f(x)", "Cauchy 1847", SGD{}, true, false},
		{"sgd", "SGD", "x ← x − αg", "Robbins and Monro 1951", SGD{}, false, false},
		{"heavy-ball", "Heavy ball", "b ← μb + g,  x ← x − αb", "Polyak 1964", HeavyBall{}, false, false},
		{"nesterov", "Nesterov", "b ← μb + g,  x ← x − α(g + μb)", "Nesterov 1983; Sutskever et al. 2013", Nesterov{}, false, false},
		{"adagrad", "AdaGrad", "s ← s + g²,  x ← x − αg/√(s + ε)", "Duchi, Hazan and Singer 2011", AdaGrad{}, false, false},
		{"rmsprop", "RMSProp", "v ← γv + (1−γ)g²,  x ← x − αg/√(v + ε)", "Tieleman and Hinton 2012", RMSProp{}, false, false},
		{"adadelta", "AdaDelta", "u = √(d+ε)/√(v+ε)·g,  d ← ρd + (1−ρ)u²,  x ← x − αu", "Zeiler 2012, arXiv:1212.5701", AdaDelta{}, false, false},
		{"adam", "Adam", "x ← x − α·m̂/(√v̂ + ε)", "Kingma and Ba 2015, arXiv:1412.6980", Adam{}, false, false},
		{"amsgrad", "AMSGrad", "w ← max(w, v),  x ← x − α·m/(√w + ε)", "Reddi, Kale and Kumar 2018, arXiv:1904.09237", AMSGrad{}, false, false},
		{"adamw", "AdamW", "x ← x − α(m̂/(√v̂ + ε) + λx)", "Loshchilov and Hutter 2019, arXiv:1711.05101", AdamW{}, false, false},
		{"nadam", "NAdam", "x ← x − α·(βm̂ + (1−β)ĝ)/(√v̂ + ε)", "Dozat 2016", NAdam{}, false, false},
		{"nag-gs", "NAG-GS", "v ← (γv + αμx − αg)/(γ + αμ),  x ← (x + αv)/(1+α)", "Leplat et al. 2022, arXiv:2209.14937", NAGGS{}, false, false},
		{"lion", "Lion", "x ← x − α(sign(β₁m + (1−β₁)g) + λx),  m ← β₂m + (1−β₂)g", "Chen et al. 2023, arXiv:2302.06675", Lion{}, false, false},
		{"fromage", "Fromage", "x ← (x − α‖x‖/‖g‖·g)/√(1+α²)", "Bernstein et al. 2020, arXiv:2002.03432", Fromage{}, false, false},
		{"muon", "Muon", "b ← μb + g,  x ← x − α(s·polar(g + μb) + λx)", "Jordan 2024", Muon{}, false, true},
		{"normuon", "NorMuon", "O = polar(g + μb),  x ← x − α(s·O/√v_row + λx)", "Li et al. 2025, arXiv:2510.05491", NorMuon{}, false, true},
		{"scion", "Scion", "m ← μm + (1−μ)g,  x ← (1−α)x + αρ·lmo(m)", "Pethick et al. 2025, arXiv:2502.07529", Scion{}, false, true},
		{"dion", "Dion", "P = qr(MQ),  Q = MᵀP/|·|,  x ← x − α(√(r/c)·PQᵀ + λx)", "Ahn et al. 2025, arXiv:2504.05295", Dion{}, false, true},
		{"shampoo", "Shampoo", "L ← L + GGᵀ,  R ← R + GᵀG,  x ← x − αL^(−¼)·G·R^(−¼)", "Gupta, Koren and Singer 2018, arXiv:1802.09568", Shampoo{}, false, true},
		{"soap", "SOAP", "x ← x − α·Q_L·adam(Q_LᵀGQ_R)·Q_Rᵀ", "Vyas et al. 2024, arXiv:2409.11321", SOAP{}, false, true},
		{"sign", "Sign descent", "x ← x − α·sign(g)", "Bernstein et al. 2018, arXiv:1802.04434", SignDescent{}, false, false},
		{"normalized", "Normalized descent", "x ← x − αg/‖g‖₂", "Nesterov 1984; Hazan, Levy and Shalev-Shwartz 2015", NormalizedDescent{}, false, false},
		{"steepest", "Steepest descent", "x ← x + α·lmo(g),  lmo(g) = argmin ⟨g, d⟩ over ‖d‖ ≤ 1", "Bernstein and Newhouse 2024, arXiv:2409.20325", SteepestDescent{}, false, true},
	}
}

// Field is one option of a Method.
type Field struct {
	// Name is how a specification calls the option.
	Name string
	// Help says what it is.
	Help string
	// Value is its value as text.
	Value string
}

// Fields lists the options of a rule with their values. Where a rule leaves one open, it is the default, of the rule's
// Preset if the rule has one, or its formula if the default depends on the problem.
func Fields(r Rule) []Field {
	if open, ok := r.(interface{ Resolved() Rule }); ok {
		r = open.Resolved()
	}
	var fields []Field
	if reflect.TypeOf(r).Kind() != reflect.Struct {
		return nil // a Chain has no options
	}
	forFields(reflect.ValueOf(r), func(o option) {
		value := o.tag.Get("open")
		if value == "" || !o.value.IsZero() {
			value = fmt.Sprint(o.value.Interface())
		}
		fields = append(fields, Field{o.name, o.tag.Get("help"), value})
	})
	return fields
}

// Configure returns a copy of a rule with options set from text by name, as in Fields. Numbers must be finite and step
// sizes positive; "lr" may be any schedule that schedule.Parse reads.
func Configure(r Rule, options map[string]string) (Rule, error) {
	v := reflect.New(reflect.TypeOf(r)).Elem()
	v.Set(reflect.ValueOf(r))
	fields := make(map[string]option)
	var names []string
	forFields(v, func(o option) {
		fields[o.name], names = o, append(names, o.name)
	})
	for _, name := range slices.Sorted(maps.Keys(options)) {
		field, ok := fields[name]
		if !ok {
			return nil, suggest.Unknown("option", name, names)
		}
		if err := field.set(options[name]); err != nil {
			return nil, fmt.Errorf("option %s: %w", name, err)
		}
	}
	return v.Interface().(Rule), nil
}

// ParseMethod reads a specification: a method's name, and options after a colon, as in "adam:lr=0.01,beta2=0.99" or
// "sgd:lr=invsqrt(0.5)". It returns the options as well, by name. Options that the rule does not have are refused, but
// for those in extra, which are the caller's.
func ParseMethod(spec string, extra ...string) (Method, map[string]string, error) {
	return ParseMethodIn(Methods(), spec, extra...)
}

// ParseMethodIn is ParseMethod for another list of methods.
func ParseMethodIn(methods []Method, spec string, extra ...string) (Method, map[string]string, error) {
	name, list, _ := strings.Cut(spec, ":")
	var names []string
	for _, m := range methods {
		names = append(names, m.Name)
	}
	i, err := suggest.Index("method", name, names)
	if err != nil {
		return Method{}, nil, err
	}
	m := methods[i]
	options, err := parseOptions(list)
	if err == nil {
		own := maps.Clone(options)
		maps.DeleteFunc(own, func(name, _ string) bool { return slices.Contains(extra, name) })
		m.Rule, err = Configure(m.Rule, own)
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
		name, value, _ := strings.Cut(part, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
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

// option is a field of a rule that a specification can set.
type option struct {
	name string
	// tag has help; range: "0,1" for [0, 1), "0," for [0, ∞), "(0," for (0, ∞); and open: the default of a zero value, where it
	// depends on the problem.
	tag   reflect.StructTag
	value reflect.Value
}

// forFields calls f for every option of a rule, those of a rule within it in its place, with the prefix of its tag.
func forFields(rule reflect.Value, f func(option)) {
	for i := range rule.NumField() {
		field := rule.Type().Field(i)
		if prefix := field.Tag.Get("prefix"); field.Anonymous || prefix != "" {
			forFields(rule.Field(i), func(o option) {
				o.name = prefix + o.name
				f(o)
			})
		} else if field.Tag != "" {
			f(option{optionName(field.Name), field.Tag, rule.Field(i)})
		}
	}
}

// optionName turns a field's name into an option's: WeightDecay into weight-decay, LRPlace into lr-place.
func optionName(field string) string {
	var b strings.Builder
	for i, r := range field {
		if i > 0 && unicode.IsUpper(r) && (unicode.IsLower(rune(field[i-1])) || i+1 < len(field) && unicode.IsLower(rune(field[i+1]))) {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

func (o option) set(text string) error {
	switch p := o.value.Addr().Interface().(type) {
	case *Option:
		if err := p.UnmarshalText([]byte(text)); err != nil {
			return err
		}
		return o.checkRange(p.value)
	case *float64:
		var number Option
		err := number.UnmarshalText([]byte(text))
		if *p = number.value; err != nil {
			return err
		}
		return o.checkRange(*p)
	case *int:
		n, err := strconv.Atoi(text)
		if *p = n; err != nil {
			return fmt.Errorf("%q is not a whole number", text)
		}
		return o.checkRange(float64(n))
	case *bool:
		b, err := strconv.ParseBool(text)
		if *p = b; err != nil {
			return fmt.Errorf("%q is neither true nor false", text)
		}
		return nil
	case *schedule.Schedule:
		s, err := schedule.Parse(text)
		*p = s
		return err
	case encoding.TextUnmarshaler:
		return p.UnmarshalText([]byte(text))
	}
	panic("optim: no text form for a field of type " + o.value.Type().String())
}

func (o option) checkRange(v float64) error {
	low, high, _ := strings.Cut(o.tag.Get("range"), ",")
	low, open := strings.CutPrefix(low, "(")
	if lo, err := strconv.ParseFloat(low, 64); err == nil && v < lo {
		return fmt.Errorf("%v is below %v", v, lo)
	} else if err == nil && open && v == lo {
		return fmt.Errorf("%v is not above %v", v, lo)
	}
	if hi, err := strconv.ParseFloat(high, 64); err == nil && v >= hi {
		return fmt.Errorf("%v is not below %v", v, hi)
	}
	return nil
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
	parts = append(parts, text[start:])
	return slices.DeleteFunc(parts, func(part string) bool { return part == "" })
}
