package checkpoint

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// crew are ranks that are goroutines. One of them runs at a time, until it exchanges texts.
type crew struct {
	sync.Mutex
	met     *sync.Cond
	size    int
	round   int // exchanges so far
	given   int // texts of the exchange at hand
	texts   []string
	results []string // of the exchange before
	dead    bool
}

// member is a rank of a crew.
type member struct {
	*crew
	rank int
	left int // exchanges before it dies
}

var errDead = errors.New("a rank has died")

// together calls f on so many ranks, and returns when all calls have returned.
func together(size int, f func(m *member)) {
	c := &crew{size: size, texts: make([]string, size)}
	c.met = sync.NewCond(c)
	var all sync.WaitGroup
	for rank := range size {
		all.Go(func() {
			c.Lock()
			defer c.Unlock()
			f(&member{c, rank, math.MaxInt})
		})
	}
	all.Wait()
}

func (m *member) Rank() int { return m.rank }
func (m *member) Size() int { return m.size }

func (m *member) Texts(text string) ([]string, error) {
	if m.left--; m.left < 0 {
		m.dead = true
		m.met.Broadcast()
	}
	round := m.round
	m.texts[m.rank] = text
	if m.given++; m.given == m.size && !m.dead {
		m.results, m.given = slices.Clone(m.texts), 0
		m.round++
		m.met.Broadcast()
	}
	for m.round == round && !m.dead {
		m.met.Wait()
	}
	if m.round == round {
		return nil, errDead
	}
	return m.results, nil
}

// part returns a snapshot in which this rank has its rows of x. Of several ranks the first two have a row each, and the others none.
func (m *member) part(s Snapshot) Snapshot {
	if m.size == 1 {
		return s
	}
	x := s.Tensors["x"]
	from, to := min(m.rank, 2), min(m.rank+1, 2)
	s.Tensors["x"] = Tensor{[]int{to - from, 2}, x.Values.([]float64)[2*from : 2*to]}
	s.Divided = map[string]bool{"x": true}
	return s
}

// join opens the folder "run" on all ranks, as OpenTogether does.
func join(sys files, m *member) (*Folder, error) {
	f, err := &Folder{sys: sys, path: "run", ranks: m}, error(nil)
	if m.rank == 0 {
		if err = makeFolder(sys, "run"); err == nil {
			f, err = open(sys, "run", 2)
		}
		if err == nil {
			f.ranks = m
		}
	}
	_, err = agree(m, "", err)
	return f, err
}

// TestKilledRank: if a rank dies at any exchange, the save is an error on the others, and a checkpoint can be loaded: that of the save,
// or the one before.
func TestKilledRank(t *testing.T) {
	for left := range 20 {
		sys := newMemory()
		acked := make(acknowledged)
		together(3, func(m *member) {
			if m.rank == 1 {
				m.left = left
			}
			f, err := join(sys, m)
			for save := 1; save <= 3 && err == nil; save++ {
				if err = f.Save(m.part(example(save))); err == nil && m.rank == 0 {
					acked[regular] = save
				}
			}
			if died := left < 1+3*3; died != errors.Is(err, errDead) {
				t.Errorf("rank 1 dies after %d exchanges, and rank %d has the error %v", left, m.rank, err)
			}
			s, _, missing := load(sys, "run", regular)
			if m.rank == 0 && err != nil && missing == nil && strings.Contains(err.Error(), fmt.Sprintf("step %d is not saved", s.Step)) {
				t.Errorf("rank 1 dies after %d exchanges: the step is saved, and the error is %v", left, err)
			}
		})
		mustHold(t, sys, acked)
		mustGoOn(t, sys)
	}
}

// TestRows: ranks load their rows of checkpoints that other numbers of ranks have saved.
func TestRows(t *testing.T) {
	for savers := 1; savers <= 4; savers++ {
		sys := newMemory()
		together(savers, func(m *member) {
			f, err := join(sys, m)
			if err == nil {
				err = f.Save(m.part(example(1)))
			}
			if err != nil {
				t.Error(err)
			}
		})
		for loaders := 1; loaders <= 4; loaders++ {
			together(loaders, func(m *member) {
				f, err := join(sys, m)
				if err != nil {
					t.Error(err)
					return
				}
				want := m.part(example(1))
				s, skipped, err := f.Load(func(tensor string) (from, to int, part bool) {
					return min(m.rank, 2), min(m.rank+1, 2), m.size > 1 && tensor == "x"
				})
				if err != nil || len(skipped) > 0 || !same(*s, want) {
					t.Errorf("%d ranks save, and rank %d of %d loads %v, %v, %v, not %v", savers, m.rank, m.size, s, skipped, err, want)
				}
			})
		}
	}
}

// tight is the disk of a rank that has little room, or that is full before anybody knows.
type tight struct {
	*memory
	spare uint64
}

func (d tight) free(string) (uint64, error) { return d.spare, nil }

func (d tight) create(path string) (file, error) {
	f, err := d.memory.create(path)
	return fullFile{f, path}, err
}

type fullFile struct {
	file
	path string
}

func (f fullFile) Write([]byte) (int, error) {
	return 0, fmt.Errorf("write %s: %w", f.path, syscall.ENOSPC)
}

