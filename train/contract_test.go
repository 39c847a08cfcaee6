package train_test

import (
	"math"
	"strings"
	"testing"

	"steepest/optim/rules"
	"steepest/train"
)

// TestSettingsThatCannotBe: settings that no run can have are errors, before memory is taken.
func TestSettingsThatCannotBe(t *testing.T) {
	p := problem(t)
	for want, s := range map[string]train.Settings{
		"train: the epochs are infinite":                                            {Epochs: math.Inf(1)},
		"train: the indices of a batch of 1099511627776 terms":                      {Batch: 1 << 40, Steps: 1},
		"train: there is no sampling 99":                                            {Sampling: 99, Steps: 1},
		"train: there is no average 99":                                             {Average: train.Average{Form: 99}, Steps: 1},
		"train: the batch, the micro-batches, the limits, the target, the patience": {Epochs: math.NaN()},
	} {
		if _, err := train.New(p, make([]float64, 10), rules.SGD{}, s); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	defer func() {
		if got := recover(); got != "train: the problem is nil" {
			t.Error(got)
		}
	}()
	_, _ = train.New[float64](nil, nil, rules.SGD{}, train.Settings{})
}

// TestMeasuresOfNothing: measurements without a function or a problem are refused where they are made.
func TestMeasuresOfNothing(t *testing.T) {
	for want, f := range map[string]func(){
		"train: Quantity needs a function": func() { train.Quantity[float64]("share", nil) },
		"train: HeldOut needs a problem":   func() { train.HeldOut[float64]("test", nil) },
	} {
		func() {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("%v, want %s", got, want)
				}
			}()
			f()
		}()
	}
}
