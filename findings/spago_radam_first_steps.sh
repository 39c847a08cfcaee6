#!/usr/bin/env bash
# The first steps of RAdam in spago 1.1.0, a library for Go.
#
# RAdam exists to make a warm-up needless. While too few gradients were seen to know the variance, the paper (algorithm 2) leaves the
# second moment out and steps by the momentum alone, which is small for a small gradient. spago sets the rectification to 1 in these
# steps and divides by the root of the second moment all the same. Its first four steps are therefore whole Adam steps of the full
# learning rate, for a gradient of 1 and of 0.001 alike. The fifth step is 60 times smaller. The warm-up is turned round.
#
# Guess before the run: steps 1 to 4 are the learning rate times the gradient, thus 1e-3 and 1e-6, then a rising fraction of the rate.
# Seen with spago 1.1.0 on Go 1.26.8, learning rate 1e-3, gradient always 0.001, steps in units of the rate:
# 1.000 1.000 1.000 1.000 0.017 0.026 0.033 0.039
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/nlpodyssey/spago/mat"
	"github.com/nlpodyssey/spago/nn"
	"github.com/nlpodyssey/spago/optimizers/radam"
)

const rate = 1e-3

// steps returns what RAdam subtracts in each of count steps, in units of the rate, where the gradient is always the same.
func steps(gradient float64, count int) []float64 {
	method := radam.New[float64](radam.NewConfig(rate, 0.9, 0.999, 1e-8))
	weight := nn.NewParam(mat.Scalar(0.0))
	var out []float64
	for range count {
		before := weight.Value().Item().F64()
		weight.AccGrad(mat.Scalar(gradient))
		if err := method.OptimizeParams(weight); err != nil {
			panic(err)
		}
		method.IncBatch()
		out = append(out, (before-weight.Value().Item().F64())/rate)
	}
	return out
}

func main() {
	for _, gradient := range []float64{1, 1e-3} {
		moved := steps(gradient, 8)
		fmt.Printf("gradient %g: %.3f\n", gradient, moved)
		for i, step := range moved {
			if i < 4 && (step < 0.99 || step > 1.01) || i == 4 && (step < 0.01 || step > 0.03) {
				fmt.Println("step", i+1, "has changed")
				os.Exit(1)
			}
		}
	}
}
GO
go mod init finding >/dev/null 2>&1
go mod edit -require=github.com/nlpodyssey/spago@v1.1.0
go mod tidy >/dev/null 2>&1
go version
go list -m github.com/nlpodyssey/spago
go run .
