#!/usr/bin/env bash
# When Optimizer.Optimize of spago 1.1.0, a library for Go, returns.
#
# Optimize steps each parameter in a goroutine of its own. It waits for them only after an error. Without an error it closes its
# channel and returns at once, while the parameters are still being written. The next forward pass then reads old, new or half-written
# weights, and the next gradients add to what is being cleared. Whoever saves a checkpoint after Optimize may save the weights before
# the step. Small models hide it, since their goroutines end in microseconds.
#
# Guess before the run: when Optimize returns nil, all weights have moved.
# Seen with spago 1.1.0 on Go 1.26.8, plain SGD at rate 0.5, gradient 1, a weight of 2000 x 2000 zeros:
# the last weight is 0 when Optimize returns, and -0.5 two seconds later, in 5 of 5 trials
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/nlpodyssey/spago/mat"
	"github.com/nlpodyssey/spago/nn"
	"github.com/nlpodyssey/spago/optimizers"
	"github.com/nlpodyssey/spago/optimizers/sgd"
)

func main() {
	const size = 2000
	const trials = 5
	early := 0
	for range trials {
		weight := nn.NewParam(mat.NewDense[float64](mat.WithShape(size, size)))
		gradient := mat.NewDense[float64](mat.WithShape(size, size), mat.WithBacking(mat.CreateInitializedSlice[float64](size*size, 1)))
		weight.AccGrad(gradient)
		all := func(ctx context.Context) <-chan *nn.Param {
			channel := make(chan *nn.Param, 1)
			channel <- weight
			close(channel)
			return channel
		}
		optimizer := optimizers.New(all, sgd.New[float64](sgd.NewConfig(0.5, 0, false)))
		if err := optimizer.Optimize(); err != nil {
			panic(err)
		}
		last := func() float64 { return weight.Value().(mat.Matrix).ScalarAt(size-1, size-1).F64() }
		atReturn := last()
		time.Sleep(2 * time.Second)
		later := last()
		fmt.Println("the last weight when Optimize returns:", atReturn, "two seconds later:", later)
		if atReturn == 0 && later == -0.5 {
			early++
		}
	}
	if early == 0 {
		fmt.Println("Optimize now waits for its steps")
		os.Exit(1)
	}
}
GO
go mod init finding >/dev/null 2>&1
go mod edit -require=github.com/nlpodyssey/spago@v1.1.0
go mod tidy >/dev/null 2>&1
go version
go list -m github.com/nlpodyssey/spago
go run .
