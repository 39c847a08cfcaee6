package report

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Regions is a still picture of the predictions of models in a plane, in panels side by side. Each point has the colour of its
// predicted class, paler if the model is less sure. Lines show where the model is undecided. The data are drawn on top.
type Regions struct {
	Title string
	// X and Y label the axes.
	X, Y string
	// Classes names the classes of the points.
	Classes []string
	Points  []Point
	Panels  []Region
	// Note is a sentence that a page shows below the picture.
	Note string
}

// Point is a place in the plane and the index of its class.
type Point struct {
	X, Y  float64
	Class int
}

// Region is the predictions of one model in the plane.
type Region struct {
	Title string
	// Shares returns, for each point, the probabilities of all Classes. It ignores the classes of the points.
	Shares func([]Point) [][]float64
}

// summary says in words what the picture shows.
func (r *Regions) summary() string {
	text := r.Title
	for _, p := range r.Panels {
		text += "; " + p.Title
	}
	return text
}

func (r *Regions) arrange() arrangement {
	if len(r.Panels) == 0 || len(r.Points) == 0 {
		panic("report: a picture of regions without panels or points")
	}
	a := &regionsLayout{Regions: r}
	for _, p := range r.Points {
		if p.Class < 0 || p.Class >= len(r.Classes) {
			panic(fmt.Sprintf("report: a point of class %d, of %d classes", p.Class, len(r.Classes)))
		}
		a.spanX.hold([]float64{p.X})
		a.spanY.hold([]float64{p.Y})
	}
	a.spanX.widen(0.08)
	a.spanY.widen(0.08)
	rows := (len(r.Panels) + regionsInRow - 1) / regionsInRow
	a.columns = (len(r.Panels) + rows - 1) / rows
	for _, p := range r.Panels {
		a.add(a.plot(p), p.Title)
	}
	return a
}

const (
	regionsInRow = 4
	regionWidth  = 230 // points
	regionHeight = 245
	regionCells  = 160 // colours along a side
)

// regionsLayout is a picture with its layout.
type regionsLayout struct {
	*Regions
	sheet
	spanX, spanY span
}

func (a *regionsLayout) size() (width, height vg.Length) {
	height = vg.Length(len(a.plots))*regionHeight + legendRow + 3*margin
	if a.Title != "" {
		height += titleRoom
	}
	return vg.Length(a.columns)*regionWidth + 2*margin, height
}

func (a *regionsLayout) draw(c draw.Canvas) {
	c = paper(c, a.Title)
	var legend []Mark
	for k, name := range a.Classes {
		legend = append(legend, Mark{Name: name, Glyph: dot(k)})
	}
	drawRow(c, c.Min.Y+legendRow/2, legend, 0, margin)
	c = draw.Crop(c, 0, 0, legendRow+margin, 0)
	a.drawPlots(c, draw.Tiles{PadX: 2 * margin, PadY: 3 * margin, PadTop: 2 * margin})
}

// dot is the mark of a point of a class.
func dot(class int) draw.GlyphStyle {
	return draw.GlyphStyle{Color: classStyle(class).onPaper(0.85), Radius: 1.5, Shape: draw.CircleGlyph{}}
}

func classStyle(class int) style { return style{Light: hues[class%len(hues)][0]} }

// plot draws the colours, the lines between them and the points of one panel.
func (a *regionsLayout) plot(r Region) *plot.Plot {
	out := plot.New()
	g := a.grid()
	shares := r.Shares(g.points)
	if g.shares = shares; decided(shares) {
		x, y := g.step()/2*(a.spanX.high-a.spanX.low), g.step()/2*(a.spanY.high-a.spanY.low)
		out.Add(plotter.NewImage(g.image(), a.spanX.low-x, a.spanY.low-y, a.spanX.high+x, a.spanY.high+y))
		for k := range len(a.Classes) {
			if k > 0 && len(a.Classes) == 2 {
				break // the line of the other class
			}
			line := plotter.NewContour(lead{g, k}, []float64{0}, nil)
			line.LineStyles = []draw.LineStyle{{Color: color.Gray{60}, Width: 0.9}}
			out.Add(line)
		}
	}
	for k := range a.Classes {
		var points plotter.XYs
		for _, p := range a.Points {
			if p.Class == k {
				points = append(points, plotter.XY{X: p.X, Y: p.Y})
			}
		}
		out.Add(&plotter.Scatter{XYs: points, GlyphStyle: dot(k)})
	}
	setAxis(&out.X, Axis{Label: a.X}, &a.spanX, 0)
	setAxis(&out.Y, Axis{Label: a.Y}, &a.spanY, 0)
	return out
}

// decided reports whether all probabilities are numbers; after a divergence they are not.
func decided(shares [][]float64) bool {
	for _, row := range shares {
		for _, p := range row {
			if math.IsNaN(p) {
				return false
			}
		}
	}
	return true
}

// grid is a square grid of points, by rows from below, with the predictions of a model.
type grid struct {
	points []Point
	shares [][]float64
}

func (a *regionsLayout) grid() grid {
	var g grid
	for j := range regionCells {
		for i := range regionCells {
			g.points = append(g.points, Point{
				X: a.spanX.low + float64(i)*g.step()*(a.spanX.high-a.spanX.low),
				Y: a.spanY.low + float64(j)*g.step()*(a.spanY.high-a.spanY.low),
			})
		}
	}
	return g
}

// step returns the distance between neighbors, relative to the side.
func (grid) step() float64 { return 1. / (regionCells - 1) }

// image mixes the colours of the classes by their probabilities, and lightens them with white.
func (g grid) image() image.Image {
	const strength = 0.38
	img := image.NewNRGBA(image.Rect(0, 0, regionCells, regionCells))
	for at, shares := range g.shares {
		mix := [3]float64{}
		for k, share := range shares {
			hue := classStyle(k).onPaper(1)
			for i, v := range [3]uint8{hue.R, hue.G, hue.B} {
				mix[i] += share * float64(v)
			}
		}
		// If all classes are equally likely, the colour is white.
		sure := strength * (slices.Max(shares)*float64(len(shares)) - 1) / float64(max(1, len(shares)-1))
		pixel := color.NRGBA{A: 255}
		for i, v := range []*uint8{&pixel.R, &pixel.G, &pixel.B} {
			*v = uint8(255*(1-sure) + mix[i]*sure + 0.5)
		}
		img.SetNRGBA(at%regionCells, regionCells-1-at/regionCells, pixel)
	}
	return img
}

// lead is the probability of one class minus the largest of the others, on a grid. Its level set 0 bounds the region of the class.
type lead struct {
	grid
	class int
}

func (l lead) Dims() (c, r int) { return regionCells, regionCells }
func (l lead) X(c int) float64  { return l.points[c].X }
func (l lead) Y(r int) float64  { return l.points[r*regionCells].Y }
func (l lead) Z(c, r int) float64 {
	shares, others := l.shares[r*regionCells+c], 0.0
	for k, p := range shares {
		if k != l.class {
			others = max(others, p)
		}
	}
	return shares[l.class] - others
}
