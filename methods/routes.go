package methods

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"steepest/internal/suggest"
	"steepest/optim"
	"steepest/optim/matrix"
	"steepest/param"
)

// roles maps the words of routes to the parameters that they take.
var roles = []struct {
	word  string
	takes func(param.Param) bool // nil for the parameters that no other route takes
}{
	{"hidden", matrix.HiddenMatrices.Takes},
	{"embedding", hasRole(param.Embedding)},
	{"head", hasRole(param.Head)},
	{"gain", hasRole(param.Gain)},
	{"bias", hasRole(param.Bias)},
	{"rest", nil},
}

func hasRole(role param.Role) func(param.Param) bool {
	return func(p param.Param) bool { return p.Role == role }
}

func roleWords() (words []string) {
	for _, r := range roles {
		words = append(words, r.word)
	}
	return words
}

// target says which parameters a route takes: those of a role, or those among them with certain words in their names, in this order.
// hidden.mlp.proj takes the hidden matrix h.0.mlp.c_proj.weight. The route with the most words takes a parameter.
type target struct {
	text  string
	role  int // in roles
	words []string
}

// parseTarget reads a target. It returns an error if the role is unknown, if words follow the role rest, or if a word is empty.
func parseTarget(text string) (target, error) {
	words := strings.Split(text, ".")
	role := slices.Index(roleWords(), words[0])
	switch {
	case role < 0:
		return target{}, suggest.Unknown("route", words[0], roleWords())
	case len(words) > 1 && roles[role].takes == nil:
		return target{}, fmt.Errorf("%s takes the parameters that no other route takes, so no words may follow it", words[0])
	case slices.Contains(words, ""):
		return target{}, fmt.Errorf("a word of %q is empty", text)
	}
	return target{text, role, words[1:]}, nil
}

// names reports whether a parameter's name has the words of the target.
func (t target) names(p param.Param) bool {
	words := t.words
	for _, part := range strings.FieldsFunc(p.Name, func(r rune) bool { return r == '.' || r == '_' }) {
		if len(words) > 0 && part == words[0] {
			words = words[1:]
		}
	}
	return len(words) == 0
}

// isRouted reports whether a specification consists of routes: whether one of its pieces begins with a role.
func isRouted(spec string) bool {
	return slices.ContainsFunc(piece{text: spec}.split('/'), func(p piece) bool {
		word, _ := p.named("=")
		role, _, _ := strings.Cut(word.text, ".")
		return slices.Contains(roleWords(), role) && strings.Contains(p.text, "=")
	})
}

// routed is a rule of routes by role and name.
type routed struct{ routes []route }

// route is a rule for the parameters of a target.
type route struct {
	target
	rule optim.Rule
}

var (
	_ optim.Router     = (*routed)(nil)
	_ optim.Configurer = (*routed)(nil)
)

// String names the routes.
func (r *routed) String() string {
	var words []string
	for _, p := range r.routes {
		words = append(words, p.text+"="+optim.NameOf(p.rule))
	}
	return strings.Join(words, "/")
}

// Chain returns the chain of the first route.
func (r *routed) Chain() optim.Chain { return r.routes[0].rule.Chain() }

// Routes returns the chains by role and name.
func (r *routed) Routes() (routes optim.Routes) {
	for _, p := range r.routes {
		made := optim.Route{Name: p.text, Rule: p.rule.Chain(), Needed: len(p.words) > 0}
		if takes := roles[p.role].takes; takes != nil {
			made.Takes = func(q param.Param) bool {
				return takes(q) && p.names(q) && !slices.ContainsFunc(r.routes, func(other route) bool {
					return other.role == p.role && len(other.words) > len(p.words) && other.names(q)
				})
			}
		}
		routes = append(routes, made)
	}
	return routes
}

// Fields lists the hyperparameters of each route, as hidden-lr.
func (r *routed) Fields() (fields []optim.Field) {
	for _, p := range r.routes {
		for _, f := range optim.Fields(p.rule) {
			f.Name = p.text + "-" + f.Name
			fields = append(fields, f)
		}
	}
	return fields
}

