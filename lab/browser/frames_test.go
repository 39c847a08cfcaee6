package browser

import (
	"slices"
	"testing"
)

// BenchmarkFrames plays eight methods on Rosenbrock's function for ten seconds, and reports the frames a second that the playground draws, with the
// time of the median frame and of the slowest in twenty.
func BenchmarkFrames(b *testing.B) {
	p := open(b, "/playground#function=rosenbrock&steps=5000&m=gd:lr=0.0004&m=heavy-ball:lr=0.0002&m=adam:lr=0.05&m=adagrad:lr=0.3&m=rmsprop:lr=0.01&m=nadam:lr=0.05&m=lion:lr=0.005&m=radam:lr=0.05")
	p.comes(`document.querySelectorAll("#walkers > *").length === 8 && +document.querySelector("#step").max === 5000`)
	for b.Loop() {
		p.click("#play")
		frames := value[[]float64](p, `new Promise(done => {
			const times = []
			const frame = now => { times.push(now); now - times[0] < 10000 ? requestAnimationFrame(frame) : done(times) }
			requestAnimationFrame(frame)
		})`)
		p.click("#play")
		if step := value[float64](p, `+document.querySelector("#step").value`); step < 300 {
			b.Fatalf("after ten seconds the methods stand at step %g", step)
		}
		var took []float64
		for i := range len(frames) - 1 {
			took = append(took, frames[i+1]-frames[i])
		}
		slices.Sort(took)
		b.ReportMetric(1000*float64(len(took))/(frames[len(frames)-1]-frames[0]), "frames/s")
		b.ReportMetric(took[len(took)/2], "ms/median")
		b.ReportMetric(took[len(took)*19/20], "ms/slow")
	}
}
