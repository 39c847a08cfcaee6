package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
)

// Load returns the newest intact checkpoint of the folder at path. For each newer one that is damaged, skipped holds an error that
// names the file and the fault. Load needs no lock and may run while a run writes. The error is ErrNone if there is no checkpoint,
// or ErrDamaged, with all faults, if none is intact.
func Load(path string) (s *Snapshot, skipped []error, err error) { return load(disk{}, path, regular) }

// LoadBest is Load for the best checkpoint, which SaveBest wrote.
func LoadBest(path string) (s *Snapshot, skipped []error, err error) { return load(disk{}, path, best) }

func load(sys files, path, kind string) (s *Snapshot, skipped []error, err error) {
	s, _, skipped, err = newest(sys, path, kind, nil)
	return s, skipped, err
}

// Load is the function Load for the checkpoints of f, with the rows of tensors that are asked for; nil stands for all. With several Ranks
// all call it, get the same checkpoint, and get an error if a rank has one. Load takes the memory of the rows, and of the largest file
// while it reads.
func (f *Folder) Load(rows Rows) (s *Snapshot, skipped []error, err error) {
	var n string
	if f.leads() {
		s, n, skipped, err = newest(f.sys, f.path, regular, rows)
		f.bad, _ = list(f.sys, f.path, regular) // after an error there is no checkpoint that a save could remove
		whole, _ := parseName(n)
		f.bad = slices.DeleteFunc(f.bad, func(b name) bool { return b.number <= whole.number })
	}
	none := errors.Is(err, ErrNone)
	if none {
		err = nil
	}
	names, err := agree(f.ranks, n, err)
	switch {
	case err != nil:
		return nil, nil, err
	case none || names[0] == "":
		return nil, nil, fmt.Errorf("checkpoint: %w in %s", ErrNone, f.path)
	case !f.leads():
		s, err = read(f.sys, filepath.Join(f.path, names[0]), rows)
	}
	_, err = agree(f.ranks, "", err)
	return s, skipped, err
}

// Read returns the one checkpoint whose own folder, such as run/000018-step-1000, is at path. That folder may have been renamed.
func Read(path string) (*Snapshot, error) {
	s, err := read(disk{}, path, nil)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	return s, nil
}

// newest returns the newest intact checkpoint of a kind, and the name of its folder.
func newest(sys files, path, kind string, rows Rows) (s *Snapshot, folder string, skipped []error, err error) {
	names, err := list(sys, path, kind)
	for err == nil && len(names) > 0 {
		skipped = nil
		for _, n := range slices.Backward(names) {
			s, err := read(sys, filepath.Join(path, n.String()), rows)
			if err == nil {
				return s, n.String(), skipped, nil
			}
			skipped = append(skipped, fmt.Errorf("checkpoint: %w", err))
		}
		// A run that writes at the same time may have removed the checkpoint; then there are newer ones.
		before := names
		if names, err = list(sys, path, kind); slices.Equal(names, before) {
			return nil, "", nil, fmt.Errorf("checkpoint: %w in %s:\n%w", ErrDamaged, path, errors.Join(skipped...))
		}
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, "", nil, fmt.Errorf("checkpoint: %w", err)
	}
	return nil, "", nil, fmt.Errorf("checkpoint: %w in %s", ErrNone, path)
}

// read returns the checkpoint at path, with the rows of tensors that are asked for. It reads one file at a time.
func read(sys files, path string, rows Rows) (*Snapshot, error) {
	m, err := readManifest(sys, path)
	if err != nil {
		return nil, err
	}
	meta, err := m.meta.read(sys, filepath.Join(path, metaName))
	if err != nil {
		return nil, err
	}
	a := assembly{tensors: make(map[string]Tensor), rows: rows, passed: make(map[string]int)}
	for rank, part := range m.tensors {
		file := filepath.Join(path, partName(rank, len(m.tensors)))
		data, err := part.read(sys, file)
		if err != nil {
			return nil, err
		}
		if err := a.add(data); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	if len(a.tensors) == 0 {
		return nil, fmt.Errorf("%s: there are no tensors", filepath.Join(path, partName(0, len(m.tensors))))
	}
	return &Snapshot{Step: m.step, Meta: meta, Tensors: a.tensors}, nil
}

// read returns the bytes of the file at path. It checks the size before it allocates.
func (c content) read(sys files, path string) (data []byte, err error) {
	err = c.check(sys, path, func(r io.Reader) error {
		data = make([]byte, c.size)
		_, err := io.ReadFull(r, data)
		return err
	})
	return data, err
}
