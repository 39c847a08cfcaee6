package lecture

import (
	"bytes"
	"context"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestHTML makes a page of two scenes, one of them animated. It checks that both languages have all parts, and that the page uses no address
// outside of itself.
func TestHTML(t *testing.T) {
	var played []Played
	for _, name := range []string{"epoch", "shampoo-muon"} {
		s, err := Find(name)
		if err != nil {
			t.Fatal(err)
		}
		o, err := s.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		played = append(played, Played{*s, o})
	}
	played[0].Scene.Video = rosenbrock.Video
	var b bytes.Buffer
	if err := HTML(&b, played); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for text, want := range map[string]int{
		`<section id="epoch">`: 1, `<section id="shampoo-muon">`: 1, `<math display="block">`: 2,
		`<span lang="en">The measurements agree.</span>`: 2, `<span lang="ru">Измерения согласуются с утверждением.</span>`: 2,
		`src="data:image/gif;base64,`: 2, `src="data:image/svg&#43;xml;base64,`: 2,
	} {
		if got := strings.Count(page, text); got != want {
			t.Errorf("%s stands there %d times, want %d", text, got, want)
		}
	}
	video := `href="` + rosenbrock.Video + `"`
	if found := regexp.MustCompile(`(src|href)="[^#d][^"]*"`).FindAllString(page, -1); !slices.Equal(found, []string{video}) {
		t.Errorf("addresses outside of the page: %q, want that of the video", found)
	}
	for _, text := range regexp.MustCompile(`(?s)<(?:span|div) lang="ru">(.*?)</(?:span|div)>`).FindAllStringSubmatch(page, -1) {
		checkWords(t, html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(text[1], "")))
	}
	if n, m := strings.Count(page, `lang="en"`), strings.Count(page, `lang="ru"`); n != m+1 { // one more for the page itself
		t.Errorf("%d texts in English, %d in Russian", n, m)
	}
}

// TestFormulas typesets the formulas of all scenes.
func TestFormulas(t *testing.T) {
	for _, s := range Scenes() {
		for _, tex := range s.Formulas {
			if _, err := typeset(tex); err != nil {
				t.Errorf("%s: %v", s.Name, err)
			}
		}
	}
}

// TestDisagreement checks how a page shows a verdict that disagrees.
func TestDisagreement(t *testing.T) {
	s, err := Find("epoch")
	if err != nil {
		t.Fatal(err)
	}
	o, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	o.Verdict[0].Got++
	var b bytes.Buffer
	if err := HTML(&b, []Played{{*s, o}}); err != nil {
		t.Fatal(err)
	}
	if page := b.String(); !strings.Contains(page, "The measurements disagree.") || !strings.Contains(page, `<li class="no">`) {
		t.Error("the page hides that a measurement disagrees")
	}
}