// TestFaultOfOneRank: a fault of one rank is an error of all, which names the rank and the file, and nothing is saved.
func TestFaultOfOneRank(t *testing.T) {
	elsewhere := newMemory()
	if err := makeFolder(elsewhere, "run/000002-step-20.tmp"); err != nil {
		t.Fatal(err)
	}
	for what, test := range map[string]struct {
		disk func(shared *memory) files
		says string
	}{
		"a disk without room": {func(shared *memory) files { return tight{shared, 1000} }, "bytes are needed, and the disk had 1000 free"},
		"a full disk":         {func(shared *memory) files { return tight{shared, 1 << 30} }, "write run/000002-step-20.tmp/tensors-00002-of-00003.safetensors: no space"},
		"a wrong disk":        {func(shared *memory) files { return liar{shared, "2-of-00003.safetensors"} }, "tensors-00002-of-00003.safetensors is damaged"},
		"no folder":           {func(*memory) files { return newMemory() }, "use run/000002-step-20.tmp/tensors-00002-of-00003.safetensors: file does not exist"},
		"another folder":      {func(*memory) files { return elsewhere }, "rank 1 has saved its part, and rank 0 does not find it"},
	} {
		shared := newMemory()
		together(3, func(m *member) {
			f, err := join(shared, m)
			if err == nil {
				err = f.Save(m.part(example(1)))
			}
			if err != nil {
				t.Error(err)
				return
			}
			if m.rank == 1 {
				f.sys = test.disk(shared)
			}
			err = f.Save(m.part(example(2)))
			if err == nil || !strings.Contains(err.Error(), test.says) || m.rank != 1 && !strings.Contains(err.Error(), "rank 1") {
				t.Errorf("rank 1 has %s, and rank %d says %v", what, m.rank, err)
			}
		})
		mustHold(t, shared, acknowledged{regular: 1})
		mustGoOn(t, shared)
	}
}

// TestDamagedPart: a checkpoint of several ranks without one of its files, or with a changed one, is skipped with the name of the file.
func TestDamagedPart(t *testing.T) {
	for rank := range 3 {
		for what, damage := range map[string]func(folder *node, file string){
			"no":        func(folder *node, file string) { delete(folder.entries, file) },
			"a changed": func(folder *node, file string) { folder.entries[file].data[5] ^= 1 },
			"a foreign": func(folder *node, file string) {
				folder.entries[file] = &node{data: slices.Clone(folder.entries[partName((rank+1)%3, 3)].data)}
			},
		} {
			sys := newMemory()
			together(3, func(m *member) {
				f, err := join(sys, m)
				if err == nil {
					err = errors.Join(f.Save(m.part(example(1))), f.Save(m.part(example(2))))
				}
				if err != nil {
					t.Error(err)
				}
			})
			damage(sys.find("run/000002-step-20"), partName(rank, 3))
			mustFallBack(t, sys, partName(rank, 3), what+" part")
		}
	}
}

// TestPartsThatDoNotFit: files whose tensors do not continue one another are refused.
func TestPartsThatDoNotFit(t *testing.T) {
	first := Tensor{[]int{1, 2}, []float64{1, 2}}
	for what, second := range map[string]Tensor{
		"shape": {[]int{1, 3}, []float64{1, 2, 3}},
		"type":  {[]int{1, 2}, []float32{1, 2}},
		"rank":  {nil, []float64{1}},
	} {
		sys := newMemory()
		together(2, func(m *member) {
			f, err := join(sys, m)
			if err == nil {
				x := []Tensor{first, second}[m.rank]
				err = f.Save(Snapshot{Tensors: map[string]Tensor{"x": x}, Divided: map[string]bool{"x": true}})
			}
			if err != nil {
				t.Error(err)
			}
		})
		if s, _, err := load(sys, "run", regular); err == nil || !strings.Contains(err.Error(), `tensors-00002-of-00002.safetensors: the tensor "x" has the shape`) {
			t.Errorf("rows of another %s are read as %v, %v", what, s, err)
		}
	}
}

// TestOpenTogether: rank 0 holds the lock, all ranks save, and a rank that sees another folder is named.
func TestOpenTogether(t *testing.T) {
	path := t.TempDir()
	together(3, func(m *member) {
		f, err := OpenTogether(path, 2, m)
		if err != nil {
			t.Error(err)
			return
		}
		if _, _, err := f.Load(nil); !errors.Is(err, ErrNone) {
			t.Errorf("rank %d loads from an empty folder: %v", m.rank, err)
		}
		if err := f.Save(m.part(example(1))); err != nil {
			t.Error(err)
		}
		if _, err := OpenTogether(path, 2, m); err == nil || m.rank == 0 && !errors.Is(err, ErrInUse) {
			t.Errorf("rank %d opens a folder in use: %v", m.rank, err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	if s, _, err := Load(path); err != nil || !same(*s, example(1)) {
		t.Errorf("three ranks save, and %v, %v is loaded", s, err)
	}
	for what, other := range map[string]string{"no": t.TempDir() + "/none", "another": t.TempDir()} {
		if what == "another" {
			if held, err := Lock(other); err != nil || held.Close() != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(other+"/lock", 0); err != nil {
				t.Fatal(err)
			}
		}
		together(2, func(m *member) {
			if _, err := OpenTogether([]string{path, other}[m.rank], 2, m); err == nil || !strings.Contains(err.Error(), other) ||
				m.rank == 0 && !strings.HasPrefix(err.Error(), "rank 1: ") {
				t.Errorf("rank 1 sees %s folder, and rank %d gets %v", what, m.rank, err)
			}
		})
	}
}
