// Command gpt compares GPT-2 (124M) of Steepest with that of PyTorch: steps of training with AdamW in float32, the generation of tokens,
// and the memory of a process that trains. Both begin with the same parameters, and must have the same loss. Before that, Steepest and
// transformers each read the folders that the other writes.
//
//	go run ./gpt -python PYTHON    a Python with PyTorch and transformers
//
// A line gives the tokens a second of Steepest and the ratio of speeds by round, as median (minimum–maximum). PyTorch runs as it is and
// compiled, and generates by transformers and by a loop with a static cache, with parameters in float32 and bfloat16.
package main

import (
	"bufio"
	_ "embed"
	"flag"
	"fmt"
	"log"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"steepest/bench/paired"
	"steepest/bench/peak"
	"steepest/bench/python"
	"steepest/gpt"
	"steepest/internal/simd"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
)

//go:embed torch.py
var program string

// bench holds what all measurements share.
type bench struct {
	interpreter string
	folder      string // of the model
	workers     int
	rounds      int
	compile     bool
	bf16        bool
	config      gpt.Config
}

func main() {
	log.SetFlags(0)
	var b bench
	flag.StringVar(&b.interpreter, "python", "python3", "`path` of a Python with PyTorch and transformers")
	flag.IntVar(&b.workers, "workers", 2, "threads of every contestant; with one, the clock is the processor's")
	flag.IntVar(&b.rounds, "rounds", 5, "rounds")
	flag.BoolVar(&b.compile, "compile", true, "PyTorch compiled, too")
	flag.BoolVar(&b.bf16, "bf16", false, "round the operands of products to bfloat16 while training, as PyTorch does under autocast")
	shapes := flag.String("shape", "4x256,1x1024", "windows and tokens of a step, `BxT`, separated by commas; none for no training")
	prompts := flag.String("prompt", "1,512", "`tokens` of a prompt, separated by commas; none for no generation")
	tokens := flag.Int("tokens", 32, "`tokens` to generate")
	flag.Parse()
	runtime.GOMAXPROCS(b.workers)
	dir, err := os.MkdirTemp("", "gpt")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := b.run(dir, *shapes, *prompts, *tokens); err != nil {
		os.RemoveAll(dir)
		log.Fatal(err)
	}
}

// run measures what the flags say.
func (b *bench) run(dir, shapes, prompts string, tokens int) (err error) {
	if err := roundTrips(b.interpreter, dir); err != nil {
		return err
	}
	if b.config, err = gpt.Preset("gpt2"); err != nil {
		return err
	}
	b.folder = filepath.Join(dir, "gpt2")
	if err := gpt.WriteHuggingFace(b.folder, b.config, gpt.Start[float32](b.config, 42), gpt.Float32); err != nil {
		return err
	}
	debug.FreeOSMemory()
	if shapes != "none" {
		fmt.Println("| step | Steepest, tokens/s | of the peak | × PyTorch | × compiled | memory | of PyTorch | of compiled |")
		fmt.Println("|---|---|---|---|---|---|---|---|")
		for _, shape := range strings.Split(shapes, ",") {
			var batch, length int
			if _, err := fmt.Sscanf(shape, "%dx%d", &batch, &length); err != nil {
				return fmt.Errorf("-shape: %q is not BxT: %w", shape, err)
			}
			if err := b.training(batch, length); err != nil {
				return err
			}
		}
	}
	if prompts == "none" {
		return nil
	}
	fmt.Println("\n| prompt | weights | Steepest, tokens/s | × transformers | × loop | × transformers, bfloat16 | × loop, bfloat16 |\n|---|---|---|---|---|---|---|")
	for _, prompt := range strings.Split(prompts, ",") {
		n, err := strconv.Atoi(prompt)
		if err != nil {
			return fmt.Errorf("-prompt: %w", err)
		}
		if err := b.generation(n, tokens); err != nil {
			return err
		}
	}
	return nil
}

// method says how contestants take turns.
func (b *bench) method() paired.Method {
	return paired.Method{Rounds: b.rounds, Limit: 3 * b.rounds, Workers: b.workers, Probe: peak.Float32}
}

// start starts the side of PyTorch.
func (b *bench) start(compiled bool, batch, length int) (*python.Program, error) {
	digit := map[bool]string{false: "0", true: "1"}
	p, _, err := python.Start(b.interpreter, program, b.folder, strconv.Itoa(b.workers), digit[compiled], digit[b.bf16], strconv.Itoa(batch), strconv.Itoa(length))
	return p, err
}

// number returns a number that the other side answers.
func number(p *python.Program, format string, args ...any) float64 {
	line, err := p.Ask(format, args...)
	if err != nil {
		log.Fatal(err)
	}
	v, err := strconv.ParseFloat(line, 64)
	if err != nil {
		log.Fatal(err)
	}
	return v
}

