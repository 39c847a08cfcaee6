package data

import (
	"bufio"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// If STEEPEST_PYTHON names a Python with scikit-learn, the readers are compared with those of scikit-learn on STEEPEST_TEST_TEXTS texts of each
// format; see testdata/peers.py.
const (
	python = "STEEPEST_PYTHON"
	texts  = "STEEPEST_TEST_TEXTS"
)

// peer is a Python process that reads texts.
type peer struct {
	in  *json.Encoder
	out *bufio.Reader
}

func startPeer(t *testing.T) *peer {
	interpreter := os.Getenv(python)
	if interpreter == "" {
		t.Skip(python + " names no Python")
	}
	command := exec.Command(interpreter, "testdata/peers.py")
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		command.Wait()
	})
	return &peer{json.NewEncoder(in), bufio.NewReader(out)}
}

// ask sends a request and returns the answer.
func (p *peer) ask(t *testing.T, request, answer any) {
	t.Helper()
	if err := p.in.Encode(request); err != nil {
		t.Fatal(err)
	}
	line, err := p.out.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, answer)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// mutants calls do with mutations of the seeds.
func mutants(t *testing.T, seeds, tokens []string, do func(text string)) {
	n := 1000
	if text := os.Getenv(texts); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range seeds {
		do(text)
	}
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(from []string) string { return from[r.IntN(len(from))] }
	for range n {
		text := pick(seeds)
		for range 1 + r.IntN(5) {
			at := r.IntN(len(text) + 1)
			end := min(len(text), at+r.IntN(4))
			switch r.IntN(4) {
			case 0:
				text = text[:at] + pick(tokens) + text[at:]
			case 1:
				text = text[:at] + pick(tokens) + text[end:]
			case 2:
				text = text[:at] + text[end:]
			case 3:
				text += pick(seeds)
			}
		}
		do(text)
	}
}

// exact reads the hexadecimal numbers of an answer.
func exact(t *testing.T, texts []string) []float64 {
	values := make([]float64, len(texts))
	for i, text := range texts {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) {
			t.Fatal(err)
		}
		values[i] = v
	}
	return values
}

// refusals counts the texts that only one side refuses, by the patterns of known reasons.
type refusals map[string]int

func refuses(patterns ...string) refusals {
	r := make(refusals)
	for _, p := range patterns {
		r[p] = 0
	}
	return r
}

func (r refusals) add(t *testing.T, text, reason string) {
	t.Helper()
	for pattern := range r {
		if regexp.MustCompile(pattern).MatchString(reason) {
			r[pattern]++
			return
		}
	}
	t.Errorf("one side alone refuses %q: %s", text, reason)
}

// lineFeeds changes line ends that are only a CR to LF, since scikit-learn takes CR for a blank.
var lineFeeds = strings.NewReplacer("\r\n", "\r\n", "\r", "\n")

// Both sides refuse a text, or read the same, except in the listed cases.
func TestPeersLIBSVM(t *testing.T) {
	p := startPeer(t)
	both, neither := 0, 0
	ours := refuses("no row", "not a finite number", "learning to rank", "index .* not a whole number", "more than 16 digits", `_.* is not a number`)
	theirs := refuses("OverflowError") // indices beyond int32
	seeds := slices.Clone(trickyLIBSVM)
	for range 10 {
		seeds = append(seeds, "1 1:2 5:-3e1\n", "-1 2:.5 3:7 # note\n", "0 1:1e-3\n2.5 1:-0 9:12.25\n")
	}
	tokens := strings.Split("1|2|-1|+1|0|:|#|\n|\r\n| |\t|\v|.5|1e3|1e-400|1:1| 2:0.1| 7:-0|10:1e308|qid:1|nan|inf|,|_|0x|é|-|+|e|.|\x00|12345678901234567890", "|")
	mutants(t, seeds, tokens, func(text string) {
		for _, zeroBased := range []bool{false, true} {
			var read struct {
				Error     string
				Y, Values []string
				Indptr    []int
				Indices   []uint32
			}
			p.ask(t, map[string]any{"text": []byte(lineFeeds.Replace(text)), "zero_based": zeroBased}, &read)
			set, err := ReadLIBSVM("test", strings.NewReader(text), LIBSVMOptions{ZeroBased: zeroBased})
			switch {
			case err != nil && read.Error != "":
				neither++
			case err != nil:
				ours.add(t, text, err.Error())
			case read.Error != "":
				theirs.add(t, text, read.Error)
			default:
				both++
				x := set.X.(*CSR)
				if !sameBits(set.Y, exact(t, read.Y)) || !slices.Equal(x.Indptr, read.Indptr) || !slices.Equal(x.Indices, read.Indices) ||
					!sameBits(x.Values, exact(t, read.Values)) {
					t.Errorf("%q: %+v %+v, scikit-learn has %+v", text, set, x, read)
				}
			}
		}
	})
	t.Logf("%d texts read by both, %d by none; refused by us alone: %v; by scikit-learn alone: %v", both, neither, ours, theirs)
}

