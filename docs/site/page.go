package main

import (
	"bytes"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// chapters are the parts of the site. The chapters of the book are in the order of the book's first page. Pages of docs that are not named
// follow those of the reference.
var chapters = []struct {
	Title string
	Files []string
}{
	{"Steepest", []string{"README.md"}},
	{"The book", []string{"docs/book/README.md"}},
	{"Reference", []string{"docs/install.md", "docs/methods.md", "docs/linear.md", "docs/ranks.md", "docs/performance.md", "docs/architecture.md"}},
	{"Project", []string{"CHANGELOG.md", "CONTRIBUTING.md"}},
}

// page is a page of Markdown.
type page struct {
	Part     string // the part of the site that it belongs to
	File     string // its path in the repository, with slashes
	Title    string
	Language string

	root     string
	source   []byte
	document ast.Node
	sections []section
}

// section is a part of a page under a heading.
type section struct {
	ID, Title, Text string
	Level           int
}

var markdown = goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithParserOptions(parser.WithAutoHeadingID()))

// readPages reads all pages.
func readPages(root string) (pages []page, err error) {
	for _, part := range chapters {
		if part.Title == "Reference" {
			others, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
			if err != nil {
				return nil, err
			}
			for _, other := range others {
				if name := "docs/" + filepath.Base(other); !slices.Contains(part.Files, name) {
					part.Files = append(part.Files, name)
				}
			}
		}
		for i := 0; i < len(part.Files); i++ {
			p, err := readPage(root, part.Files[i])
			if err != nil {
				return nil, err
			}
			p.Part = part.Title
			pages = append(pages, p)
			if i == 0 && part.Title == "The book" {
				part.Files = append(part.Files, p.linked()...)
			}
		}
	}
	return pages, nil
}

// readPage reads a page and divides it into sections.
func readPage(root, file string) (p page, err error) {
	p = page{File: file, Language: "en", root: root}
	if strings.HasSuffix(file, ".ru.md") {
		p.Language = "ru"
	}
	if p.source, err = os.ReadFile(filepath.Join(root, file)); err != nil {
		return p, err
	}
	p.document = markdown.Parser().Parse(text.NewReader(p.source), parser.WithContext(parser.NewContext(parser.WithIDs(ids{}))))
	p.divide()
	if len(p.sections) == 0 {
		return p, fmt.Errorf("%s has no heading", file)
	}
	p.Title = p.sections[0].Title
	return p, nil
}

// linked returns the pages of the same folder that a page links to, in order.
func (p *page) linked() (files []string) {
	seen := map[string]bool{}
	p.each(func(n ast.Node) {
		if link, ok := n.(*ast.Link); ok {
			target := string(link.Destination)
			if strings.HasSuffix(target, ".md") && !strings.Contains(target, "/") && !seen[target] {
				seen[target] = true
				files = append(files, path.Join(path.Dir(p.File), target))
			}
		}
	})
	return files
}

// each calls a function for each node of the page, from top to bottom.
func (p *page) each(visit func(ast.Node)) {
	// The visitor returns no error, and so does Walk.
	_ = ast.Walk(p.document, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			visit(n)
		}
		return ast.WalkContinue, nil
	})
}

// divide collects the sections with their words.
func (p *page) divide() {
	add := func(words string) {
		if len(p.sections) > 0 {
			p.sections[len(p.sections)-1].Text += words
		}
	}
	p.each(func(n ast.Node) {
		switch n := n.(type) {
		case *ast.Heading:
			id, _ := n.AttributeString("id")
			p.sections = append(p.sections, section{ID: string(id.([]byte)), Title: p.words(n), Level: n.Level})
		case *ast.Text:
			if _, heading := n.Parent().(*ast.Heading); !heading {
				add(string(n.Segment.Value(p.source)) + " ")
			}
		case *ast.FencedCodeBlock, *ast.CodeBlock:
			for i := range n.Lines().Len() {
				line := n.Lines().At(i)
				add(string(line.Value(p.source)))
			}
		}
	})
}

