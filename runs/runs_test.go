package runs

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"steepest/checkpoint"
)

// at is a line of a step, or of an evaluation, which counts gradients.
func at(step int, evaluated bool) string {
	if evaluated {
		return fmt.Sprintf(`{"step":%d,"grads":%d,"loss":%d,"measured":{"validation":%d}}`, step, 2*step, 100-step, 200-step)
	}
	return fmt.Sprintf(`{"step":%d,"loss":%d,"norm":1}`, step, 300-step)
}

// TestOneCurve: steps that were made again are dropped, wherever they are in the file.
func TestOneCurve(t *testing.T) {
	for _, test := range []struct {
		name  string
		lines []string
		want  []float64 // steps
	}{
		{"nothing", nil, nil},
		{"one stretch", []string{at(0, true), at(1, false), at(2, true)}, []float64{0, 1, 2}},
		{"resumed", []string{at(0, true), at(5, true), at(9, true), `{"from":6,"evaluated":5}`, at(7, true)}, []float64{0, 5, 7}},
		{"an evaluation at the end of a stretch", []string{at(0, true), at(5, true), at(6, false), at(6, true), `{"from":6,"evaluated":5}`, at(8, true)}, []float64{0, 5, 6, 8}},
		{"twice", []string{at(0, true), at(4, false), `{"from":2,"evaluated":0}`, at(3, false), at(4, false), `{"from":3,"evaluated":0}`, at(4, false)}, []float64{0, 3, 4}},
		{"from the start", []string{at(0, true), at(4, true), `{"from":-1,"evaluated":-1}`, at(0, true)}, []float64{0}},
		{"what is no line of ours", []string{at(0, true), `{"step":`, `[]`, `3`, `{"loss":1}`, `{"step":"two"}`, ``, `{"from":"x"}`, `{"from":1}`, at(1, true)}, []float64{0, 1}},
	} {
		text := []byte(strings.Join(append(test.lines, ""), "\n"))
		for cut := range len(text) + 1 { // read in two parts, wherever the border is
			var r Record
			n := r.Read(text[:cut])
			r.Read(text[n:])
			if got := r.Column("step"); !slices.Equal(got, test.want) {
				t.Fatalf("%s, cut at %d: steps %v, want %v", test.name, cut, got, test.want)
			}
			for _, name := range r.Names() {
				if len(r.Column(name)) != r.Rows() {
					t.Fatalf("%s: %d numbers of %s in %d rows", test.name, len(r.Column(name)), name, r.Rows())
				}
			}
		}
	}
	var r Record
	r.Read([]byte(at(1, false) + "\n" + at(2, true) + "\n"))
	if v := r.Column("validation"); len(v) != 2 || !math.IsNaN(v[0]) || v[1] != 198 || r.Last("norm") != 1 || !math.IsNaN(r.Last("grads?")) {
		t.Errorf("validation %v", v)
	}
}

// TestPlainLines: the fast reader of lines gives the same numbers as encoding/json, and does not read lines that are not JSON.
func TestPlainLines(t *testing.T) {
	good := []string{`{"step":1}`, `{"step":1,"x":-0.5e-3,"y":0}`, `{"x":1E+2,"step":0}`, `{"größe":2,"step":3}`}
	bad := []string{
		`{"step":01}`, `{"step":1.}`, `{"step":+1}`, `{"step":.5}`, `{"step":0x1}`, `{"step":1_0}`, `{"step":NaN}`, `{"step":Inf}`, `{"step":1.e2}`, `{"step":-}`, `{"step":1e999}`, `{"step":1}}`, `{"step":1,}`,
		`{"step":1]`, `{step:1}`, `{"st"ep":1}`, `{"step"1}`, `{"step":1`, `"step":1}`, `{}`, `{"x":1}`, "{\"a\nb\":1,\"step\":1}", `{"step": "1"}`, `{"step":1} {"step":2}`,
	}
	other := []string{`{"step":1,"step":2}`, `{"step": 1}`, `{"a\u0062":1,"step":1}`, `{"step":1,"m":{"a":1}}`, `{"step":1,"x":null}`, `{"step":1,"s":"text"}`, ` {"step":1} `}
	for k, list := range [][]string{good, bad, other} {
		for _, line := range list {
			var r, slow Record
			if short := r.plain([]byte(line)); short != (k == 0) {
				t.Errorf("%s is read the short way: %v", line, short)
			}
			r, slow = Record{}, Record{}
			r.Read([]byte(line + "\n"))
			slow.Read([]byte(" " + line + "\n")) // a blank in front, which JSON allows
			if r.Rows() != map[bool]int{true: 0, false: 1}[k == 1] || fmt.Sprint(r.columns) != fmt.Sprint(slow.columns) {
				t.Errorf("%s: %v, and %v the long way", line, r.columns, slow.columns)
			}
		}
	}
}

