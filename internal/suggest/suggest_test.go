package suggest_test

import (
	"fmt"
	"testing"

	"steepest/internal/suggest"
)

func TestNearest(t *testing.T) {
	methods := []string{"sgd", "heavy-ball", "adagrad", "adam", "adamw", "rmsprop", "12"}
	for name, want := range map[string]string{
		"adma":      "adam", // a swap is one edit
		"adagard":   "adagrad",
		"heavyball": "heavy-ball",
		"RMSprop":   "rmsprop",
		"adam":      "adam",
		"lbfgs":     "",
		"-12":       "", // another number is no typing error
		"12x":       "12",
		"":          "",
	} {
		if got := suggest.Nearest(name, methods); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", name, got, want)
		}
	}
}

func ExampleUnknown() {
	known := []string{"adam", "sgd"}
	fmt.Println(suggest.Unknown("method", "adma", known))
	fmt.Println(suggest.Unknown("method", "lbfgs", known))
	// Output:
	// unknown method "adma"; did you mean "adam"?
	// unknown method "lbfgs"; there are adam, sgd
}
