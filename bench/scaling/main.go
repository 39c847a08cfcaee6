// Command scaling predicts how many gradients a second ranks make together, from the time of one, the latency α of a message and the time β
// of a byte. It is a model: nothing beyond one machine has been measured. Beside it stands what the lecture says, that 16 processors
// compute 16 gradients at once.
//
//	go run ./scaling -png ../docs/images/scaling.png
//
// Each rank makes one micro-batch of m seconds, all of them add up the gradient of B bytes, and each makes the step of u seconds:
//
//	tree       m + u + 2S(P − 1)α + 2Bβ(P − 1)/P    an all-to-all and an all-gather for each of S segments of 8 MiB
//	fast       m + u + 2⌈log₂ P⌉α + 2Bβ(P − 1)/P    a reduce-scatter and an all-gather by halving and doubling
//	local      m + u + 1/H of what tree adds        an exchange every H steps, without the step of the outer method
package main

import (
	"flag"
	"fmt"
	"log"
	"math"
	"math/bits"
	"os"
	"time"

	"steepest/report"
)

// cost holds the costs of a step in seconds, bytes and seconds a byte.
type cost struct {
	micro, update, bytes, alpha, beta float64
	local                             int
}

// modes are the ways to exchange, each with the seconds that it adds to a step on p ranks.
var modes = []struct {
	name string
	adds func(c cost, ranks float64) float64
}{
	{"tree", cost.tree},
	{"fast", func(c cost, p float64) float64 {
		return 2*float64(bits.Len(uint(p)-1))*c.alpha + c.traffic(p)
	}},
	{"local steps", func(c cost, p float64) float64 { return c.tree(p) / float64(c.local) }},
}

func (c cost) tree(p float64) float64 {
	return 2*math.Ceil(c.bytes/(8<<20))*(p-1)*c.alpha + c.traffic(p)
}

// traffic is the time of the bytes that a rank sends.
func (c cost) traffic(p float64) float64 { return 2 * c.bytes * c.beta * (p - 1) / p }

// speed is how many gradients all ranks make together in the time in which one process makes one.
func (c cost) speed(p, adds float64) float64 {
	return p * (c.micro + c.update) / (c.micro + c.update + adds)
}

func main() {
	log.SetFlags(0)
	micro := flag.Duration("micro", 3*time.Second, "`time` of the gradient of a micro-batch")
	update := flag.Duration("update", 100*time.Millisecond, "`time` of the step of the method")
	elements := flag.Float64("parameters", 124439808, "`number` of parameters in float32")
	local := flag.Int("local", 50, "local `steps` between two exchanges")
	png := flag.String("png", "", "write the figure to this `file`")
	flag.Parse()
	base := cost{micro: micro.Seconds(), update: update.Seconds(), bytes: 4 * *elements, local: *local}
	figure := &report.Figure{Title: fmt.Sprintf("A model: gradients of %.0f million parameters, %.3g s each", *elements/1e6, micro.Seconds())}
	for _, link := range []struct {
		name         string
		alpha, bytes float64 // a second
	}{{"within a cluster: 20 µs, 3 GB/s", 20e-6, 3e9}, {"slow links: 20 ms, 0.1 GB/s", 20e-3, 1e8}} {
		c := base
		c.alpha, c.beta = link.alpha, 1/link.bytes
		figure.Panels = append(figure.Panels, report.Panel{Plot: c.plot(link.name)})
		c.table(link.name)
	}
	if *png == "" {
		return
	}
	f, err := os.Create(*png)
	if err == nil {
		err = report.PNG(f, figure)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		log.Fatal(err)
	}
}

// counts are the numbers of ranks.
func counts() (ranks []float64) {
	for p := 2.0; p <= 1024; p *= 2 {
		ranks = append(ranks, p)
	}
	return ranks
}

// table prints the speeds over one kind of link.
func (c cost) table(link string) {
	fmt.Printf("\n%s\n\n| ranks | ideal |", link)
	for _, m := range modes {
		fmt.Printf(" %s |", m.name)
	}
	fmt.Print("\n|---|---|---|---|---|\n")
	for _, p := range counts() {
		fmt.Printf("| %v | %[1]v |", p)
		for _, m := range modes {
			fmt.Printf(" %.3g |", c.speed(p, m.adds(c, p)))
		}
		fmt.Println()
	}
}

// plot draws them.
func (c cost) plot(link string) *report.Plot {
	p := &report.Plot{
		Title: link,
		X:     []report.Axis{{Key: "ranks", Label: "ranks", Log: true}},
		Y:     []report.Axis{{Key: "speed", Label: "gradients in the time of one", Log: true}},
	}
	add := func(name string, dashed bool, speed func(p float64) float64) {
		curve := report.Curve{Name: name, Dashed: dashed, X: map[string][]float64{"ranks": counts()}, Y: map[string]report.Band{}}
		var band report.Band
		for _, ranks := range counts() {
			band.Mid = append(band.Mid, speed(ranks))
		}
		curve.Y["speed"] = band
		p.Curves = append(p.Curves, curve)
	}
	add("the lecture: as many gradients as processors", true, func(p float64) float64 { return p })
	for _, m := range modes {
		name := m.name
		if m.name == "local steps" {
			name = fmt.Sprintf("%d local steps", c.local)
		}
		add(name, false, func(p float64) float64 { return c.speed(p, m.adds(c, p)) })
	}
	return p
}
