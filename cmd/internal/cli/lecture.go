package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"steepest/lecture"
	"steepest/report"
)

type lectureCmd struct {
	Scenes []string `arg:"" optional:"" name:"scene" placeholder:"SCENE" help:"Scenes, or all; without any, the scenes are listed."`

	Dir  string `group:"output" default:"." placeholder:"DIR" help:"Where the figures go, as .svg, .png and, if they move, .gif (${default})."`
	HTML string `group:"output" name:"html" placeholder:"DIR" help:"Write one page of the scenes, or of all, instead: lecture.html in this folder."`
	JSON bool   `group:"output" name:"json" help:"The verdicts as JSON."`
	Lang string `group:"output" default:"en" enum:"en,ru" help:"Language of the terminal and the figures: en or ru (${default})."`
}

// Help shows how lecture is used.
func (lectureCmd) Help() string {
	return `The claims and figures of the lecture as scenes: each is computed, drawn and judged. The exit code is 1 if one disagrees.
Examples:

    steepest lecture
    steepest lecture divergence
    steepest lecture momentum adamw
    steepest lecture all --html .`
}

// lecturePage is the name of the page of scenes.
const lecturePage = "lecture.html"

// Run lists the scenes or runs some.
func (c *lectureCmd) Run(w *world) error {
	if err := w.refuse(
		silence{[]string{"dir"}, c.HTML != "", "is for the figures, and --html writes a page instead"},
		silence{[]string{"dir", "json"}, c.Scenes == nil && c.HTML == "", "is for scenes that are run, and none is named"},
	); err != nil {
		return err
	}
	if c.Scenes == nil && c.HTML == "" {
		return c.list(w)
	}
	scenes, err := c.named()
	if err != nil {
		return err
	}
	for _, dir := range []flagPath{{"dir", c.Dir}, {"html", c.HTML}} {
		if dir.path == "" {
			continue
		}
		if _, err := makeFolder(dir.flag, dir.path); err != nil {
			return err
		}
	}
	if c.HTML != "" {
		if err := refuseOutputs(nil, flagPath{"html", filepath.Join(c.HTML, lecturePage)}); err != nil {
			return err
		}
	}
	played, err := c.play(w, scenes)
	if err != nil {
		return err
	}
	if c.HTML != "" {
		err = w.save(filepath.Join(c.HTML, lecturePage), func(out io.Writer) error { return lecture.HTML(out, played) })
	}
	if err == nil && c.JSON {
		err = writeJSON(w.stdout, verdicts(played))
	}
	if err != nil {
		return err
	}
	return c.judge(played)
}

// named returns the scenes with the given names, each once and in the order of the lecture.
func (c *lectureCmd) named() ([]lecture.Scene, error) {
	all := c.Scenes == nil
	for _, name := range c.Scenes {
		if _, err := lecture.Find(name); name == "all" {
			all = true
		} else if err != nil {
			return nil, usage("steepest lecture lists the scenes", "%w", err)
		}
	}
	return slices.DeleteFunc(lecture.Scenes(), func(s lecture.Scene) bool { return !all && !slices.Contains(c.Scenes, s.Name) }), nil
}

// list names the scenes.
func (c *lectureCmd) list(w *world) error {
	var b strings.Builder
	for _, s := range lecture.Scenes() {
		fmt.Fprintf(&b, "%s %s\n", w.stdout.paint(bold, fmt.Sprintf("%-18s", s.Name)), c.in(s.Title))
	}
	_, err := io.WriteString(w.stdout, b.String())
	return err
}

// play runs the scenes and writes their figures.
func (c *lectureCmd) play(w *world, scenes []lecture.Scene) ([]lecture.Played, error) {
	var played []lecture.Played
	for i, s := range scenes {
		done := w.notice(fmt.Sprintf("%s, scene %d of %d", s.Name, i+1, len(scenes)))
		outcome, err := s.Run(w)
		done()
		if w.interrupted(err) {
			return nil, w.interruption("", "interrupted in the scene %s", s.Name)
		}
		if err != nil {
			return nil, fmt.Errorf("scene %s: %w", s.Name, err)
		}
		played = append(played, lecture.Played{Scene: s, Outcome: outcome})
		if !c.JSON {
			c.print(w, s, outcome.Verdict)
		}
		if c.Lang == "ru" {
			outcome = outcome.Russian()
		}
		if c.HTML == "" {
			if err := c.draw(w, s.Name, outcome); err != nil {
				return nil, err
			}
		}
	}
	return played, nil
}

// draw writes the files of a figure.
func (c *lectureCmd) draw(w *world, name string, o *lecture.Outcome) error {
	base := filepath.Join(c.Dir, name)
	if err := w.save(base+".svg", func(out io.Writer) error { return report.SVG(out, o.Figure) }); err != nil {
		return err
	}
	if err := w.save(base+".png", func(out io.Writer) error { return report.PNG(out, o.Figure) }); err != nil || o.Motion == nil {
		return err
	}
	return w.save(base+".gif", func(out io.Writer) error { return report.GIF(out, o.Motion) })
}

// print writes the verdict.
func (c *lectureCmd) print(w *world, s lecture.Scene, v lecture.Verdict) {
	out := w.stdout
	fmt.Fprintf(out, "%s\n%s", out.paint(bold, s.Name+": "+c.in(s.Title)), out.wrap(c.in(s.Claim), 2))
	for _, m := range v {
		mark := out.paint(green, "✓")
		switch {
		case m.Undecided():
			mark = "?"
		case !m.Agrees():
			mark = out.paint(red, "✗")
		}
		fmt.Fprintf(out, "  %s %s\n", mark, strings.TrimSpace(out.wrap(c.in(m.What)+": "+c.in(m.Comparison()), 4)))
	}
	if note := c.in(s.Note); note != "" {
		fmt.Fprint(out, out.wrap(note, 2))
	}
	if s.Video != "" {
		fmt.Fprintf(out, "  %s\n", s.Video)
	}
	fmt.Fprintln(out)
}

// in returns the text in the chosen language.
func (c *lectureCmd) in(t lecture.Text) string {
	if c.Lang == "ru" {
		return t.Ru
	}
	return t.En
}

// verdicts is the JSON of the scenes.
func verdicts(played []lecture.Played) any {
	type measurement struct {
		What      string `json:"what"`
		Got       real   `json:"got"`
		Relation  string `json:"relation"`
		Want      real   `json:"want"`
		Tolerance real   `json:"tolerance"`
		Agrees    bool   `json:"agrees"`
		Decided   bool   `json:"decided"`
	}
	type verdict struct {
		Scene        string        `json:"scene"`
		Title        string        `json:"title"`
		Agrees       bool          `json:"agrees"`
		Measurements []measurement `json:"measurements"`
	}
	var out []verdict
	for _, p := range played {
		v := verdict{Scene: p.Scene.Name, Title: p.Scene.Title.En, Agrees: p.Outcome.Verdict.Agrees()}
		for _, m := range p.Outcome.Verdict {
			v.Measurements = append(v.Measurements, measurement{
				m.What.En, real(m.Got), m.Relation.String(), real(m.Want), real(m.Tolerance), m.Agrees(), !m.Undecided(),
			})
		}
		out = append(out, v)
	}
	return out
}

// judge returns an error if a verdict disagrees with its claim.
func (c *lectureCmd) judge(played []lecture.Played) error {
	var names []string
	for _, p := range played {
		if !p.Outcome.Verdict.Agrees() {
			names = append(names, p.Scene.Name)
		}
	}
	if names == nil {
		return nil
	}
	return fmt.Errorf("the claim and the measurements disagree: %s", strings.Join(names, ", "))
}
