package train_test

import (
	"context"
	"fmt"
	"testing"

	"steepest/methods"
	"steepest/optim"
	"steepest/train"
)

// TestExtremeOptions: whatever number an option of a method is set to, a run ends or fails with an error, and does not panic.
func TestExtremeOptions(t *testing.T) {
	for _, method := range methods.All() {
		p, x0 := suited(t, method)
		for _, field := range optim.Fields(method.Rule) {
			for _, value := range []string{"1e-320", "1e-9", "0", "0.9999999999999999", "1", "1e4", "1e308", "-1e308"} {
				spec := fmt.Sprintf("%s:%s=%s", method.Name, field.Name, value)
				m, _, err := methods.Parse(spec)
				if err != nil {
					continue // values that are words; package methods tests them
				}
				func() {
					defer func() {
						if fault := recover(); fault != nil {
							t.Errorf("%s: %v", spec, fault)
						}
					}()
					_, _ = train.Minimize(context.Background(), p, x0, m.Rule, train.Settings{Batch: 7, Steps: 3})
				}()
			}
		}
	}
}