// A table has the cells that Python finds in it, with the same numbers.
func TestPeersCSV(t *testing.T) {
	p := startPeer(t)
	read, refused := 0, 0
	theirs := refuses()
	lineEnds := strings.NewReplacer("\r\n", "\n", "\r", "\n") // Python keeps the line ends inside quotes
	tokens := strings.Split(`1|-2|.5|1e3|,|;|"|""|`+"\n|\r\n|\r| |\t|x|NA|?|1,5|1_0|0x1|nan|é|#|\x00|\ufeff|a,b\n|1,2,0\n|3;4\n|\"x y\"|\"1\"|\n\n", "|")
	seeds := []string{"1,2,0\n3,-4e1,1\n", "a,b,y\n1,2,spam\n3,4,ham\n", "\"1\",\"2\"\n", "1,2\r\n\r\n3,4", "\ufeff1,2\n", "1,5;0\n2,5;1\n", "\"a;b\";y\n1;0\n", "a\tb\n1\t2\n",
		"1|2\n3|4\n", "x,y\n1,\"b, \"\"c\"\"\"\n2,a\n", "1, 2 ,\"0\"\n", "id,name\n1,\"two\nlines\"\n2,b\n"}
	mutants(t, seeds, tokens, func(text string) {
		set, err := ReadCSV("test", strings.NewReader(text), CSVOptions{})
		if err != nil {
			refused++
			return
		}
		read++
		var table struct {
			Error          string
			Cells, Numbers [][]string
		}
		p.ask(t, map[string]any{"text": []byte(text), "delimiter": string(set.Dialect.Delimiter), "decimal": string(set.Dialect.Decimal)}, &table)
		if table.Error != "" {
			theirs.add(t, text, table.Error)
			return
		}
		if set.Dialect.Header && len(table.Cells) > 0 {
			table.Cells, table.Numbers = table.Cells[1:], table.Numbers[1:]
		}
		x := set.X.(*Dense)
		if len(table.Cells) != x.Rows {
			t.Errorf("%q: %d rows, Python has %d", text, x.Rows, len(table.Cells))
			return
		}
		for i, row := range table.Numbers {
			if len(row) != x.Cols+1 {
				t.Errorf("%q: row %d has %d columns, in Python %d", text, i, x.Cols+1, len(row))
				return
			}
			last := table.Cells[i][x.Cols]
			if label := set.Y[i]; set.ClassNames != nil {
				if got := set.ClassNames[int(label)]; got != strings.TrimSpace(lineEnds.Replace(last)) {
					t.Errorf("%q: the label of row %d is %q, in Python %q", text, i, got, last)
				}
			} else if !sameBits([]float64{label}, exact(t, row[x.Cols:])) {
				t.Errorf("%q: the label of row %d is %v, in Python %s", text, i, label, row[x.Cols])
			}
			if want := row[:x.Cols]; slices.Contains(want, "") || !sameBits(x.Data[i*x.Cols:][:x.Cols], exact(t, want)) {
				t.Errorf("%q: row %d is %v, in Python %v", text, i, x.Data[i*x.Cols:][:x.Cols], want)
			}
		}
	})
	t.Logf("%d tables read, %d refused by us; by Python alone: %v", read, refused, theirs)
}
