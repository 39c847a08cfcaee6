package train

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"steepest/objective"
	"steepest/optim/schedule"
)

// filling is a problem whose full gradient takes long and is infinite until it is complete.
type filling struct {
	*objective.Linear[float64]
	reached, open chan struct{}
	losses        *int // computed
}

func (p filling) AddSlopes(dst, slopes []float64, batch []uint32) {
	if batch == nil {
		dst[0] = math.Inf(1)
		close(p.reached)
		<-p.open
		dst[0] = 0
	}
	p.Linear.AddSlopes(dst, slopes, batch)
}

func (p filling) Loss(x []float64, batch []uint32) float64 {
	*p.losses++
	return p.Linear.Loss(x, batch)
}

// TestHaltWhileFilling halts a run of single coordinates while its first step fills the table of gradients. The unfinished table does not
// show in x, and nothing reads x after Halt.
func TestHaltWhileFilling(t *testing.T) {
	for _, form := range []AverageForm{LastIterate, UniformAverage} {
		p := filling{rare(t, 6000), make(chan struct{}), make(chan struct{}), new(int)}
		x0 := slices.Repeat([]float64{0.5}, 6000)
		run, err := New[float64](p, x0, SAGA{LR: schedule.Constant(0.1)}, Settings{Batch: 1, Steps: 9, Average: Average{Form: form}})
		if err != nil {
			t.Fatal(err)
		}
		if !run.Lazy() {
			t.Fatalf("%v: the steps are those of all coordinates", form)
		}
		ended := make(chan error)
		go func() {
			_, err := run.Finish(context.Background(), nil)
			ended <- err
		}()
		<-p.reached
		if got := run.Halt().X; !slices.Equal(got, x0) {
			t.Errorf("%v: Halt returns %v and so on", form, got[:3])
		}
		close(p.open)
		if err := <-ended; !errors.Is(err, ErrHalted) {
			t.Errorf("%v: Finish returns %v", form, err)
		}
		before := *p.losses
		if err := run.Evaluate(); err != ErrHalted || *p.losses != before {
			t.Errorf("%v: Evaluate returns %v after %d more losses", form, err, *p.losses-before)
		}
	}
}
