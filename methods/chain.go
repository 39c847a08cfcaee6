package methods

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"steepest/optim"
	"steepest/optim/matrix"
	"steepest/optim/rules"
)

// chained is the rule of a method followed by links.
type chained struct {
	head  optim.Rule
	links []Link // with the given hyperparameters
	other besides
}

// besides is the method for parameters that links for matrices do not update.
type besides struct {
	Aux rules.AdamW `prefix:"aux-"`
}

// Chain returns the chain of the other method. With it, besides is a rule, whose hyperparameters can be listed.
func (b besides) Chain() optim.Chain { return b.Aux.Chain() }

// Resolved returns b with its defaults filled in.
func (b besides) Resolved() optim.Rule {
	b.Aux = b.Aux.Resolved().(rules.AdamW)
	return b
}

var (
	_ optim.Router     = (*chained)(nil)
	_ optim.Configurer = (*chained)(nil)
)

// String names the method and its links: "Adam+cautious".
func (c *chained) String() string { return optim.NameOf(c.head) + c.text() }

// Chain returns the chain of the first route.
func (c *chained) Chain() optim.Chain { return c.Routes().Chain() }

// Routes puts the links into the routes of the method itself. If the links are for matrices, AdamW updates the other parameters, unless the
// method already has a route for them.
func (c *chained) Routes() optim.Routes {
	router, ok := c.head.(optim.Router)
	if !ok {
		routes := optim.Routes{{Name: "chain", Rule: c.compose(c.head.Chain())}}
		if c.forMatrices() {
			routes[0].Takes = matrix.HiddenMatrices.Takes
			routes = append(routes, optim.Route{Name: "adamw", Rule: c.other.Aux.Resolved(), Aux: true})
		}
		return routes
	}
	routes := slices.Clone(router.Routes())
	for i, r := range routes {
		if !r.Aux {
			routes[i].Rule = c.compose(r.Rule.Chain())
		}
	}
	return routes
}

// forMatrices reports whether the links leave parameters to another method.
func (c *chained) forMatrices() bool {
	_, routes := c.head.(optim.Router)
	return !routes && slices.ContainsFunc(c.links, func(l Link) bool { return l.Matrices })
}

// Fields lists the hyperparameters of the method, of the links as cautious-scale, and of the other method.
func (c *chained) Fields() []optim.Field {
	fields := optim.Fields(c.head)
	for _, l := range c.links {
		for _, f := range l.fields() {
			f.Name = l.Name + "-" + f.Name
			fields = append(fields, f)
		}
	}
	if c.forMatrices() {
		fields = append(fields, optim.Fields(c.other)...)
	}
	return fields
}

// Configure sets hyperparameters by the names that Fields has.
func (c *chained) Configure(options map[string]string) (optim.Rule, error) {
	rest, made := maps.Clone(options), &chained{c.head, slices.Clone(c.links), c.other}
	take := func(prefix string, fields []optim.Field) map[string]string {
		own := make(map[string]string)
		for _, f := range fields {
			if value, ok := rest[prefix+f.Name]; ok {
				own[f.Name] = value
				delete(rest, prefix+f.Name)
			}
		}
		return own
	}
	own := take("", optim.Fields(c.head))
	var err error
	for i, l := range c.links {
		if made.links[i].Transform, err = optim.ConfigureTransform(l.Transform, take(l.Name+"-", l.fields())); err != nil {
			return nil, fmt.Errorf("%s: %w", l.Name, err)
		}
	}
	if c.forMatrices() {
		other, err := optim.Configure(c.other, take("", optim.Fields(c.other)))
		if err != nil {
			return nil, err
		}
		made.other = other.(besides)
	}
	maps.Copy(own, rest) // the method rejects these
	if made.head, err = optim.Configure(c.head, own); err != nil {
		return nil, err
	}
	return made, nil
}

// fields returns the hyperparameters of a link, without the step size, which is that of the method.
func (l Link) fields() []optim.Field {
	return slices.DeleteFunc(optim.TransformFields(l.Transform), func(f optim.Field) bool { return f.Name == "lr" })
}

// takesStep reports whether the link's value is the step size of the method.
func (l Link) takesStep() bool { return l.Place == Steps || l.Place == Wholes }