// training measures steps on one text of B windows of T tokens.
func (b *bench) training(batch, length int) error {
	p, err := gpt.New[float32](b.config, gpt.Cut(text(b.config.Vocab, batch*length+1), length), length)
	if err != nil {
		return err
	}
	p.BF16 = b.bf16
	_, x, err := gpt.Read(b.folder)
	if err != nil {
		return err
	}
	tolerance := 5e-6
	if b.bf16 {
		tolerance = 1e-3
	}
	grad := simd.LargePages(make([]float32, len(x))) // as train.Run has it
	rule := rules.AdamW{Adam: rules.Adam{LR: schedule.Constant(1e-4), Beta2: optim.Set(0.95)}, WeightDecay: optim.Set(0.1),
		Skip: func(p param.Param) bool { return len(p.Shape) == 1 }}
	o, err := optim.New[float32](rule, p.Params())
	if err != nil {
		return err
	}
	step := func(reps int) (loss float64) {
		for range reps {
			loss = p.Grad(grad, x, nil)
			if err := o.Step(x, grad); err != nil {
				log.Fatal(err)
			}
		}
		return loss
	}
	losses := []float64{step(1), step(1)}
	memory := peakMemory()
	contestants := []paired.Contestant{{Name: "Steepest", Run: func(reps int) { step(reps) }}}
	theirs := make(map[string]float64)
	for _, name := range []string{"PyTorch", "compiled"} {
		if name == "compiled" && !b.compile {
			continue
		}
		peer, err := b.start(name == "compiled", batch, length)
		if err != nil {
			return err
		}
		defer peer.Stop()
		for i, loss := range losses { // the second one after a step of AdamW
			if other := number(peer, "loss"); math.Abs(other-loss) > tolerance*loss*math.Pow(10, float64(i)) {
				return fmt.Errorf("the loss of step %d is %v, and that of %s %v", i+1, loss, name, other)
			}
		}
		theirs[name] = number(peer, "memory")
		contestants = append(contestants, paired.Contestant{Name: name, Time: func(reps int) time.Duration {
			return time.Duration(number(peer, "step %d", reps) * float64(time.Second))
		}})
	}
	r := b.method().Measure(contestants...)
	fmt.Printf("| B=%d, T=%d | %.0f | %v | %v | %v | %.2f GB | %s | %s |\n", batch, length, r.Rate("Steepest", float64(batch*length)).Median,
		r.OfPeak("Steepest", 2*p.FLOPs(batch)), r.Ratio("Steepest", "PyTorch"), r.Ratio("Steepest", "compiled"),
		memory/1e9, part(memory, theirs["PyTorch"]), part(memory, theirs["compiled"]))
	return nil
}

// part writes a/b, or a dash where there is none.
func part(a, b float64) string {
	if b == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", a/b)
}

// generation measures the tokens after a prompt, without the pass over the prompt.
func (b *bench) generation(prompt, tokens int) error {
	peer, err := b.start(false, 1, 1)
	if err != nil {
		return err
	}
	defer peer.Stop()
	_, x, err := gpt.Read(b.folder)
	if err != nil {
		return err
	}
	ours := map[string]*gpt.Generator[float32]{"float32": gpt.NewGenerator(b.config, x), "bfloat16": gpt.NewGeneratorBF16(b.config, x)}
	var contestants []paired.Contestant
	each := func(f func(weights string)) {
		f("float32")
		f("bfloat16")
	}
	each(func(weights string) {
		contestants = append(contestants, paired.Contestant{Name: weights, Time: func(reps int) (all time.Duration) {
			for range reps {
				all += b.generate(ours[weights], prompt, tokens)
			}
			return all
		}})
		for _, how := range []string{"transformers", "loop"} {
			contestants = append(contestants, paired.Contestant{Name: how + " " + weights, Time: func(reps int) (all time.Duration) {
				for range reps {
					all += time.Duration(number(peer, "generate %s %s %d %d", how, weights, prompt, tokens) * float64(time.Second))
				}
				return all
			}})
		}
	})
	r := b.method().Measure(contestants...)
	each(func(weights string) {
		fmt.Printf("| %d | %s | %.1f | %v | %v | %v | %v |\n", prompt, weights, r.Rate(weights, float64(tokens)).Median,
			r.Ratio(weights, "transformers float32"), r.Ratio(weights, "loop float32"),
			r.Ratio(weights, "transformers bfloat16"), r.Ratio(weights, "loop bfloat16"))
	})
	return nil
}

// generate returns the time of the given number of tokens after a prompt.
func (b *bench) generate(g *gpt.Generator[float32], prompt, tokens int) time.Duration {
	g.Reset()
	next := gpt.Choose(gpt.Sampling{}, g.Feed(text(b.config.Vocab, prompt)...), 0)
	clock := paired.ProcessorTime
	if b.workers > 1 {
		begun := time.Now()
		clock = func() time.Duration { return time.Since(begun) }
	}
	start := clock()
	for i := range uint64(tokens) {
		next = gpt.Choose(gpt.Sampling{}, g.Feed(next), i+1)
	}
	return clock() - start
}

// text returns n tokens of a linear congruential generator, those of torch.py.
func text(vocabulary, n int) []uint32 {
	s, out := uint32(1), make([]uint32, n)
	for i := range out {
		s = s*1664525 + 1013904223
		out[i] = (s >> 8) % uint32(vocabulary)
	}
	return out
}

// peakMemory returns the bytes that the process had at most.
func peakMemory() float64 {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var kib float64
		if _, err := fmt.Sscanf(lines.Text(), "VmHWM: %f kB", &kib); err == nil {
			return 1024 * kib
		}
	}
	log.Fatal("no VmHWM in /proc/self/status")
	return 0
}
