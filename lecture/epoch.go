package lecture

import (
	"fmt"
	"image/color"
	"slices"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"steepest/report"
	"steepest/train"
)

var epoch = Scene{
	Name:  "epoch",
	Title: Text{"The batches of an epoch", "Идея SGD и батчей"},
	Claim: Text{
		"The rows of the data are dealt into batches at random, without repetitions; when all have been used once, an epoch " +
			"is over.",
		"Строки данных случайно и без повторений раскладываются по батчам; когда каждая использована один раз, эпоха окончена.",
	},
	Formulas: []string{`B_1 \cup \dots \cup B_4 = \{1, \dots, 12\},\quad B_i \cap B_j = \varnothing`},
	Shows: Text{
		"Twelve rows of data, and the four batches of three rows that an epoch of the library makes of them, one after the " +
			"other.",
		"Двенадцать строк данных и четыре батча по три строки, которые библиотека составляет из них за эпоху, один за другим.",
	},
	run: runEpoch,
}

func runEpoch(s *stage) (*Outcome, error) {
	const rows, size, epochs = 12, 3, 3
	batches := train.NewBatches(train.Reshuffle, rows, size, 3)
	var deal [][]uint32
	worst, orders := 0, map[string]bool{}
	for e := range epochs {
		times := make([]int, rows) // how often each row was seen
		var order []uint32
		for b := range rows / size {
			batch := slices.Clone(batches.At(e*rows/size + b))
			order = append(order, batch...)
			slices.Sort(batch)
			if e == 0 {
				deal = append(deal, batch)
			}
			for _, i := range batch {
				times[i] += int(s.sign())
			}
		}
		for _, t := range times {
			worst = max(worst, t-1, 1-t)
		}
		orders[fmt.Sprint(order)] = true
	}
	verdict := Verdict{
		equal("batches of an epoch", "батчей в эпохе", float64(len(deal)), s.predict(rows/size), 0),
		equal("largest deviation from once of how often an epoch uses a row",
			"наибольшее отклонение от одного раза, сколько эпоха использует строку", float64(worst), 0, 0),
		equal("different orders in three epochs", "разных порядков за три эпохи", float64(len(orders)), s.predict(epochs), 0),
	}
	outcome := func(words epochWords) *Outcome {
		return &Outcome{
			Figure: dealing(deal, len(deal), words),
			Motion: &report.Animation{
				Frames: len(deal) + 1,
				Frame:  func(i int) report.Picture { return dealing(deal, i, words) },
				Delay:  1200 * time.Millisecond,
				Last:   3 * time.Second,
			},
			Verdict: verdict,
		}
	}
	o := outcome(epochWords{"Data", "batch", "epoch"})
	o.russian = outcome(epochWords{"Данные", "батч", "эпоха"})
	return o, nil
}

// epochWords holds the words in the diagram.
type epochWords struct{ data, batch, epoch string }

// dealing returns one of the lecture's five frames: the data and the first batches.
func dealing(deal [][]uint32, batches int, words epochWords) report.Picture {
	p := report.NewChart("", report.Axis{}, report.Axis{})
	p.HideAxes()
	p.Add(diagram{deal, batches, words})
	box{0, 100, 0, 56}.show(p)
	return &report.Charts{Plots: []*plot.Plot{p}, Width: 480, Height: 269}
}

type diagram struct {
	deal    [][]uint32
	batches int
	words   epochWords
}

func (d diagram) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	at := func(x, y float64) vg.Point { return vg.Point{X: toX(x), Y: toY(y)} }
	rows := len(d.deal) * len(d.deal[0])
	const cell, left, right, across = 3.4, 6, 46, 6
	top := 48.0
	text := func(x, y float64, s string) {
		style := report.Letters(11)
		c.FillText(style, at(x, y), s)
	}
	row := func(x, y float64, fill color.Color) {
		for j := range across {
			x0, x1 := x+cell*float64(j), x+cell*float64(j+1)
			corners := []vg.Point{at(x0, y), at(x1, y), at(x1, y+cell), at(x0, y+cell)}
			if fill != nil {
				c.FillPolygon(fill, corners)
			}
			c.StrokeLines(draw.LineStyle{Color: color.Gray{130}, Width: 0.6}, append(corners, corners[0]))
		}
	}
	text(left+cell, top+2, d.words.data)
	owner := make([]int, rows)
	for b, batch := range d.deal {
		for _, i := range batch {
			owner[i] = b
		}
	}
	for i := range rows {
		var fill color.Color
		if owner[i] < d.batches {
			fill = report.Hue(owner[i], 0.3)
		}
		row(left, top-cell*float64(i+1), fill)
	}
	for b, batch := range d.deal[:d.batches] {
		first := top + 1 - 12.4*float64(b)
		for j, i := range batch {
			y := first - cell*float64(j+1)
			row(right, y, report.Hue(b, 0.3))
			line := draw.LineStyle{Color: report.Hue(b, 0.8), Width: 0.8}
			arrow{[]float64{left + cell*across, top - cell*(float64(i)+0.5)}, []float64{right - 0.5, y + cell/2}, line}.Plot(c, p)
		}
		text(right+cell*across+2, first-cell*2+0.7, fmt.Sprintf("%s %d", d.words.batch, b+1))
	}
	if d.batches == len(d.deal) {
		style := draw.LineStyle{Color: dark, Width: 1}
		c.StrokeLines(style, []vg.Point{at(86, top+1), at(87.5, top+1), at(87.5, 1), at(86, 1)})
		text(89, 24, d.words.epoch)
	}
}
