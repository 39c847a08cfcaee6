package runs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"steepest/runs/tfevents"
)

// viewer reads the events of a run as TensorBoard does, file by file as they grow. It can also ignore a Restart, as trackio does.
type viewer struct {
	e        *Events
	restarts bool
	file     int
	at       int
	rows     []string // step, names and numbers
	steps    []int
	started  tfevents.Content
	ended    int
}

func (v *viewer) read(t *testing.T) {
	t.Helper()
	for files := v.e.files(); v.file < len(files); v.file, v.at = v.file+1, 0 {
		text, err := os.ReadFile(filepath.Join(v.e.path, files[v.file]))
		if err != nil {
			t.Fatal(err)
		}
		for v.at < len(text) {
			e, n, err := tfevents.First(text[v.at:])
			if errors.Is(err, io.ErrUnexpectedEOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			v.at += n
			switch c := e.Content.(type) {
			case tfevents.Scalars:
				v.rows, v.steps = append(v.rows, fmt.Sprint(e.Step, c)), append(v.steps, e.Step)
			case tfevents.Restart:
				for i := len(v.steps) - 1; i >= 0 && v.restarts; i-- {
					if v.steps[i] >= e.Step {
						v.rows, v.steps = slices.Delete(v.rows, i, i+1), slices.Delete(v.steps, i, i+1)
					}
				}
			case tfevents.Start:
				v.started = c
			case tfevents.End:
				v.ended++
			}
		}
		if v.file == len(files)-1 {
			return
		}
	}
}

// rowsOf writes the rows of a record as a viewer does.
func rowsOf(r *Record) (rows []string) {
	for i, step := range r.Column("step") {
		var s tfevents.Scalars
		for _, name := range r.Names() {
			if v := r.Column(name)[i]; name != "step" && v == v {
				s = append(s, tfevents.Scalar{Tag: tagOf(name), Value: float32(v)})
			}
		}
		rows = append(rows, fmt.Sprint(int(step), s))
	}
	return rows
}

// TestEvents: a reader sees the curve of the record, wherever the run goes back or is killed. This holds for reading afterwards, whether
// restarts are noticed or not, and for following the run.
func TestEvents(t *testing.T) {
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 1))
		dir, s := t.TempDir(), about
		s.Checkpoint, s.Key = "/saved", "adam/1"
		e, err := CreateEvents(dir, "adam", 1, map[string]any{"seed": 1, "options": map[string]any{"lr": 0.5}}, s)
		if err != nil {
			t.Fatal(err)
		}
		var record Record
		follower := &viewer{e: e, restarts: true}
		step, evaluated := 0, -1
		for range 30 {
			switch rng.IntN(6) {
			case 0:
				k := rng.IntN(step + 1)
				seen := -1 + rng.IntN(min(k, evaluated)+2)
				if rng.IntN(2) == 0 {
					e.Back(k, seen)
				} else { // as a process that is killed, and one that goes on
					if rng.IntN(2) == 0 {
						_, _ = e.file.Write(tfevents.Event{Step: 99, Content: tfevents.Scalars{{Tag: "loss"}}}.Append(nil)[:20])
					}
					_ = e.file.Close()
					if e, err = ContinueEvents(dir, s, k, seen); err != nil {
						t.Fatal(err)
					}
				}
				record.Read(fmt.Appendf(nil, "{\"from\":%d,\"evaluated\":%d}\n", k, seen))
				step, evaluated = k, seen
			case 1:
				line := at(step, true)
				e.Add(json.RawMessage(line))
				record.Read([]byte(line + "\n"))
				evaluated = step
			case 2:
				follower.read(t)
			default:
				step++
				line := at(step, false)
				e.Add(json.RawMessage(line))
				record.Read([]byte(line + "\n"))
			}
		}
		if err := e.Close(context.Background(), Ending{Status: Finished}, nil); err != nil {
			t.Fatal(err)
		}
		follower.read(t)
		want := rowsOf(&record)
		for _, v := range []*viewer{follower, {e: e, restarts: true}, {e: e}} {
			v.read(t)
			if !slices.Equal(v.rows, want) || v.ended != 1 || v.started != nil && v.started.(tfevents.Start).Model != "/saved#adam/1" {
				t.Fatalf("seed %d, following %v, restarts %v: %d ends,\n%s, want\n%s", seed, v == follower, v.restarts, v.ended, strings.Join(v.rows, "\n"), strings.Join(want, "\n"))
			}
		}
	}
}

// TestEventFolders: each run has a folder, with a number in its name if the name is taken. A run that continues finds its own folder.
func TestEventFolders(t *testing.T) {
	dir, s := t.TempDir(), about
	create := func(checkpoint, key string) *Events {
		t.Helper()
		s.Checkpoint, s.Key = checkpoint, key
		e, err := CreateEvents(dir, "sgd:lr=1", 3, nil, s)
		if err != nil {
			t.Fatal(err)
		}
		e.Add(json.RawMessage(at(0, true)))
		return e
	}
	a, b, c := create("/a", ""), create("/b", "x"), create("/b", "y")
	for i, e := range []*Events{a, b, c} {
		if want := []string{"seed3", "seed3-2", "seed3-3"}[i]; e.Path() != filepath.Join(dir, "sgd-lr=1", want) {
			t.Errorf("the folder is %s, want %s", e.Path(), want)
		}
	}
	s.Checkpoint, s.Key = "/b", "x"
	again, err := ContinueEvents(dir, s, 0, 0)
	if err != nil || again.Path() != b.Path() || len(again.files()) != 2 {
		t.Errorf("%+v, %v", again, err)
	}
	for _, other := range []System{{}, {Checkpoint: "/c"}, {Checkpoint: "/b"}, {Checkpoint: "/a", Key: "x"}} {
		if e, err := ContinueEvents(dir, other, 0, 0); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%+v goes on with %+v, %v", other, e, err)
		}
	}
	if parameters := parameters(map[string]any{"seed": 1, "race": "x", "options": map[string]any{"lr": 0.5}, "batch": 3}); fmt.Sprint(parameters) != "map[batch:3 options.lr:0.5]" {
		t.Error(parameters)
	}
}

// TestEventsOfFullDisk: when the run goes back, waiting events that are still valid are kept, and are written when there is room.
func TestEventsOfFullDisk(t *testing.T) {
	e, err := CreateEvents(t.TempDir(), "adam", 1, nil, about)
	if err != nil {
		t.Fatal(err)
	}
	e.Add(json.RawMessage(at(0, true)))
	disk := &full{room: 10} // takes a part of an event
	e.queue.file = writers{e.file, disk}
	for k := range 4 {
		e.Add(json.RawMessage(at(k+1, false)))
	}
	e.Back(2, 0)
	if err := e.Close(context.Background(), Ending{Status: Finished}, nil); err != nil {
		t.Fatal(err)
	}
	v := &viewer{e: e}
	v.read(t)
	if fmt.Sprint(v.steps) != "[0 1 2]" {
		t.Errorf("steps %v", v.steps)
	}
}

// writers is a file on a disk that is full.
type writers struct {
	file io.Writer
	disk *full
}

func (w writers) Write(p []byte) (int, error) {
	n, err := w.disk.Write(p)
	_, _ = w.file.Write(p[:n])
	return n, err
}
