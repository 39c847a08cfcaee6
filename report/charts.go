package report

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Charts is a still picture of plots that the caller has made with gonum/plot, in rows above one legend. It is for pictures that
// are not families of curves, such as level sets, surfaces and diagrams.
type Charts struct {
	Title string
	Plots []*plot.Plot
	// Columns is the number of plots in a row; 0 means all, up to three.
	Columns int
	// Width and Height are the size of one plot, in points; 0 stands for the size of a panel of a Figure.
	Width, Height float64
	Legend        []Mark
}

// NewChart returns an empty plot in the style of a Figure. An axis without a Label has no label.
func NewChart(title string, x, y Axis) *plot.Plot {
	p := plot.New()
	p.Title.Text = title
	low, high := p.X, p.Y // adding plotters widens the axes
	setAxis(&p.X, x, &span{log: x.Log, held: true, low: 1, high: 2}, 0)
	setAxis(&p.Y, y, &span{log: y.Log, held: true, low: 1, high: 2}, 0)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = low.Min, low.Max, high.Min, high.Max
	return p
}

// NewGrid returns the grid of a Figure's panel.
func NewGrid() *plotter.Grid {
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color = color.Gray{225}, color.Gray{225}
	return grid
}

// Hue returns the colour of curve i of a Figure, with an opacity in [0, 1].
func Hue(i int, opacity float64) color.NRGBA {
	return style{Light: hues[i%len(hues)][0]}.onPaper(opacity)
}

// Letters returns the style of text inside a plot, for a size in points.
func Letters(size float64) draw.TextStyle { return letters(size) }

func (f *Charts) arrange() arrangement {
	if len(f.Plots) == 0 {
		panic("report: charts without plots")
	}
	a := &charts{Charts: f, sheet: sheet{columns: f.Columns}}
	if a.columns == 0 {
		a.columns = min(len(f.Plots), len(sizes))
	}
	a.panel = sizes[min(a.columns, len(sizes))-1]
	if f.Width > 0 && f.Height > 0 {
		a.panel = vg.Point{X: vg.Length(f.Width), Y: vg.Length(f.Height)}
	}
	for _, p := range f.Plots {
		untitled := *p
		untitled.Title.Text = ""
		a.add(&untitled, p.Title.Text)
	}
	return a
}

// charts is a picture with its layout.
type charts struct {
	*Charts
	sheet
	panel vg.Point
}

func (a *charts) legendRoom() vg.Length {
	if len(a.Legend) == 0 {
		return 0
	}
	return legendRow + margin
}

func (a *charts) size() (width, height vg.Length) {
	height = vg.Length(len(a.plots))*a.panel.Y + a.legendRoom() + 2*margin
	if a.Title != "" {
		height += titleRoom
	}
	return vg.Length(a.columns)*a.panel.X + 2*margin, height
}

func (a *charts) draw(c draw.Canvas) {
	c = paper(c, a.Title)
	drawRow(c, c.Min.Y+legendRow/2, a.Legend, swatch, swatchGap)
	c = draw.Crop(c, 0, 0, a.legendRoom(), 0)
	tiles := draw.Tiles{PadX: 2 * margin, PadY: margin}
	if a.titled() {
		tiles.PadTop, tiles.PadY = 2*margin, 3*margin
	}
	a.drawPlots(c, tiles)
}
