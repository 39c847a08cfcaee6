package methods_test

import (
	"fmt"

	"steepest/methods"
	"steepest/optim"
)

// A method by its name, as the user of a program writes it.
func ExampleParse() {
	m, _, err := methods.Parse("nesterov:lr=warmup(100, cosine(0.1, 0, 1000)),momentum=0.95")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s: %s\n", m.Title, m.Formula)
	for _, f := range optim.Fields(m.Rule) {
		fmt.Printf("%s = %s\n", f.Name, f.Value)
	}
	_, _, err = methods.Parse("nesterov:momenta=0.95")
	fmt.Println(err)
	// Output:
	// Nesterov: b ← μb + g,  x ← x − α(g + μb)
	// lr = warmup(100, cosine(0.1, 0, 1000))
	// momentum = 0.95
	// form = sutskever
	// lr-place = after
	// preset = lecture
	// method "nesterov:momenta=0.95": unknown option "momenta"; did you mean "momentum"?
}

// A chain: LAMB, which is Adam with decay scaled to the norm of each parameter, and lookahead after it.
func ExampleParse_chain() {
	m, options, err := methods.Parse("adam:lr=0.01,eps=1e-6+decay:0.1+trust+lookahead:10")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Spec(options))
	fmt.Println(m.Formula)
	// Output:
	// adam:eps=1e-6,lr=0.01+decay:0.1+trust+lookahead:10
	// x ← x − α·m̂/(√v̂ + ε),  and u ← u + λx;  u ← κ‖x‖/‖u‖·u;  s ← s + α(x − u − s),  x ← s in every k-th step
}
