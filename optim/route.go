package optim

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"steepest/param"
)

// Rule is a method given by its hyperparameters.
type Rule interface {
	// Chain returns the transforms of the method, or those of its first route if it is a Router.
	Chain() Chain
}

// Router is a Rule that updates different parameters by different chains.
type Router interface {
	Rule
	// Routes returns the routes. Exactly one of them must take each parameter.
	Routes() Routes
}

// Route is a rule with the parameters that it updates.
type Route struct {
	// Name is the name of the route in a Plan and in errors.
	Name string
	// Rule gives the chain. It must not be a Router itself.
	Rule Rule
	// Takes reports whether the route takes a parameter. A nil Takes takes the parameters that no other route takes.
	Takes func(param.Param) bool
	// Aux says that the route is another method, for the parameters that the Router's method cannot use.
	Aux bool
	// Needed says that the model must have a parameter that the route takes.
	Needed bool
}

// Routes is a list of routes. It is a Router.
type Routes []Route

var _ Router = Routes(nil)

// Chain returns the chain of the first route.
func (r Routes) Chain() Chain { return r[0].Rule.Chain() }

// Routes returns r itself.
func (r Routes) Routes() Routes { return r }

// routesOf returns the routes of a rule: a single one if the rule is not a Router.
func routesOf(rule Rule) Routes {
	if router, ok := rule.(Router); ok {
		return router.Routes()
	}
	return Routes{{Name: "rule", Rule: rule}}
}

// Check returns the error of New for a rule that cannot work with any parameters. The error names a hyperparameter out of its range, a
// step size that is negative or not finite at the first step, or a transform that is incomplete or in the wrong place.
func Check(rule Rule) error {
	rule, preparation := Unprepared(rule)
	if rule == nil {
		return errors.New("optim: the rule is nil")
	}
	if err := cmp.Or(check(preparation), check(rule)); err != nil {
		return fmt.Errorf("optim: %w", err)
	}
	for _, r := range routesOf(rule) {
		if r.Rule == nil {
			return fmt.Errorf("optim: the route %q has no rule", r.Name)
		}
		if _, ok := r.Rule.(Prepared); ok {
			return fmt.Errorf("optim: the rule of %q is prepared; a Preparation stands around all routes, and once", r.Name)
		}
		err := check(r.Rule)
		if err == nil {
			_, err = r.Rule.Chain().Transforms()
		}
		if err != nil {
			return fmt.Errorf("optim: %w", err)
		}
	}
	return nil
}

// route returns the routes of a rule and the indices of the parameters that each takes, or the error of Check or of take.
func route(rule Rule, params []param.Param) (Routes, [][]int, error) {
	if err := Check(rule); err != nil {
		return nil, nil, err
	}
	rule, _ = Unprepared(rule)
	routes := routesOf(rule)
	taken, err := routes.take(params)
	return routes, taken, err
}

// take returns the indices of the parameters that each route takes, or an error unless each is taken exactly once by a
// chain that accepts it, and each route that is Needed takes one.
func (r Routes) take(params []param.Param) ([][]int, error) {
	taken := make([][]int, len(r))
	for i, p := range params {
		j, err := r.find(p)
		if err == nil {
			err = r[j].Rule.Chain().refuse(p)
		}
		if err != nil {
			return nil, fmt.Errorf("optim: %s %q of shape %v: %w", noun(p.Role), p.Name, p.Shape, err)
		}
		taken[j] = append(taken[j], i)
	}
	for j, route := range r {
		if route.Needed && len(taken[j]) == 0 {
			return nil, fmt.Errorf("optim: the model has no parameter for the route %q; it has, by role, %s", route.Name, byRole(params))
		}
	}
	return taken, nil
}

// find returns the index of the route that takes a parameter.
func (r Routes) find(p param.Param) (int, error) {
	found, rest := -1, -1
	for j, route := range r {
		switch {
		case route.Takes == nil && rest >= 0:
			return 0, fmt.Errorf("the routes %q and %q both take what is left over", r[rest].Name, route.Name)
		case route.Takes == nil:
			rest = j
		case route.Takes(p) && found >= 0:
			return 0, fmt.Errorf("the routes %q and %q both take it", r[found].Name, route.Name)
		case route.Takes(p):
			found = j
		}
	}
	if found < 0 {
		found = rest
	}
	if found < 0 {
		return 0, errors.New("no route takes it; a route whose Takes is nil takes what is left over")
	}
	return found, nil
}

// digits is a part of a name that numbers a block, such as the 0 of h.0.mlp.c_proj.weight.
var digits = regexp.MustCompile(`\b[0-9]+\b`)

// byRole lists names of parameters for a message, as "hidden: h.*.mlp.c_proj.weight; bias: h.*.mlp.c_proj.bias". The star stands for the number
// of a block. It lists at most six names of a role.
func byRole(params []param.Param) string {
	const most = 6
	var roles []param.Role
	names := make(map[param.Role][]string)
	for _, p := range params {
		name := digits.ReplaceAllString(p.Name, "*")
		if names[p.Role] == nil {
			roles = append(roles, p.Role)
		}
		if !slices.Contains(names[p.Role], name) {
			names[p.Role] = append(names[p.Role], name)
		}
	}
	var parts []string
	for _, role := range roles {
		part := fmt.Sprintf("%v: %s", role, strings.Join(names[role][:min(most, len(names[role]))], ", "))
		if more := len(names[role]) - most; more > 0 {
			part += fmt.Sprintf(" and %d more", more)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "; ")
}

// noun returns a noun for a parameter of the role.
func noun(r param.Role) string {
	switch r {
	case param.None:
		return "parameter"
	case param.Hidden:
		return "hidden matrix"
	}
	return r.String()
}