// parts is a method's chain, cut into the transforms that find the direction and those that follow.
type parts struct {
	direction, shrink, behind optim.Chain
	step                      *optim.LearningRate // nil if the direction contains the step size
	stepFirst                 bool                // whether the decay follows the step size
}

// end returns the transforms that follow the direction.
func (p parts) end() (c optim.Chain) {
	if p.step != nil {
		c = optim.Chain{*p.step}
	}
	if p.stepFirst {
		c = append(c, p.shrink...)
	} else {
		c = slices.Concat(p.shrink, c)
	}
	return append(c, p.behind...)
}

func cut(chain optim.Chain) (p parts) {
	end := len(chain)
	for ; end > 0; end-- {
		switch t := chain[end-1].(type) {
		case optim.LearningRate:
			if p.step != nil {
				p.direction = chain[:end]
				return p
			}
			p.step, p.stepFirst = &t, len(p.shrink) > 0
		case optim.Decay, optim.CautiousDecay, optim.DecayAfter, optim.DecayBeside, optim.ProximalDecay:
			p.shrink = append(optim.Chain{t}, p.shrink...)
		case optim.ScheduleFree:
			p.behind = append(optim.Chain{t}, p.behind...)
		default:
			p.direction = chain[:end]
			return p
		}
	}
	return p
}

// compose inserts the links into a chain: after its direction, and before its own decay and step size unless their Place says otherwise.
func (c *chained) compose(chain optim.Chain) (made optim.Chain) {
	p := cut(chain)
	if slices.ContainsFunc(c.links, func(l Link) bool { return l.Place == Shrinks || l.Place == Wholes }) {
		p.shrink, p.stepFirst = nil, false
	}
	for _, l := range c.links {
		if begins, ok := l.Transform.(interface{ Head() optim.Transform }); ok {
			made = append(made, begins.Head())
		}
		if l.Place == Heads {
			made = append(made, l.Transform)
		}
	}
	made = append(made, p.direction...)
	ended := false
	end := func() {
		if !ended {
			made, ended = append(made, p.end()...), true
		}
	}
	for _, l := range c.links {
		switch l.Place {
		case Heads: // it is there already
			continue
		case Steps:
			end()
			continue
		case Wholes:
			ball := l.Transform.(matrix.Hyperball)
			if p.step != nil {
				ball.LR = p.step.LR
			}
			l.Transform, ended = ball, true
		case Behinds:
			end()
		}
		made = append(made, l.Transform)
	}
	end()
	return made
}

// refuse returns an error if a link cannot follow the links before it.
func (c *chained) refuse(l Link) error {
	last, name := Front, ""
	for _, before := range c.links {
		if before.Name == l.Name && l.Place != Front {
			return fmt.Errorf("%s stands twice", l.Name)
		}
		if before.Place != Heads {
			last, name = max(last, before.Place), before.Name
		}
	}
	switch p := cut(c.head.Chain()); {
	case (last == Wholes || last == Behinds) && l.Place < Behinds:
		return fmt.Errorf("%s stands before %s", l.Name, name)
	case l.Place == Wholes && slices.ContainsFunc(c.links, func(b Link) bool { return b.Place == Steps || b.Place == Shrinks }):
		return fmt.Errorf("%s takes the place of a decay and a step size; leave them out", l.Name)
	case l.takesStep() && p.step == nil && last != Steps:
		return errors.New("the method has its step size within; write lr=… as an option of it")
	}
	return nil
}

// text writes the links as in a chain, with the hyperparameters that are not defaults.
func (c *chained) text() string {
	var b strings.Builder
	for i, l := range c.links {
		if l.Place == Steps && !slices.ContainsFunc(c.links[i+1:], func(l Link) bool { return l.Place < Behinds }) {
			continue // its usual position
		}
		b.WriteString("+" + l.Name)
		separator := ":"
		base, _ := findLink(l.Name)
		defaults := base.fields()
		for j, f := range l.fields() {
			if f.Value != defaults[j].Value {
				name := f.Name + "="
				if j == 0 {
					name = ""
				}
				b.WriteString(separator + name + f.Value)
				separator = ","
			}
		}
	}
	return b.String()
}
