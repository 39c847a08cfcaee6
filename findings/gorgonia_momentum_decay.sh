#!/usr/bin/env bash
# WithL2Reg of the solvers Momentum and RMSProp in Gorgonia 0.9.18, a library for Go.
#
# The penalty of the plain solver and of Adam adds l2 times the weights to the gradient. Momentum adds l2 times its velocity, unless the weight is a
# scalar. In its source WithL1Reg takes the sign of the velocity, too. So weights without a gradient never shrink, whatever the penalty is. Where
# there are gradients, the penalty only brakes: at rate 0.1, l2 = 0.5 turns a momentum of 0.9 into one of 0.85. RMSProp subtracts l2 times the
# weight without the rate, which is ten times too much at this rate.
#
# Guess before the run: at rate 0.1, l2 = 0.5 and gradient 0 the first step takes 5 % of the weight, whichever solver it is.
# Seen with Gorgonia 0.9.18 and tensor 0.9.23 on Go 1.26.8, weight 1 after three steps with gradient 0: plain 0.857, momentum 1, RMSProp 0.125. With
# gradient 1: momentum 0.9 with l2 = 0.5, and momentum 0.85 without it, both 0.458
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >main.go <<'GO'
package main

import (
	"errors"
	"fmt"
	"log"
	"strings"

	. "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// end returns where a weight of 1 is after three steps with the same gradient.
func end(solver Solver, gradient float64) float64 {
	graph := NewGraph()
	weight := NewVector(graph, tensor.Float64, WithShape(2), WithValue(tensor.New(tensor.WithBacking([]float64{1, 1}))))
	_, err := Grad(Must(Mul(Must(Sum(weight)), NewConstant(gradient))), weight)
	machine := NewTapeMachine(graph, BindDualValues(weight))
	for range 3 {
		err = errors.Join(err, machine.RunAll(), solver.Step(NodesToValueGrads(Nodes{weight})))
		machine.Reset()
	}
	if err != nil {
		log.Fatal(err)
	}
	return weight.Value().Data().([]float64)[0]
}

func main() {
	rate, l2 := WithLearnRate(0.1), WithL2Reg(0.5)
	without := fmt.Sprintf("gradient 0: plain %.3f, momentum %.3f, RMSProp %.3f", end(NewVanillaSolver(rate, l2), 0), end(NewMomentum(rate, l2), 0), end(NewRMSPropSolver(rate, l2), 0))
	with := fmt.Sprintf("gradient 1: momentum 0.9 with l2 %.6f, momentum 0.85 without l2 %.6f", end(NewMomentum(rate, l2), 1), end(NewMomentum(rate, WithMomentum(0.85)), 1))
	fmt.Print(without, "\n", with, "\n")
	if without != "gradient 0: plain 0.857, momentum 1.000, RMSProp 0.125" || strings.Count(with, "0.457750") != 2 {
		log.Fatal("this has changed")
	}
}
GO
go mod init finding >/dev/null 2>&1
go mod edit -require=gorgonia.org/gorgonia@v0.9.18 -require=go4.org/unsafe/assume-no-moving-gc@v0.0.0-20231121144256-b99613f794b6
go mod tidy >/dev/null 2>&1
go version
go list -m gorgonia.org/gorgonia gorgonia.org/tensor
go run .
