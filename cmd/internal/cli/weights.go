package cli

import (
	"math"
	"slices"
	"strings"

	"steepest/data"
	"steepest/internal/decimal"
	"steepest/internal/suggest"
	"steepest/model"
)

// weigh returns the weights of the training rows: those of --weights times those of --class-weight; nil if all are 1. Their sum and its inverse
// are finite.
func (s *sample) weigh() ([]float64, error) {
	weights, err := s.rowWeights()
	if weights == nil || err != nil {
		return nil, err
	}
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	if math.IsInf(sum, 0) || math.IsInf(1/sum, 0) {
		return nil, badData("a weight of 2 counts a row twice, and 0 is no row; scale the weights to a mean near 1",
			"the weights of the training rows of %s have the sum %v", s.set.Name, sum)
	}
	return weights, nil
}

// rowWeights is weigh without the check of the sum.
func (s *sample) rowWeights() ([]float64, error) {
	own, text := s.set.Weights, s.flags.ClassWeight
	if text == "" {
		return own, nil
	}
	if s.target.classes == nil {
		return nil, usage("drop it", "--class-weight: the loss %s knows no classes", s.target.name)
	}
	indices, _, err := target{classes: s.target.classes, words: s.target.words}.labels(s.set)
	if err != nil {
		return nil, err
	}
	weights := make([]float64, len(indices))
	for i := range weights {
		if weights[i] = 1; own != nil {
			weights[i] = own[i]
		}
	}
	var factors []float64
	switch text {
	case "balanced":
		factors = balanced(indices, weights, len(s.target.classes))
	case "balanced-rows":
		factors = balanced(indices, nil, len(s.target.classes))
	default:
		if factors, err = s.classWeights(text); err != nil {
			return nil, err
		}
	}
	for i, class := range indices {
		weights[i] *= factors[class]
	}
	return weights, nil
}

// balanced returns the weight W/(k·W_c) for each of k classes. W_c is the sum of the weights of the rows of class c, and W that of all rows.
// nil weights are all 1. A class without rows has the weight 1.
func balanced(indices []int, weights []float64, k int) []float64 {
	sums, all := make([]float64, k), 0.0
	for i, class := range indices {
		w := 1.0
		if weights != nil {
			w = weights[i]
		}
		sums[class], all = sums[class]+w, all+w
	}
	for c, sum := range sums {
		if sums[c] = 1; sum > 0 {
			sums[c] = all / (float64(k) * sum)
		}
	}
	return sums
}

// classWeights reads weights such as yes=2,no=1.
func (s *sample) classWeights(text string) ([]float64, error) {
	names := classNames(&model.Model{Classes: s.target.classes, ClassNames: s.target.words})
	factors, weighed := slices.Repeat([]float64{1}, len(names)), make([]bool, len(names))
	const hint = "write balanced, balanced-rows, or classes with their weights, such as yes=2,no=1"
	parts, err := splitNames(text)
	if err != nil {
		return nil, usage("", "--class-weight: %w", err)
	}
	for _, part := range parts {
		at := strings.LastIndexByte(part, '=')
		if at < 0 {
			return nil, usage(hint, "--class-weight: %q is not a class and its weight", part)
		}
		name := strings.TrimSpace(part[:at])
		class := data.ClassIndex(names, name)
		if v, ok := decimal.ParseFinite(name); class < 0 && ok && s.target.words == nil {
			class = slices.Index(s.target.classes, v)
		}
		if class < 0 {
			return nil, usage("", "--class-weight: %w", suggest.Unknown("class", name, names))
		}
		w, ok := decimal.ParseFinite(strings.TrimSpace(part[at+1:]))
		if !ok || w < 0 {
			return nil, usage(hint, "--class-weight: the weight %q of the class %s is not a number of at least 0", part[at+1:], name)
		}
		if weighed[class] {
			return nil, usage("keep one of them", "--class-weight: the class %s has two weights", name)
		}
		factors[class], weighed[class] = w, true
	}
	if !slices.ContainsFunc(factors, func(w float64) bool { return w > 0 }) {
		return nil, usage(hint, "--class-weight: all weights are 0")
	}
	return factors, nil
}
