package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A fence is a block of code in a page of Markdown, with the comment on the line above it.
type fence struct {
	line                int
	language, text, say string
}

var (
	fences   = regexp.MustCompile("(?ms)(?:^<!-- ([^\n]*) -->\n)?^```(\\w*)\n(.*?)^```$")
	digits   = regexp.MustCompile(`[0-9]+([.,][0-9]+)*(e[+-]?[0-9]+)?`)
	rounding = regexp.MustCompile(`\b([0-9.]+e-1[2-9]|0\.0e\+00|0)\b`) // numbers that are 0 up to rounding
	blanks   = regexp.MustCompile(` +|─+`)
	inTable  = regexp.MustCompile("(?m)^\\|.* `(steepest [^`]*)`")
	timed    = regexp.MustCompile(`( [0-9]+ +)[0-9.e-]+( +[0-9.e-]+ … )`) // the column of seconds to the target
)

// fencesOf returns the blocks of code of a page.
func fencesOf(page string) (list []fence) {
	for _, at := range fences.FindAllStringSubmatchIndex(page, -1) {
		f := fence{line: 1 + strings.Count(page[:at[4]], "\n"), language: page[at[4]:at[5]], text: page[at[6]:at[7]]}
		if at[2] >= 0 {
			f.say = page[at[2]:at[3]]
		}
		list = append(list, f)
	}
	return list
}

// TestBook runs the commands of the book, chapter by chapter in a folder of its own, and compares their output with the page. Commands in
// tables run last. Comments in the page say what differs:
//
//	<!-- instead: COMMAND -->   above commands: this short one is run in their place
//	<!-- fails -->              above commands: the last one ends with an error
//	<!-- numbers vary -->       above an output: its words alone are compared
//
// A line "…" of an output stands for any lines. Seconds, the width of columns, and
// numbers below 1e-12 are not compared.
func TestBook(t *testing.T) {
	t.Parallel()
	chapters, err := filepath.Glob("../../../docs/book/*.md")
	if err != nil || chapters == nil {
		t.Fatal(err, chapters)
	}
	for i, path := range chapters {
		if testing.Short() && i%4 != 1 {
			continue // starting a process is slow under the race detector
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			page, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			runPage(t, path, string(page))
		})
	}
}

// runPage runs the commands of a page from top to bottom.
func runPage(t *testing.T, path, page string) {
	dir, said, ran := t.TempDir(), "", false
	examples, err := filepath.Abs("../../../examples")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(examples, filepath.Join(dir, "examples")); err != nil {
		t.Fatal(err)
	}
	for _, f := range fencesOf(page) {
		switch f.language {
		case "sh":
			script := f.text
			if short, ok := strings.CutPrefix(f.say, "instead: "); ok {
				script = short
			}
			var err error
			if said, err = runShell(dir, script); (err != nil) != (f.say == "fails") {
				t.Fatalf("%s:%d: %v\n%s\n%s", path, f.line, err, script, said)
			}
		case "text":
			if ran && !agrees(f.text, said, f.say == "numbers vary") {
				t.Errorf("%s:%d: the page has\n%s\nand the command prints\n%s", path, f.line, f.text, said)
			}
		}
		ran = f.language == "sh"
	}
	for _, cell := range inTable.FindAllStringSubmatch(page, -1) {
		if said, err := runShell(dir, cell[1]); err != nil {
			t.Errorf("%s: %v\n%s\n%s", path, err, cell[1], said)
		}
	}
}

// runShell runs commands in a folder and returns their output.
func runShell(dir, script string) (string, error) {
	cmd := exec.Command("sh", "-e", "-c", script)
	cmd.Dir = dir
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	err := cmd.Run()
	return said.String(), err
}

// agrees reports whether the output is as the page shows it.
func agrees(shown, printed string, wordsAlone bool) bool {
	plain := func(text string) string {
		text = timed.ReplaceAllString(seconds.ReplaceAllString(text, "$1#$2"), "$1#$2")
		text = rounding.ReplaceAllString(text, "0")
		if wordsAlone {
			text = digits.ReplaceAllString(text, "#")
		}
		text = blanks.ReplaceAllString(text, " ")
		var lines []string
		for line := range strings.Lines(text) {
			lines = append(lines, strings.TrimRight(line, " \n"))
		}
		return strings.Join(lines, "\n")
	}
	pattern := regexp.QuoteMeta(plain(shown))
	pattern = regexp.MustCompile(`(?m)^…$`).ReplaceAllString(pattern, "(?:.*\n)*?.*")
	return regexp.MustCompile(`\A\n*` + pattern + `\n*\z`).MatchString(plain(printed))
}

// TestBookIsCompared: an output that differs from the page by a word or a digit is noticed.
func TestBookIsCompared(t *testing.T) {
	const printed = "one 1\ntwo 2\nthree 3\ntime 0.001 s\n"
	for _, c := range []struct {
		shown      string
		wordsAlone bool
		want       bool
	}{
		{"one 1\ntwo 2\nthree 3\ntime 0.123 s\n", false, true},
		{"one 1\n…\ntime 0.123 s\n", false, true},
		{"…\nthree 3\n…\n", false, true},
		{"one 1\ntwo 3\n…\n", false, false},
		{"one 1\ntwo 3\n…\n", true, true},
		{"one 1\ntoo 3\n…\n", true, false},
		{"one 1\ntwo 2\n", false, false},
	} {
		if got := agrees(c.shown, printed, c.wordsAlone); got != c.want {
			t.Errorf("agrees is %v for\n%s", got, c.shown)
		}
	}
}
