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

// Read returns the one checkpoint whose own folder, such as run/000018-step-1000, is at path. That folder may have been renamed.
func Read(path string) (*Snapshot, error) {
	s, err := read(disk{}, path)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	return s, nil
}

func load(sys files, path, kind string) (*Snapshot, []error, error) {
	names, err := list(sys, path, kind)
	for err == nil && len(names) > 0 {
		var skipped []error
		for _, n := range slices.Backward(names) {
			s, err := read(sys, filepath.Join(path, n.String()))
			if err == nil {
				return s, skipped, nil
			}
			skipped = append(skipped, fmt.Errorf("checkpoint: %w", err))
		}
		// A run that writes at the same time may have removed the checkpoint; then there are newer ones.
		before := names
		if names, err = list(sys, path, kind); slices.Equal(names, before) {
			return nil, nil, fmt.Errorf("checkpoint: %w in %s:\n%w", ErrDamaged, path, errors.Join(skipped...))
		}
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("checkpoint: %w", err)
	}
	return nil, nil, fmt.Errorf("checkpoint: %w in %s", ErrNone, path)
}

func read(sys files, path string) (*Snapshot, error) {
	m, err := readManifest(sys, path)
	if err != nil {
		return nil, err
	}
	meta, err := m.meta.read(sys, filepath.Join(path, metaName))
	if err != nil {
		return nil, err
	}
	tensors, err := m.tensors.read(sys, filepath.Join(path, tensorsName))
	if err != nil {
		return nil, err
	}
	s := &Snapshot{Step: m.step, Meta: meta}
	if s.Tensors, err = unpack(tensors); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(path, tensorsName), err)
	}
	return s, nil
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
