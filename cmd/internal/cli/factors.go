package cli

import (
	"fmt"

	"steepest/model"
	"steepest/objective"
	"steepest/train"
)

// factors is the problem of --rank: it approximates the features by a product of two matrices.
type factors struct {
	*objective.Factorization[float64]
	data *sample
}

func newFactors(s *sample) (problem, error) {
	f := &s.flags
	rows, columns := s.x.Dims()
	if err := refuseUnknowns(fmt.Sprintf("--rank %d", f.Rank), (float64(rows)+float64(columns))*float64(f.Rank)); err != nil {
		return nil, err
	}
	p, err := objective.MatrixFactorization(s.x, f.Rank, objective.L2(f.l2()), objective.L1(f.L1))
	if err != nil {
		return nil, modelError(err)
	}
	return factors{p, s}, nil
}

func (p factors) sum() objective.FiniteSum[float64] { return p.Factorization }
func (p factors) traits() traits                    { return traits{epochs: 20, rotated: true} }
func (p factors) sample() *sample                   { return p.data }

func (p factors) single() (objective.FiniteSum[float32], error) {
	return objective.Single(p.Factorization)
}

func (p factors) title() string {
	f := &p.data.flags
	return fmt.Sprintf("%s: product of rank %d%s", p.data.set.Name, f.Rank, f.penalties())
}

func (p factors) describe() string {
	f := &p.data.flags
	return fmt.Sprintf("least squares over %d entries, a product of rank %d, λ₂ = %g, %d unknowns",
		p.Len(), f.Rank, f.l2(), objective.Dim(p.sum()))
}

func (p factors) start(seed uint64) ([]float64, string) { return noise(p, 1, seed) }

func (p factors) json() problemJSON { return p.data.json(objective.Dim(p.sum())) }

func (p factors) measures(bool) ([]train.Measure, error) { return nil, nil }

func (p factors) saved(x []float64) *model.Model {
	m := p.data.model(model.Factors)
	m.Params = cut(x, p.Params())
	return m
}
