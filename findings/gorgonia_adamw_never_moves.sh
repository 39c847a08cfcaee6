#!/usr/bin/env bash
# AdamW, and the learning rate of AdaGrad, in Gorgonia 0.9.18, a library for Go.
#
# The step multiplies the weights by 1 minus the decay, and the result is a new tensor. The update is then added to this new tensor, which nobody
# reads. So AdamW computes its moments, returns no error, and changes no weight, whatever the gradients are. The other solvers change the weights in
# place. AdaGrad does so too, but WithLearnRate has no case for AdaGrad: the rate stays at 0.001.
#
# Guess before the run: with a gradient that is always 1, all move by the learning rate in the first step, and AdamW by its decay as well.
# Seen with Gorgonia 0.9.18 and tensor 0.9.23 on Go 1.26.8, rate 0.1, weight 1, three steps: Adam 0.9 0.8 0.7, RMSProp and plain steps move as well,
# AdaGrad 0.999 0.9983 0.9977, AdamW 1 1 1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >main.go <<'GO'
package main

import (
	"errors"
	"fmt"
	"os"

	. "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// steps returns the weight, which begins at 1, after each of three steps with the gradient 1.
func steps(solver Solver) (out [3]float64) {
	graph := NewGraph()
	weight := NewVector(graph, tensor.Float64, WithShape(2), WithValue(tensor.New(tensor.WithBacking([]float64{1, 1}))))
	_, err := Grad(Must(Sum(weight)), weight)
	machine := NewTapeMachine(graph, BindDualValues(weight))
	for i := range out {
		if err = errors.Join(err, machine.RunAll(), solver.Step(NodesToValueGrads(Nodes{weight}))); err != nil {
			panic(err)
		}
		machine.Reset()
		out[i] = weight.Value().Data().([]float64)[0]
	}
	return out
}

func main() {
	rate := WithLearnRate(0.1)
	adam, adagrad, adamw := steps(NewAdamSolver(rate)), steps(NewAdaGradSolver(rate)), steps(NewAdamW(rate))
	fmt.Println("plain", steps(NewVanillaSolver(rate)), "momentum", steps(NewMomentum(rate)), "RMSProp", steps(NewRMSPropSolver(rate)))
	fmt.Println("Adam", adam, "AdaGrad", adagrad, "AdamW", adamw)
	if adam[2] > 0.71 || adagrad[0] < 0.9985 || adamw != [3]float64{1, 1, 1} {
		fmt.Println("this has changed")
		os.Exit(1)
	}
}
GO
go mod init finding >/dev/null 2>&1
go mod edit -require=gorgonia.org/gorgonia@v0.9.18 -require=go4.org/unsafe/assume-no-moving-gc@v0.0.0-20231121144256-b99613f794b6
go mod tidy >/dev/null 2>&1
go version
go list -m gorgonia.org/gorgonia gorgonia.org/tensor
go run .
