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
		"train: there is no sampling 0, or no average 99":                           {Average: train.Average{Form: 99}, Steps: 1},
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
