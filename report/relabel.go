package report

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot"
)

// Relabel returns the picture with other words: label maps each title, axis label and name of a curve, class or mark. Text that
// plots draw themselves does not change. Curves keep their colours only if different names stay different.
func Relabel(p Picture, label func(string) string) Picture {
	switch p := p.(type) {
	case *Figure:
		return p.relabel(label)
	case *Charts:
		return p.relabel(label)
	case *Regions:
		return p.relabel(label)
	}
	panic(fmt.Sprintf("report: a picture of the unknown type %T", p))
}

func (f *Figure) relabel(label func(string) string) *Figure {
	out := &Figure{Title: label(f.Title), Panels: slices.Clone(f.Panels)}
	for i, panel := range f.Panels {
		p := *panel.Plot
		p.Title, p.X, p.Y, p.Curves = label(p.Title), relabelAxes(p.X, label), relabelAxes(p.Y, label), slices.Clone(p.Curves)
		for j := range p.Curves {
			p.Curves[j].Name = label(p.Curves[j].Name)
		}
		out.Panels[i].Plot = &p
	}
	return out
}

func relabelAxes(axes []Axis, label func(string) string) []Axis {
	axes = slices.Clone(axes)
	for i := range axes {
		axes[i].Label = label(axes[i].Label)
	}
	return axes
}

func (f *Charts) relabel(label func(string) string) *Charts {
	out := *f
	out.Title, out.Plots, out.Legend = label(f.Title), make([]*plot.Plot, len(f.Plots)), slices.Clone(f.Legend)
	for i, p := range f.Plots {
		q := *p
		q.Title.Text, q.X.Label.Text, q.Y.Label.Text = label(p.Title.Text), label(p.X.Label.Text), label(p.Y.Label.Text)
		out.Plots[i] = &q
	}
	for i := range out.Legend {
		out.Legend[i].Name = label(out.Legend[i].Name)
	}
	return &out
}

func (r *Regions) relabel(label func(string) string) *Regions {
	out := *r
	out.Title, out.X, out.Y, out.Note = label(r.Title), label(r.X), label(r.Y), label(r.Note)
	out.Classes, out.Panels = slices.Clone(r.Classes), slices.Clone(r.Panels)
	for i := range out.Classes {
		out.Classes[i] = label(out.Classes[i])
	}
	for i := range out.Panels {
		out.Panels[i].Title = label(out.Panels[i].Title)
	}
	return &out
}
