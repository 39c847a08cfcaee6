package report_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"slices"
	"testing"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"

	"steepest/report"
)

// growing is a chart whose line grows from frame to frame.
func growing(i int) report.Picture {
	p := report.NewChart("growing", report.Axis{Label: "x"}, report.Axis{Label: "y"})
	line, err := plotter.NewLine(plotter.XYs{{X: 0, Y: 0}, {X: float64(i + 1), Y: float64(i + 1)}})
	if err != nil {
		panic(err)
	}
	line.Color, line.Width = report.Hue(1, 1), 3
	p.Add(line)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 5, 0, 5
	return &report.Charts{Title: "frames", Plots: []*plot.Plot{p}, Width: 200, Height: 150,
		Legend: []report.Mark{{Name: "line", Line: line.LineStyle}}}
}

// TestGIF joins the frames of the file and checks that the line reaches its end point in the last frame only.
func TestGIF(t *testing.T) {
	var b bytes.Buffer
	if err := report.GIF(&b, &report.Animation{Frames: 4, Frame: growing, Delay: 50 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	written := b.Bytes()
	movie, err := gif.DecodeAll(bytes.NewReader(written))
	if err != nil {
		t.Fatal(err)
	}
	if want := []int{5, 5, 5, 200}; !slices.Equal(movie.Delay, want) || movie.LoopCount != 0 {
		t.Errorf("delays %v, want %v; %d loops", movie.Delay, want, movie.LoopCount)
	}
	screen := image.NewRGBA(movie.Image[0].Bounds())
	previous := 0
	for i, frame := range movie.Image {
		draw.Draw(screen, frame.Bounds(), frame, frame.Bounds().Min, draw.Over)
		count := near(screen, color.NRGBA{0xc6, 0x3c, 0x0e, 255})
		if count <= previous {
			t.Errorf("%d pixels of the line in frame %d, %d before", count, i, previous)
		}
		previous = count
	}
	var again bytes.Buffer
	if err := report.GIF(&again, &report.Animation{Frames: 4, Frame: growing, Delay: 50 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(written, again.Bytes()) {
		t.Error("a second time, other bytes")
	}
}

// near counts the pixels that are close to a colour.
func near(img image.Image, want color.NRGBA) (n int) {
	r := img.Bounds()
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
			if distance(c.R, want.R)+distance(c.G, want.G)+distance(c.B, want.B) < 12 {
				n++
			}
		}
	}
	return n
}

func distance(a, b uint8) int { return max(int(a), int(b)) - min(int(a), int(b)) }

// TestCharts draws a picture twice, since drawing must not change it.
func TestCharts(t *testing.T) {
	var first, second bytes.Buffer
	picture := growing(3)
	for _, b := range []*bytes.Buffer{&first, &second} {
		if err := report.SVG(b, picture); err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range []string{"growing", "frames", "line", ">x<", ">y<"} {
		if n := bytes.Count(first.Bytes(), []byte(text)); n == 0 {
			t.Errorf("no %s in the picture", text)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("a second time, another picture")
	}
}
