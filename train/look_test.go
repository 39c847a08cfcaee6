package train

import (
	"fmt"
	"math"
	"runtime"
	"testing"
	"time"

	"steepest/data"
	"steepest/internal/simd"
	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
)

// BenchmarkLook reports, for one goroutine, by which factor a step of SGD becomes slower because it checks whether its gradient is
// finite: for the step alone ("gradients 0"), and with the gradient of the given number of dense rows. Steps with one and with two checks
// take turns, and the shortest times of both are compared, so other work on the machine does not count.
func BenchmarkLook(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, d := range []int{1e3, 1e5, 1e6} {
		x := &data.Dense{Rows: 8, Cols: d, Data: make([]float64, 8*d)}
		for i := range x.Data {
			x.Data[i] = 1e-3 * float64(i%7-3)
		}
		p, err := objective.Logistic(x, []float64{1, -1, 1, -1, 1, -1, 1, -1})
		if err != nil {
			b.Fatal(err)
		}
		single, err := objective.Single(p)
		if err != nil {
			b.Fatal(err)
		}
		for _, batch := range []int{0, 1, 8} {
			b.Run(fmt.Sprintf("%d/gradients %d/float32", d, batch), func(b *testing.B) { looks(b, single, batch) })
			b.Run(fmt.Sprintf("%d/gradients %d/float64", d, batch), func(b *testing.B) { looks[float64](b, p, batch) })
		}
	}
}

func looks[T param.Float](b *testing.B, p objective.FiniteSum[T], batch int) {
	d := objective.Dim(p)
	x, g := make([]T, d), make([]T, d)
	o, err := optim.New[T](rules.SGD{LR: schedule.Constant(1e-9)}, p.Params())
	if err != nil {
		b.Fatal(err)
	}
	rows := []uint32{0, 1, 2, 3, 4, 5, 6, 7}[:batch]
	p.Grad(g, x, []uint32{0})
	repeats := max(1, 100000/d)
	least := [2]float64{math.Inf(1), math.Inf(1)} // of steps, and of steps with one more check
	for b.Loop() {
		for more := range least {
			start := time.Now()
			for range repeats {
				if batch > 0 {
					p.Grad(g, x, rows)
				}
				if more == 1 && !simd.Finite(g) {
					b.Fatal("the gradient is not finite")
				}
				if err := o.Step(x, g); err != nil {
					b.Fatal(err)
				}
			}
			least[more] = min(least[more], time.Since(start).Seconds())
		}
	}
	b.ReportMetric(least[0]/(2*least[0]-least[1]), "by-none")
}