// full is a disk that takes no bytes, or only some, until it is freed.
type full struct {
	mutex sync.Mutex
	bytes.Buffer
	room int // −1 for any
}

func (f *full) Write(p []byte) (int, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.room < 0 {
		return f.Buffer.Write(p)
	}
	n, _ := f.Buffer.Write(p[:min(f.room, len(p))])
	f.room -= n
	if n < len(p) {
		return n, syscall.ENOSPC
	}
	return n, nil
}

func (f *full) free() {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.room = -1
}

func (f *full) text() string {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.String()
}

// TestFullDisk: wherever the disk becomes full, even within a line, all lines are in the file once and in order when there is room again.
func TestFullDisk(t *testing.T) {
	want := ""
	for i := range 20 {
		want += fmt.Sprintf("{\"step\":%d}\n", i)
	}
	for room := range len(want) {
		disk := &full{room: room}
		l := queue{file: disk}
		for line := range strings.Lines(want) {
			l.add([]byte(line))
		}
		if got := disk.text(); got != want[:room] {
			t.Fatalf("room %d: %q", room, got)
		}
		disk.free()
		if err := l.flush(context.Background(), nil); err != nil || disk.text() != want {
			t.Fatalf("room %d: %v, %q", room, err, disk.text())
		}
		if l.timer != nil {
			l.timer.Stop()
		}
	}
	disk := &full{}
	l := queue{file: disk}
	l.add([]byte("{\"step\":1}\n"))
	over, cancel := context.WithCancel(context.Background())
	var waited error
	if err := l.flush(over, func(err error) { waited = err; cancel() }); !errors.Is(waited, syscall.ENOSPC) || err == nil || !strings.Contains(err.Error(), "1 entries could not be written") || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a disk that stays full: %v, told of %v", err, waited)
	}
	disk.free()
	for range 300 { // nobody writes any more
		if disk.text() != "" {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the line that waits is not tried again by itself")
}

var about = System{Version: "steepest", Command: "steepest minimize", Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}

func create(t *testing.T, dir, what string, s System) *Writer {
	t.Helper()
	w, err := Create(dir, what, 1, map[string]any{"method": what, "options": map[string]any{"lr": 0.5}, "seed": 1}, s)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func only(t *testing.T, dir string) *Run {
	t.Helper()
	list, err := List(dir)
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %v", list, err)
	}
	return list[0]
}

// TestLife: a run is running until its end, whose status it then has. A run without an end has died, and continues as a single curve.
func TestLife(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "runs")
	s := about
	s.Checkpoint = "/checkpoints/a"
	w := create(t, dir, "adam", s)
	w.Add(json.RawMessage(at(0, true)))
	w.Add(json.RawMessage(at(9, true)))
	if r := only(t, dir); r.Status != Running || r.Record.Rows() != 2 || r.Config["options.lr"] != "0.5" || r.Name != "20260102-030405-adam-seed1" {
		t.Errorf("%+v", r)
	}
	if _, err := Continue(dir, nil, s, 5, 0); !errors.Is(err, checkpoint.ErrInUse) {
		t.Errorf("a second process is let in: %v", err)
	}
	if err := Remove(dir, only(t, dir)); !errors.Is(err, checkpoint.ErrInUse) {
		t.Errorf("a run that goes on is removed: %v", err)
	}
	_, _ = w.file.WriteString(`{"step":10,"gra`) // half a line
	w.lock.Close()                               // as a process that is killed
	if r := only(t, dir); r.Status != Died || r.Record.Rows() != 2 {
		t.Errorf("%s with %d rows", r.Status, r.Record.Rows())
	}
	other := s
	other.Key = "another"
	if _, err := Continue(dir, nil, other, 5, 0); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("another run of the command goes on with it: %v", err)
	}
	w, err := Continue(dir, map[string]any{"steps": 20}, s, 5, 0)
	if err != nil {
		t.Fatal(err)
	}
	w.Add(json.RawMessage(at(12, true)))
	if err := w.Close(context.Background(), Ending{Status: Finished}, nil); err != nil {
		t.Fatal(err)
	}
	r := only(t, dir)
	if got := r.Record.Column("step"); r.Status != Finished || !slices.Equal(got, []float64{0, 12}) || r.Config["steps"] != "20" {
		t.Errorf("%s, %v, %v", r.Status, got, r.Config)
	}
	if err := Remove(dir, r); err != nil {
		t.Fatal(err)
	}
	if list, err := List(dir); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
}

