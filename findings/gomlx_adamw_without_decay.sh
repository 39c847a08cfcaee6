#!/usr/bin/env bash
# AdamW by its name in GoMLX 0.26.0, a library for Go whose default optimizer it is.
#
# The table of optimizers makes "adamw" as Adam with a decay of 0.004, and then hands it to FromContext, which reads the settings of the
# run. FromContext sets the decay to that of "adam_weight_decay", and to 0 where nobody has set it. So the optimizer named adamw,
# which is also the default, is Adam. A decay or betas that a program sets before FromContext are gone as well.
#
# Guess before the run: with a gradient that is always 0, ten steps of AdamW at the rate 0.1 shrink a weight of 1 to (1 − 0.1·0.004)¹⁰ =
# 0.996, whichever way it is made.
# Seen with gomlx 0.26.0 on Go 1.26.8, with its backend in plain Go:
# by name: 1   by default: 1   Adam().WeightDecay(0.004): 0.9960072   the same, then FromContext: 1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/gomlx/gomlx/backends/simplego"
	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/ml/context"
	"github.com/gomlx/gomlx/pkg/ml/train/optimizers"
)

// left returns what ten steps leave of a weight of 1 whose gradient is always 0.
func left(method func(*context.Context) optimizers.Interface) float32 {
	backend, err := simplego.New("")
	if err != nil {
		panic(err)
	}
	settings := context.New()
	settings.SetParam(optimizers.ParamLearningRate, 0.1)
	step := context.MustNewExec(backend, settings, func(ctx *context.Context, g *graph.Graph) *graph.Node {
		ctx.SetTraining(g, true)
		loss := graph.MulScalar(ctx.Checked(false).VariableWithValue("w", float32(1)).ValueGraph(g), 0)
		method(ctx).UpdateGraph(ctx, g, loss)
		return loss
	})
	for range 10 {
		step.MustExec()
	}
	return settings.GetVariableByScopeAndName("/", "w").MustValue().Value().(float32)
}

func main() {
	decayed := optimizers.Adam().WeightDecay(0.004)
	for _, c := range []struct {
		what   string
		method func(*context.Context) optimizers.Interface
		decays bool
	}{
		{"by name", func(ctx *context.Context) optimizers.Interface { return optimizers.ByName(ctx, "adamw") }, false},
		{"by default", optimizers.FromContext, false},
		{"Adam().WeightDecay(0.004)", func(*context.Context) optimizers.Interface { return decayed.Done() }, true},
		{"the same, then FromContext", func(ctx *context.Context) optimizers.Interface {
			return optimizers.Adam().WeightDecay(0.004).FromContext(ctx).Done()
		}, false},
	} {
		w := left(c.method)
		fmt.Printf("%s: %v\n", c.what, w)
		if (w < 1) != c.decays {
			fmt.Println("this has changed")
			os.Exit(1)
		}
	}
}
GO
go mod init finding >/dev/null 2>&1
go mod edit -require=github.com/gomlx/gomlx@v0.26.0
go mod tidy >/dev/null 2>&1
go version
go list -m github.com/gomlx/gomlx
go run .
