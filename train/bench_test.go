package train

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"steepest/data"
	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
)

// adult returns logistic regression of the shape of LIBSVM's a9a: 32,561 rows of 14 ones in 123 columns.
func adult(b *testing.B) *objective.Linear[float64] {
	const n, d, ones = 32561, 123, 14
	random := rand.New(rand.NewPCG(1, 1))
	x, y := &data.CSR{Rows: n, Cols: d, Indptr: []int{0}}, make([]float64, n)
	for i := range y {
		for k := range ones { // one column of each of 14 ranges
			lo, hi := k*d/ones, (k+1)*d/ones
			x.Indices = append(x.Indices, uint32(lo+random.IntN(hi-lo)))
			x.Values = append(x.Values, 1)
		}
		x.Indptr = append(x.Indptr, len(x.Values))
		y[i] = math.Copysign(1, random.Float64()-0.76)
	}
	p, err := objective.Logistic(x, y, objective.L2(1.0/n))
	if err != nil {
		b.Fatal(err)
	}
	return p
}

// BenchmarkStep times one step, without snapshots and the first pass of a table, next to a step of plain SGD.
func BenchmarkStep(b *testing.B) {
	p := adult(b)
	for _, batch := range []int{1, 32} {
		for _, rule := range []optim.Rule{rules.SGD{}, SAG{}, SAGA{}, SVRG{Inner: optim.Set(1 << 40)}, LSVRG{P: optim.Set(1e-300)}, NewtonSGD{}} {
			b.Run(fmt.Sprintf("%T/%d", rule, batch), func(b *testing.B) {
				r, err := New(p, make([]float64, objective.Dim(p)), rule, Settings{Batch: batch, Steps: math.MaxInt})
				if err != nil {
					b.Fatal(err)
				}
				for b.Loop() {
					if err := r.Step(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