// TestDamaged: a run whose configuration cannot be read is left out, and named. A folder without one is no run.
func TestDamaged(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "runs")
	w := create(t, dir, "adam", about)
	if err := w.Close(context.Background(), Ending{Status: Finished}, nil); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"bad": "{", "null": "null", "good": "{}"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o777); err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{configFile, systemFile} {
			if err := os.WriteFile(filepath.Join(dir, name, file), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o777); err != nil {
		t.Fatal(err)
	}
	f := Open(dir)
	if _, err := f.Refresh(); err != nil || len(f.Runs()) != 2 {
		t.Fatalf("%d runs, want 2 (%v)", len(f.Runs()), err)
	}
	for _, r := range f.Runs() {
		if r.Name == "good" && r.Duration() != 0 {
			t.Errorf("a run without a start took %v", r.Duration())
		}
	}
	bad := f.Damaged()
	for i, place := range []string{"bad/" + configFile, "null/" + configFile} {
		if len(bad) != 2 || !strings.Contains(bad[i].Error(), place) {
			t.Fatalf("damaged: %v, want %s", bad, place)
		}
	}
	for _, name := range []string{"bad", "null"} {
		for _, file := range []string{configFile, systemFile} {
			if err := os.WriteFile(filepath.Join(dir, name, file), []byte("{}"), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := f.Refresh(); err != nil || len(f.Runs()) != 4 || f.Damaged() != nil {
		t.Errorf("mended: %d runs, damaged %v (%v)", len(f.Runs()), f.Damaged(), err)
	}
}

// TestFailedStart: a file that cannot be written is an error that names it, and the folder is free again.
func TestFailedStart(t *testing.T) {
	for _, name := range []string{systemFile, configFile, statusFile, recordFile} {
		path := t.TempDir()
		if err := os.MkdirAll(filepath.Join(path, name, "in the way"), 0o777); err != nil {
			t.Fatal(err)
		}
		if w, err := open(path, nil, about); w != nil || err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v, %v", name, w, err)
		}
		lock, err := checkpoint.Lock(path)
		if err != nil {
			t.Fatal(err)
		}
		lock.Close()
	}
}

// TestRefresh: Refresh returns exactly the runs that have changed since the last call.
func TestRefresh(t *testing.T) {
	dir := t.TempDir()
	f := Open(dir)
	look := func(want ...string) {
		t.Helper()
		got, err := f.Refresh()
		slices.Sort(got)
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("%v, %v, want %v", got, err, want)
		}
	}
	look()
	a, b := create(t, dir, "a", about), create(t, dir, "b", about)
	nameA, nameB := filepath.Base(a.Path()), filepath.Base(b.Path())
	look(nameA, nameB)
	look()
	b.Add(json.RawMessage(at(0, true)))
	look(nameB)
	if err := a.Close(context.Background(), Ending{Status: Diverged, Message: "it did"}, nil); err != nil {
		t.Fatal(err)
	}
	look(nameA)
	if err := WriteBounds(a.Path(), []Bound{{"T1", true, []int{0, 1}, []float64{3, math.NaN()}}}); err != nil {
		t.Fatal(err)
	}
	look(nameA)
	look()
	if got := f.Runs()[0]; got.Ending.Message != "it did" || got.Bounds[0].Values[0] != 3 || !got.Bounds[0].Printed || !math.IsNaN(got.Bounds[0].Values[1]) {
		t.Errorf("%+v", got)
	}
	if err := os.RemoveAll(a.Path()); err != nil {
		t.Fatal(err)
	}
	look(nameA)
	b.lock.Close()
	look(nameB)
}

// TestStrangers: other files and folders are ignored, and links out of the folder are not followed.
func TestStrangers(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	w := create(t, outside, "secret", about)
	_ = w.Close(context.Background(), Ending{Status: Finished}, nil)
	for _, link := range [][2]string{{w.Path(), filepath.Join(dir, "linked")}} {
		if err := os.Symlink(link[0], link[1]); err != nil {
			t.Skip(err)
		}
	}
	mine := create(t, dir, "mine", about)
	_ = mine.file.Close()
	if err := errors.Join(os.Remove(filepath.Join(mine.Path(), recordFile)), os.Symlink(filepath.Join(w.Path(), recordFile), filepath.Join(mine.Path(), recordFile)),
		os.Mkdir(filepath.Join(dir, "empty"), 0o777), os.WriteFile(filepath.Join(dir, "file"), nil, 0o666), os.Mkdir(filepath.Join(dir, "broken"), 0o777),
		os.WriteFile(filepath.Join(dir, "broken", configFile), []byte("{"), 0o666)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(w.Path(), recordFile), []byte(at(1, true)+"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if r := only(t, dir); r.Config["method"] != "mine" || r.Record.Rows() != 0 {
		t.Errorf("%+v", r)
	}
}

// TestNames: the name of the folder is valid on all systems, for any method.
func TestNames(t *testing.T) {
	dir := t.TempDir()
	for what, want := range map[string]string{
		"adam": "adam", "sgd:lr=0.1,batch=10": "sgd-lr=0.1-batch=10", "</script>": "script", "../../etc": "etc", "": "run", "\x00\x1b\n": "run", "größe": "gr-e",
		"a b\"'`": "a-b", strings.Repeat("x", 500): strings.Repeat("x", 60), "..": "run", "CON/PRN": "CON-PRN",
	} {
		for k, suffix := range []string{"", "-2"} {
			w := create(t, dir, what, about)
			if got := filepath.Base(w.Path()); got != "20260102-030405-"+want+"-seed1"+suffix && len(want) < 60 {
				t.Errorf("%q, number %d, is kept in %s", what, k, got)
			}
			if filepath.Dir(w.Path()) != dir {
				t.Errorf("%q is kept in %s", what, w.Path())
			}
			w.lock.Close()
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
}

// TestExports: a table has the column step, and reads back as it is.
func TestExports(t *testing.T) {
	a, b := &Run{Name: `a,"b"`, Config: map[string]string{"lr": "1", "seed": "1"}}, &Run{Name: "c", Config: map[string]string{"lr": "2", "seed": "1", "l2": "0"}}
	a.Record.Read([]byte(at(0, true) + "\n" + at(1, false) + "\n"))
	b.Record.Read([]byte("{\"step\":3,\"x\":0.1}\n"))
	var text bytes.Buffer
	if err := CSV(&text, []*Run{a, b}); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&text).ReadAll()
	want := [][]string{
		{"run", "step", "grads", "loss", "norm", "validation", "x"},
		{`a,"b"`, "0", "0", "100", "", "200", ""}, {`a,"b"`, "1", "", "299", "1", "", ""}, {"c", "3", "", "", "", "", "0.1"},
	}
	if err != nil || fmt.Sprint(rows) != fmt.Sprint(want) {
		t.Errorf("%v, %q", err, rows)
	}
	text.Reset()
	if err := JSONL(&text, []*Run{b}); err != nil || text.String() != "{\"run\":\"c\",\"step\":3,\"x\":0.1}\n" {
		t.Errorf("%v, %s", err, text.String())
	}
	if got := Differing([]*Run{a, b}); !slices.Equal(got, []string{"l2", "lr"}) {
		t.Errorf("they differ in %v", got)
	}
}

// TestWhole: a run that has come to its end is whole, unless lines of it are lost.
func TestWhole(t *testing.T) {
	s := about
	s.Checkpoint = "saved"
	for _, lost := range []int{0, 1} {
		dir := t.TempDir()
		w := create(t, dir, "sgd", s)
		w.queue.lost = lost
		if _, err := Whole(dir, s); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a run that goes on is whole: %v", err)
		}
		if err := w.Close(t.Context(), Ending{Status: Finished}, nil); (err != nil) != (lost > 0) {
			t.Fatalf("%d lines lost: %v", lost, err)
		}
		if path, err := Whole(dir, s); (err == nil) != (lost == 0) || err == nil && path != w.Path() {
			t.Errorf("%d lines lost: %q, %v", lost, path, err)
		}
	}
}
