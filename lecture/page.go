package lecture

import (
	"bytes"
	"embed"
	"encoding/base64"
	"html/template"
	"io"

	"steepest/internal/mathml"
	"steepest/report"
)

// Played is a scene with what it computed.
type Played struct {
	Scene   Scene
	Outcome *Outcome
}

//go:embed assets
var assets embed.FS

var page = template.Must(template.New("page.html").Funcs(template.FuncMap{
	"math": typeset,
	"text": func(en, ru string) Text { return Text{en, ru} },
	"draw": drawn,
	"css": func() (template.CSS, error) {
		text, err := assets.ReadFile("assets/lecture.css")
		return template.CSS(text), err
	},
}).ParseFS(assets, "assets/page.html"))

// HTML writes the scenes as one page in both languages, in one file that needs no network: the claims with their formulas, the
// figures, and the verdicts.
func HTML(w io.Writer, played []Played) error { return page.Execute(w, played) }

func typeset(tex string) (template.HTML, error) {
	text, err := mathml.Block(tex)
	return template.HTML(text), err
}

// drawing is a figure in one language.
type drawing struct {
	Language, Alt string
	Still, Moving template.URL // Moving is empty if the figure stands still
}

func drawn(language string, p Played) (drawing, error) {
	o, alt := p.Outcome, p.Scene.Title.En
	if language == "ru" {
		o, alt = o.Russian(), p.Scene.Title.Ru
	}
	d := drawing{Language: language, Alt: alt}
	var err error
	d.Still, err = embedded("image/svg+xml", func(w io.Writer) error { return report.SVG(w, o.Figure) })
	if err != nil || o.Motion == nil {
		return d, err
	}
	d.Moving, err = embedded("image/gif", func(w io.Writer) error { return report.GIF(w, o.Motion) })
	return d, err
}

// embedded makes an address that holds the file itself.
func embedded(kind string, write func(io.Writer) error) (template.URL, error) {
	var b bytes.Buffer
	err := write(&b)
	return template.URL("data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(b.Bytes())), err
}
