package main

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"steepest/lecture"
)

var (
	hrefs   = regexp.MustCompile(`href="([^"]*)"`)
	anchors = regexp.MustCompile(` id="([^"]*)"`)
	loads   = regexp.MustCompile(`(?:src|data)="([^"]*)"|url\(([^)]*)\)|<link [^>]*href="([^"]*)"`)
)

// TestSite: each page of the documentation is in the site, each link leads to a page and a place that are there, and no page loads anything from
// elsewhere.
func TestSite(t *testing.T) {
	out := t.TempDir()
	var quick []lecture.Scene
	for _, name := range []string{"epoch", "descent"} {
		s, err := lecture.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		quick = append(quick, *s)
	}
	if err := build("../..", out, quick); err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	err := filepath.WalkDir(out, func(path string, _ os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".html" {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(out, path)
		texts[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, pattern := range []string{"../../docs/*.md", "../../docs/book/*.md"} {
		sources, _ := filepath.Glob(pattern)
		for _, source := range sources {
			name := strings.TrimPrefix(filepath.ToSlash(source), "../../")
			if p := (&page{File: name}); texts[p.Address()] == "" {
				t.Errorf("%s is not in the site", name)
			}
		}
	}
	ids := map[string][]string{}
	for name, text := range texts {
		for _, m := range anchors.FindAllStringSubmatch(text, -1) {
			ids[name] = append(ids[name], m[1])
		}
	}
	for name, text := range texts {
		for _, m := range loads.FindAllStringSubmatch(text, -1) {
			if from := m[1] + m[2] + m[3]; strings.Contains(from, "//") && !strings.HasPrefix(from, "data:") {
				t.Errorf("%s loads %s", name, from)
			}
		}
		if name == lecturePage {
			continue // a page of its own, with its own test
		}
		for _, m := range hrefs.FindAllStringSubmatch(text, -1) {
			link, err := url.Parse(m[1])
			if err != nil || link.Scheme != "" {
				continue
			}
			target := name
			if link.Path != "" {
				target = strings.TrimPrefix(filepath.ToSlash(filepath.Join(filepath.Dir(name), link.Path)), "./")
			}
			if texts[target] == "" {
				t.Errorf("%s: the link %s leads nowhere", name, m[1])
			} else if link.Fragment != "" && !slices.Contains(ids[target], link.Fragment) {
				t.Errorf("%s: %s has no place %s", name, target, link.Fragment)
			}
		}
	}
}

// TestFragments: headings have the fragments that forges give them.
func TestFragments(t *testing.T) {
	taken := ids{}
	for _, c := range [][2]string{
		{"From scikit-learn, LIBLINEAR, cyanure and glmnet", "from-scikit-learn-liblinear-cyanure-and-glmnet"},
		{"What is it worth?", "what-is-it-worth"},
		{"What is it worth?", "what-is-it-worth-1"},
		{"Слайд, сцена, код", "слайд-сцена-код"},
		{"`--cache` and more", "--cache-and-more"},
	} {
		if got := string(taken.Generate([]byte(c[0]), 0)); got != c[1] {
			t.Errorf("%s: %s, want %s", c[0], got, c[1])
		}
	}
}

// TestSearchHasEverySection: words of a chapter are found under their heading.
func TestSearchHasEverySection(t *testing.T) {
	pages, err := readPages("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		if p.File != "docs/book/first-model.md" {
			continue
		}
		for _, s := range p.sections {
			if s.Title == "Look inside" && strings.Contains(s.Text, "steepest inspect flats.json") {
				return
			}
		}
	}
	t.Error("steepest inspect is not found under Look inside")
}
