package checkpoint

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// errPower is the error of every operation after a power failure.
var errPower = errors.New("the power has failed")

// memory is a file system in memory whose n-th operation can fail, or lose the power. Data that were not synced are then lost or torn.
type memory struct {
	root *node
	ops  int
	// fault returns the error of the n-th operation, if it is to fail.
	fault func(n int) error
	room  uint64 // what free returns
}

// node is a file, or a folder if it has entries. The durable part survives a loss of power.
type node struct {
	data, durableData       []byte
	entries, durableEntries map[string]*node
}

func newFolder() *node {
	return &node{entries: map[string]*node{}, durableEntries: map[string]*node{}}
}

func newMemory() *memory {
	return &memory{root: newFolder(), fault: func(int) error { return nil }, room: math.MaxUint64}
}

// step counts an operation and returns its error.
func (m *memory) step() error {
	m.ops++
	return m.fault(m.ops)
}

// find returns the node at path, or nil.
func (m *memory) find(path string) *node {
	n := m.root
	for _, part := range strings.Split(filepath.ToSlash(path), "/") {
		if part != "." && n != nil {
			n = n.entries[part]
		}
	}
	return n
}

// place returns the folder in which path is an entry, after counting an operation.
func (m *memory) place(path string) (*node, error) {
	if err := m.step(); err != nil {
		return nil, &fs.PathError{Op: "use", Path: path, Err: err}
	}
	if n := m.find(filepath.Dir(path)); n != nil && n.entries != nil {
		return n, nil
	}
	return nil, &fs.PathError{Op: "use", Path: path, Err: fs.ErrNotExist}
}

func (m *memory) create(path string) (file, error) {
	parent, err := m.place(path)
	if err != nil {
		return nil, err
	}
	if parent.entries[filepath.Base(path)] != nil {
		return nil, fs.ErrExist
	}
	n := &node{}
	parent.entries[filepath.Base(path)] = n
	return &writer{m, n}, nil
}

func (m *memory) open(path string) (io.ReadCloser, int64, error) {
	parent, err := m.place(path)
	if err != nil {
		return nil, 0, err
	}
	n := parent.entries[filepath.Base(path)]
	if n == nil || n.entries != nil {
		return nil, 0, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
	return io.NopCloser(&reader{m, bytes.NewReader(n.data)}), int64(len(n.data)), nil
}

func (m *memory) list(path string) ([]string, error) {
	if err := m.step(); err != nil {
		return nil, err
	}
	n := m.find(path)
	if n == nil {
		return nil, fs.ErrNotExist
	}
	return slices.Sorted(maps.Keys(n.entries)), nil
}

func (m *memory) mkdir(path string) error {
	parent, err := m.place(path)
	if err != nil {
		return err
	}
	if parent.entries[filepath.Base(path)] != nil {
		return fs.ErrExist
	}
	parent.entries[filepath.Base(path)] = newFolder()
	return nil
}

func (m *memory) rename(from, to string) error {
	parent, err := m.place(from)
	if err != nil {
		return err
	}
	n := parent.entries[filepath.Base(from)]
	if n == nil {
		return fs.ErrNotExist
	}
	if parent.entries[filepath.Base(to)] != nil {
		return fs.ErrExist
	}
	delete(parent.entries, filepath.Base(from))
	parent.entries[filepath.Base(to)] = n
	return nil
}

func (m *memory) removeAll(path string) error {
	n := m.find(path)
	if n == nil {
		return m.step()
	}
	for _, entry := range slices.Sorted(maps.Keys(n.entries)) {
		if err := m.removeAll(filepath.Join(path, entry)); err != nil {
			return err
		}
	}
	parent, err := m.place(path)
	if err == nil {
		delete(parent.entries, filepath.Base(path))
	}
	return err
}

func (m *memory) sync(path string) error {
	if err := m.step(); err != nil {
		return err
	}
	n := m.find(path)
	if n == nil {
		return fs.ErrNotExist
	}
	n.durableEntries = maps.Clone(n.entries)
	return nil
}

func (m *memory) free(string) (uint64, error) { return m.room, m.step() }

type writer struct {
	m *memory
	n *node
}

// Write writes half of the data if it fails.
func (w *writer) Write(data []byte) (int, error) {
	err := w.m.step()
	if err != nil && !errors.Is(err, errPower) {
		data = data[:len(data)/2]
	}
	w.n.data = append(w.n.data, data...)
	return len(data), err
}

func (w *writer) Sync() error {
	err := w.m.step()
	if err == nil {
		w.n.durableData = slices.Clone(w.n.data)
	}
	return err
}

func (w *writer) Close() error { return w.m.step() }

type reader struct {
	m *memory
	r *bytes.Reader
}

func (r *reader) Read(data []byte) (int, error) {
	if err := r.m.step(); err != nil {
		return 0, err
	}
	return r.r.Read(data)
}

// The ways to lose data that were not synced.
const (
	loseAll  = iota // nothing of it is on the disk
	loseNone        // all of it is, as after a killed process
	loseSome        // chance decides for each entry and file, and tears files
	losses
)

// restart returns the disk as a machine finds it after the power has failed.
func (m *memory) restart(loss int, rng *rand.Rand) *memory {
	after := newMemory()
	kept := map[*node]*node{} // for nodes with two names
	after.root = m.root.restart(loss, rng, kept)
	return after
}

func (n *node) restart(loss int, rng *rand.Rand, kept map[*node]*node) *node {
	if kept[n] != nil {
		return kept[n]
	}
	after := &node{}
	kept[n] = after
	if n.entries == nil {
		after.data = torn(n, loss, rng)
		after.durableData = after.data
		return after
	}
	after.entries = map[string]*node{}
	for _, name := range slices.Sorted(maps.Keys(union(n.entries, n.durableEntries))) {
		entry := n.durableEntries[name]
		if loss == loseNone || loss == loseSome && rng.IntN(2) == 0 {
			entry = n.entries[name]
		}
		if entry != nil {
			after.entries[name] = entry.restart(loss, rng, kept)
		}
	}
	after.durableEntries = maps.Clone(after.entries)
	return after
}

func union(a, b map[string]*node) map[string]*node {
	both := maps.Clone(a)
	maps.Copy(both, b)
	return both
}

// torn returns the rest of a file: all data, the synced data, or all data with zeros in place of a part.
func torn(n *node, loss int, rng *rand.Rand) []byte {
	if loss == loseNone {
		return slices.Clone(n.data)
	}
	if loss == loseAll || bytes.Equal(n.data, n.durableData) || rng.IntN(3) == 0 {
		return slices.Clone(n.durableData)
	}
	data := slices.Clone(n.data)
	from, to := rng.IntN(len(data)+1), rng.IntN(len(data)+1)
	if from <= to {
		clear(data[max(from, len(n.durableData)):max(to, len(n.durableData))])
		return data
	}
	return data[:max(to, len(n.durableData))]
}

// failAt makes the n-th operation fail, and the later ones as well if it lasts.
func failAt(n int, lasts bool, err error) func(int) error {
	return func(op int) error {
		if op == n || lasts && op > n {
			return err
		}
		return nil
	}
}

// The errors that disks give.
var faults = []error{syscall.EIO, syscall.ENOSPC, syscall.EROFS}
