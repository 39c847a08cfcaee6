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
	"math":   typeset,
	"text":   func(en, ru string) Text { return Text{en, ru} },
	"still":  still,
	"moving": moving,
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

func still(p report.Picture) (template.URL, error) {
	return embedded("image/svg+xml", func(w io.Writer) error { return report.SVG(w, p) })
}

func moving(a *report.Animation) (template.URL, error) {
	return embedded("image/gif", func(w io.Writer) error { return report.GIF(w, a) })
}

// embedded makes an address that holds the file itself.
func embedded(kind string, write func(io.Writer) error) (template.URL, error) {
	var b bytes.Buffer
	err := write(&b)
	return template.URL("data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(b.Bytes())), err
}
