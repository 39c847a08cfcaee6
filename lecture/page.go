package lecture

import (
	"bytes"
	"embed"
	"encoding/base64"
	"html/template"
	"io"
	"io/fs"
	"strings"

	"steepest/internal/mathml"
	"steepest/report"
)

// Played is a scene with its outcome, which is nil before the scene is played.
type Played struct {
	Scene   Scene
	Outcome *Outcome
}

//go:embed assets
var assets embed.FS

var page = template.Must(template.New("page.html").Funcs(template.FuncMap{
	"math": typeset,
	"text": func(en, ru string) Text { return Text{en, ru} },
	"css":  func(name string) template.CSS { return template.CSS(Asset(name)) },
	"js":   func(name string) template.JS { return template.JS(Asset(name)) },
}).ParseFS(assets, "assets/page.html"))

// Asset returns a file that pages with scenes use: lecture.css or language.js. It panics for other names.
func Asset(name string) []byte {
	text, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic("lecture: " + err.Error())
	}
	return text
}

// HTML writes the scenes as one page in both languages, in a single file that needs no network: the claims with their formulas, the
// figures, and the verdicts.
func HTML(w io.Writer, played []Played) error { return write(w, "page.html", embedded, played...) }

// Body writes the content of the page of HTML for a server, without the head and without figures. The function address returns the address of a
// figure file, which the server writes with Outcome.File.
func Body(w io.Writer, played []Played, address func(scene, file string) string) error {
	return write(w, "body", addressed(address), played...)
}

// Section writes the part of the page of Body for one scene.
func Section(w io.Writer, p Played, address func(scene, file string) string) error {
	return write(w, "scene", addressed(address), p)
}

// shown is a scene as a page shows it.
type shown struct {
	Played
	Figures []drawing // one per language; nil before the scene is played
}

// drawing is a figure in one language.
type drawing struct {
	Language, Alt string
	Still, Moving template.URL // Moving is empty for a figure without motion
}

// write executes a template of the page. The function place returns the addresses of the figures.
func write(w io.Writer, name string, place func(p Played, file string) (template.URL, error), played ...Played) error {
	list := make([]shown, len(played))
	for i, p := range played {
		list[i].Played = p
		if p.Outcome == nil {
			continue
		}
		for _, d := range []drawing{{Language: "en", Alt: p.Scene.Title.En}, {Language: "ru", Alt: p.Scene.Title.Ru}} {
			var err error
			if d.Still, err = place(p, d.Language+".svg"); err == nil && p.Outcome.Motion != nil {
				d.Moving, err = place(p, d.Language+".gif")
			}
			if err != nil {
				return err
			}
			list[i].Figures = append(list[i].Figures, d)
		}
	}
	if name == "scene" {
		return page.ExecuteTemplate(w, name, list[0])
	}
	return page.ExecuteTemplate(w, name, list)
}

func addressed(address func(scene, file string) string) func(Played, string) (template.URL, error) {
	return func(p Played, file string) (template.URL, error) {
		return template.URL(address(p.Scene.Name, file)), nil
	}
}

// embedded returns a data URL with the file itself.
func embedded(p Played, file string) (template.URL, error) {
	var b bytes.Buffer
	kind, err := p.Outcome.File(&b, file)
	return template.URL("data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(b.Bytes())), err
}

// File writes the figure in a language and a format: en.svg, ru.svg, en.gif or ru.gif. The last two exist for animated figures. It returns
// the media type of the file. The error is fs.ErrNotExist for other names.
func (o *Outcome) File(w io.Writer, name string) (kind string, err error) {
	language, format, _ := strings.Cut(name, ".")
	if language == "ru" {
		o = o.Russian()
	}
	switch {
	case language != "en" && language != "ru":
	case format == "svg":
		return "image/svg+xml", report.SVG(w, o.Figure)
	case format == "gif" && o.Motion != nil:
		return "image/gif", report.GIF(w, o.Motion)
	}
	return "", fs.ErrNotExist
}

func typeset(tex string) (template.HTML, error) {
	text, err := mathml.Block(tex)
	return template.HTML(text), err
}