// Configure sets hyperparameters by the names that Fields has.
func (r *routed) Configure(options map[string]string) (optim.Rule, error) {
	made, rest := &routed{slices.Clone(r.routes)}, maps.Clone(options)
	for i, p := range r.routes {
		own := make(map[string]string)
		for name, value := range options {
			if inner, ok := strings.CutPrefix(name, p.text+"-"); ok {
				own[inner] = value
				delete(rest, name)
			}
		}
		var err error
		if made.routes[i].rule, err = optim.Configure(p.rule, own); err != nil {
			return nil, fmt.Errorf("%s: %w", p.text, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(rest)) {
		return nil, fmt.Errorf("no route is called %q; options are of a route, as %s-lr, or prepare all gradients, as clip-norm", name, r.routes[0].text)
	}
	return made, nil
}

// parseRoutes reads "role=chain/role.word=chain/option=value,option=value".
func parseRoutes(spec string, extra []string) (Method, map[string]string, error) {
	r := &routesReader{
		spec: spec, method: Method{Title: "Routes", Family: Matrix, Space: []Axis{}}, given: make(map[string]string), general: piece{at: len(spec)},
	}
	for _, p := range (piece{text: spec}).split('/') {
		word, text := p.named("=")
		to, err := parseTarget(word.text)
		if err == nil {
			err = r.route(to, word, text)
		} else {
			err = r.options(p, err)
		}
		if err != nil {
			return Method{}, nil, err
		}
	}
	m := r.method
	m.Name = strings.Join(r.names, "/")
	m.head, m.routed = m.Name, true
	m.Formula, m.Source = strings.Join(r.formulas, ";  "), strings.Join(slices.Compact(r.sources), "; ")
	own := maps.Clone(r.given)
	maps.DeleteFunc(own, func(name, _ string) bool { return slices.Contains(extra, name) && name != "lr" })
	var err error
	if m.Rule, err = optim.Configure(&r.rule, own); err != nil {
		return Method{}, nil, pointed{err, spec, r.general.at}
	}
	return m, r.given, nil
}

// routesReader holds the part of a specification of routes that has been read.
type routesReader struct {
	spec                     string
	rule                     routed
	method                   Method // with the search spaces of the routes, but without a name and a rule
	names, formulas, sources []string
	given                    map[string]string // the options for all routes
	general                  piece             // the piece of these options; the end of the specification for none
}

// route reads the chain of a route from the piece text behind the word of its target.
func (r *routesReader) route(to target, word, text piece) error {
	if slices.ContainsFunc(r.rule.routes, func(other route) bool { return other.text == to.text }) {
		return pointed{fmt.Errorf("the route %s stands twice", word.text), r.spec, word.at}
	}
	inner, options, err := parseChain(r.spec, text, nil)
	if err != nil {
		return err
	}
	rule, preparation := optim.Unprepared(inner.Rule)
	switch {
	case preparation != (optim.Preparation{}):
		return pointed{fmt.Errorf("%v is for the gradients of all parameters; write it as a piece of its own, /%[1]v", preparation), r.spec, text.at}
	case inner.Family == Estimating:
		return pointed{fmt.Errorf("%s estimates the gradient of all parameters, and is no route", inner.Name), r.spec, text.at}
	}
	r.rule.routes = append(r.rule.routes, route{to, rule})
	for _, a := range inner.SearchSpace() {
		if !a.Aux {
			a.Options = slices.Clone(a.Options)
			for i := range a.Options {
				a.Options[i] = word.text + "-" + a.Options[i]
			}
			r.method.Space = append(r.method.Space, a)
		}
	}
	r.names = append(r.names, word.text+"="+inner.Spec(options))
	r.formulas, r.sources = append(r.formulas, word.text+": "+inner.Formula), append(r.sources, inner.Source)
	return nil
}

// options reads options for all routes from a piece. noRoute says why the piece is not a route.
func (r *routesReader) options(p piece, noRoute error) error {
	word, text := p.named("=")
	role, _, _ := strings.Cut(word.text, ".")
	if slices.Contains(roleWords(), role) {
		return pointed{noRoute, r.spec, word.at}
	}
	options, err := parseOptions(p.text)
	head, _ := text.links()[0].named(":")
	_, noMethod := Find(head.text)
	switch near := suggest.Nearest(role, roleWords()); {
	case len(options) == 0 && err == nil:
		err = errors.New("a piece is empty")
	case near != "" && noMethod == nil:
		err = fmt.Errorf("unknown route %q; did you mean %q?", role, near)
	}
	if err != nil {
		return pointed{err, r.spec, word.at}
	}
	for name, value := range options {
		if r.given[name] != "" {
			return pointed{fmt.Errorf("option %q stands twice", name), r.spec, word.at}
		}
		r.given[name] = value
	}
	r.general = p
	return nil
}
