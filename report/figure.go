package report

import (
	"iter"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Figure is a still picture: panels side by side, at most three in a row, above one legend.
type Figure struct {
	// Title is the title of the picture; empty means the plots' common title. If the titles of the plots differ, they are the
	// titles of their panels.
	Title  string
	Panels []Panel
}

// Panel is a Plot over one pair of its axes.
type Panel struct {
	*Plot
	// X and Y are keys of axes of the Plot; empty means its first one.
	X, Y string
}

func (f *Figure) arrange() arrangement { return newLayout(f) }

// layout is a figure with its layout, in points: the title on top, the panels, the legend below.
type layout struct {
	sheet
	title         string
	names         []string
	labels        []string // of the names, in the legend
	look          map[string]style
	legendColumns int
	cell          vg.Length
	width, height vg.Length
}

// sizes are the sizes of a panel, in points, for one, two or three panels in a row.
var sizes = [3]vg.Point{{X: 480, Y: 320}, {X: 340, Y: 250}, {X: 270, Y: 220}}

const (
	margin    = 8
	titleRoom = 24
	legendRow = 16
	swatch    = 20
	swatchGap = 6
)

func newLayout(f *Figure) *layout {
	if len(f.Panels) == 0 {
		panic("report: figure without panels")
	}
	l := &layout{sheet: sheet{columns: min(len(f.Panels), len(sizes))}, title: f.Title, look: styles(f.plots())}
	common := f.common()
	if l.title == "" && common {
		l.title = f.Panels[0].Title
	}
	for _, p := range f.Panels {
		p.check()
		title := p.Title
		if common {
			title = ""
		}
		l.add(p.plot(l.look), title)
	}
	panel := sizes[l.columns-1]
	l.width = vg.Length(l.columns)*panel.X + 2*margin
	l.setLegend(f)
	l.height = vg.Length(len(l.plots))*panel.Y + l.legendRoom() + 3*margin
	if l.title != "" {
		l.height += titleRoom
	}
	return l
}

// plots iterates over the panels' plots.
func (f *Figure) plots() iter.Seq[*Plot] {
	return func(yield func(*Plot) bool) {
		for _, p := range f.Panels {
			if !yield(p.Plot) {
				return
			}
		}
	}
}

// common reports whether all plots have the same title.
func (f *Figure) common() bool {
	for p := range f.plots() {
		if p.Title != f.Panels[0].Title {
			return false
		}
	}
	return true
}

// setLegend lists each method once, in equally wide columns that fill the rows evenly.
func (l *layout) setLegend(f *Figure) {
	widest := vg.Length(1)
	listed := map[string]bool{}
	for p := range f.plots() {
		for _, c := range p.Curves {
			if !listed[c.Name] {
				listed[c.Name] = true
				l.names = append(l.names, c.Name)
				l.labels = append(l.labels, c.label())
				widest = max(widest, swatch+24+letters(9).Width(c.label()))
			}
		}
	}
	fit := max(1, int((l.width-2*margin)/widest))
	rows := max(1, (len(l.names)+fit-1)/fit)
	l.legendColumns = max(1, (len(l.names)+rows-1)/rows)
	l.cell = widest
}

func (l *layout) legendRows() int { return (len(l.names) + l.legendColumns - 1) / l.legendColumns }

func (l *layout) legendRoom() vg.Length { return vg.Length(l.legendRows()) * legendRow }

func (l *layout) size() (width, height vg.Length) { return l.width, l.height }

func (l *layout) draw(c draw.Canvas) {
	c = paper(c, l.title)
	l.drawLegend(draw.Crop(c, 0, 0, 0, l.legendRoom()-c.Size().Y))
	c = draw.Crop(c, 0, 0, l.legendRoom()+margin, 0)
	tiles := draw.Tiles{PadX: 2 * margin, PadY: 2 * margin}
	if l.titled() {
		tiles.PadTop = 2 * margin
	}
	l.drawPlots(c, tiles)
}

func (l *layout) drawLegend(c draw.Canvas) {
	left := c.Center().X - vg.Length(l.legendColumns)*l.cell/2
	rows := l.legendRows()
	for i, name := range l.names { // column by column, so that a curve is listed above the curves about it
		x := left + vg.Length(i/rows)*l.cell + margin
		y := c.Max.Y - vg.Length(i%rows)*legendRow - legendRow/2
		Mark{Name: l.labels[i], Line: l.look[name].line()}.draw(c, x, y, swatch, swatchGap)
	}
}
