// Command bits prints a hash of the result of each method, so that a test can compare the programs of different compilers.
package main

import (
	"context"
	"fmt"
	"hash/crc64"
	"log"
	"math"
	"math/rand/v2"
	"strings"

	"steepest/data"
	"steepest/methods"
	"steepest/objective"
	"steepest/optim"
	"steepest/param"
	"steepest/train"
)

// more are specifications with options.
var more = []string{
	"sgd:lr=cosine(0.1,0,90)", "rmsprop:centered=true,momentum=0.5", "muon:polar=exact", "muon:hyperball=true", "normuon:longer=true",
	"dion:rank-fraction=1", "shampoo:root=newton", "shampoo:beta2=0.9,graft=adam", "shampoo:max-order=4", "soap:basis-interval=2",
	"steepest:norm=schatten(3)", "steepest:norm=nuclear,regularized=true",
}

func main() {
	for _, m := range methods.All() {
		for _, preset := range m.Presets() {
			spec := m.Name
			if preset.Name != "default" {
				spec += ":preset=" + preset.Name
			}
			run(spec)
		}
	}
	for _, spec := range more {
		run(spec)
	}
}

func run(spec string) {
	m, _, err := methods.Parse(spec)
	if err != nil {
		log.Fatal(err)
	}
	if m.Family != methods.Matrix {
		fmt.Printf("%s: %016x\n", spec, minimize(m.Rule))
	}
	if m.Family != methods.Estimating {
		fmt.Printf("%s on matrices: %016x in float32", spec, steps[float32](m.Rule))
		if !strings.HasPrefix(spec, "steepest") && !strings.Contains(spec, "polar=exact") { // which are gonum's in float64
			fmt.Printf(", %016x in float64", steps[float64](m.Rule))
		}
		fmt.Println()
	}
}

// minimize returns the hash of a run of logistic regression.
func minimize(rule optim.Rule) uint64 {
	const n, d = 60, 7
	r := rand.New(rand.NewPCG(1, 2))
	rows, labels := &data.Dense{Rows: n, Cols: d}, make([]float64, n)
	for range n * d {
		rows.Data = append(rows.Data, r.NormFloat64())
	}
	for i := range labels {
		labels[i] = math.Copysign(1, rows.Data[i*d]+r.NormFloat64())
	}
	p, err := objective.Logistic(rows, labels, objective.L2(0.01))
	if err != nil {
		log.Fatal(err)
	}
	res, err := train.Minimize(context.Background(), p, make([]float64, d), rule, train.Settings{Batch: 4, Steps: 50})
	if err != nil {
		log.Fatal(err)
	}
	return hash(res.X)
}

// steps returns the hash of the point that a rule reaches along gradients of a quadratic with noise.
func steps[T param.Float](rule optim.Rule) uint64 {
	params := []param.Param{
		{Name: "w", Shape: []int{40, 36}, Role: param.Hidden}, {Name: "b", Shape: []int{40}}, {Name: "h", Shape: []int{3, 5}, Role: param.Head},
	}
	o, err := optim.New[T](rule, params)
	if err != nil {
		log.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 4))
	x := make([]T, 40*36+40+15)
	g := make([]T, len(x))
	for range 6 {
		for i, v := range x {
			g[i] = v + T(r.NormFloat64())
		}
		if err := o.Step(x, g); err != nil {
			log.Fatal(err)
		}
	}
	return hash(x)
}

func hash[T param.Float](x []T) uint64 {
	h := crc64.New(crc64.MakeTable(crc64.ECMA))
	for _, v := range x {
		fmt.Fprintf(h, "%x ", math.Float64bits(float64(v)))
	}
	return h.Sum64()
}