// words returns the text of a node.
func (p *page) words(n ast.Node) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, ok := n.(*ast.Text); ok && entering {
			b.Write(t.Segment.Value(p.source))
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// Address returns where a page is in the site: README.md is the index.html of its folder.
func (p *page) Address() string {
	dir, name := path.Split(p.File)
	name = strings.TrimSuffix(name, ".md")
	if name == "README" {
		name = "index"
	}
	return dir + name + ".html"
}

// From returns the address relative to another page.
func (p *page) From(other *page) string { return other.Up() + p.Address() }

// Up leads from a page to the top of the site.
func (p *page) Up() string { return strings.Repeat("../", strings.Count(p.File, "/")) }

//go:embed page.html site.css site.js
var assets embed.FS

var layout = template.Must(template.New("page.html").Funcs(template.FuncMap{
	"css": func() template.CSS { return template.CSS(asset("site.css")) },
	"js":  func() template.JS { return template.JS(asset("site.js")) },
}).ParseFS(assets, "page.html"))

func asset(name string) string {
	text, err := assets.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// part is a part of the navigation.
type part struct {
	Title string
	Pages []*page
}

// write writes the page as HTML.
func (p *page) write(out string, pages []page) error {
	if err := p.relink(pages); err != nil {
		return err
	}
	var body bytes.Buffer
	if err := markdown.Renderer().Render(&body, p.source, p.document); err != nil {
		return err
	}
	var parts []part
	for i := range pages {
		if q := &pages[i]; len(parts) == 0 || parts[len(parts)-1].Title != q.Part {
			parts = append(parts, part{q.Part, []*page{q}})
		} else {
			parts[len(parts)-1].Pages = append(parts[len(parts)-1].Pages, q)
		}
	}
	name := filepath.Join(out, p.Address())
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	err = layout.Execute(f, map[string]any{
		"Page": p, "Parts": parts, "Sections": p.sections[1:], "Lecture": p.Up() + lecturePage,
		"Body": template.HTML(body.String()),
	})
	if err != nil {
		return err
	}
	return f.Close()
}

var away = regexp.MustCompile(`^[a-z]+:`)

// relink makes links lead to pages of the site, embeds pictures, and leaves the words of links to other files of the repository.
func (p *page) relink(pages []page) (err error) {
	var elsewhere []*ast.Link
	p.each(func(n ast.Node) {
		switch n := n.(type) {
		case *ast.Link:
			target := string(n.Destination)
			if away.MatchString(target) || strings.HasPrefix(target, "#") {
				return
			}
			if n.Destination = []byte(p.lead(target, pages)); len(n.Destination) == 0 {
				elsewhere = append(elsewhere, n)
			}
		case *ast.Image:
			picture, e := os.ReadFile(filepath.Join(p.root, path.Dir(p.File), string(n.Destination)))
			if e != nil {
				err = fmt.Errorf("%s: %w", p.File, e)
			}
			n.Destination = []byte("data:image/png;base64," + base64.StdEncoding.EncodeToString(picture))
		}
	})
	for _, link := range elsewhere {
		parent := link.Parent()
		for child := link.FirstChild(); child != nil; child = link.FirstChild() {
			parent.InsertBefore(parent, link, child)
		}
		parent.RemoveChild(parent, link)
	}
	return err
}

// lead returns the address of a link's target, relative to the page; "" for a file that is not in the site.
func (p *page) lead(target string, pages []page) string {
	file, fragment, _ := strings.Cut(target, "#")
	file = path.Join(path.Dir(p.File), file)
	for i := range pages {
		if q := &pages[i]; q.File == file {
			if fragment != "" {
				fragment = "#" + fragment
			}
			return q.From(p) + fragment
		}
	}
	return ""
}
