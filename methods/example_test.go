package methods_test

import (
	"fmt"

	"steepest/methods"
	"steepest/optim"
)

// A method by its name, as a program's user writes it.
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
