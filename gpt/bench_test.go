package gpt

import (
	"fmt"
	"runtime"
	"testing"

	"steepest/optim"
)

// BenchmarkStep is a step of training of GPT-2 (124M) in float32, with AdamW: 4 windows of 256 tokens, and one of 1024.
func BenchmarkStep(b *testing.B) {
	for _, c := range []struct {
		name          string
		batch, length int
	}{{"B=4,T=256", 4, 256}, {"B=1,T=1024", 1, 1024}} {
		b.Run(c.name, func(b *testing.B) {
			p := problem[float32](b, small, c.batch, c.length)
			x, grad := smallStart(), make([]float32, p.size)
			o, err := optim.New[float32](adamW, p.Params())
			if err != nil {
				b.Fatal(err)
			}
			step := func() {
				p.Grad(grad, x, nil)
				if err := o.Step(x, grad); err != nil {
					b.Fatal(err)
				}
			}
			step()
			for b.Loop() {
				step()
			}
			seconds := b.Elapsed().Seconds() / float64(b.N)
			b.ReportMetric(float64(c.batch*c.length)/seconds, "tokens/s")
			b.ReportMetric(2*(p.FLOPs(c.batch)-float64(p.size))/seconds/1e9, "GFLOP/s")
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			b.ReportMetric(float64(m.Sys)/(1<<30), "GiB")
		})
	}
}

// BenchmarkGenerate is a token after a prompt, with weights in float32 and bfloat16.
func BenchmarkGenerate(b *testing.B) {
	for weights, of := range map[string]func(Config, []float32) *Generator[float32]{"float32": NewGenerator[float32], "bf16": NewGeneratorBF16} {
		for _, prompt := range []int{1, 512} {
			b.Run(fmt.Sprintf("weights=%s/prompt=%d", weights, prompt), func(b *testing.B) {
				g := of(small, smallStart())
				g.Feed(lcg(small.Vocab, prompt)...)
				for b.Loop() {
					g.Feed(1)
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
			})
		}
	}
}

// BenchmarkChoose is the choice of a token by the scores of all.
func BenchmarkChoose(b *testing.B) {
	scores := smallStart()[:small.Vocab]
	for name, s := range map[string]Sampling{
		"temperature": {Temperature: 0.01}, "top-k": {Temperature: 0.01, TopK: 50}, "top-p": {Temperature: 0.01, TopP: 0.9},
	} {
		b.Run(name, func(b *testing.B) {
			for i := uint64(0); b.Loop(); i++ {
				Choose(s, scores, i)
			}
		})
	}
}
