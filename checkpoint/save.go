package checkpoint

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"syscall"

	"github.com/maruel/safetensors"
)

// Save stores s durably as the newest checkpoint, then removes the oldest ones. After an error the earlier checkpoints are unchanged,
// and a later Save may succeed. If the disk is full, the error is syscall.ENOSPC and says how many bytes are needed. Save panics if s
// violates the conditions of Snapshot. It does not copy the tensors.
func (f *Folder) Save(s Snapshot) error { return f.save(regular, f.keep, s) }

// SaveBest stores s like Save, as the best checkpoint. It replaces the earlier best one.
func (f *Folder) SaveBest(s Snapshot) error { return f.save(best, 1, s) }

func (f *Folder) save(kind string, keep int, s Snapshot) error {
	switch {
	case f.closed:
		panic("checkpoint: a save into a folder that has been closed")
	case s.Step < 0:
		panic(fmt.Sprintf("checkpoint: the step %d is negative", s.Step))
	case len(s.Tensors) == 0:
		panic(fmt.Sprintf("checkpoint: step %d has no tensors", s.Step))
	case len(s.Meta) > 0 && !json.Valid(s.Meta):
		panic(fmt.Sprintf("checkpoint: the Meta of step %d is not JSON", s.Step))
	}
	tensors := pack(s.Tensors)
	path := filepath.Join(f.path, name{f.next, kind, s.Step}.String())
	f.next++
	if err := f.write(path, s, tensors); err != nil {
		_ = f.sys.removeAll(path + temporary) // on failure, the next Open removes it
		return fmt.Errorf("checkpoint: step %d is not saved, and earlier checkpoints are as they were: %w", s.Step, err)
	}
	if err := f.sys.sync(f.path); err != nil {
		return fmt.Errorf("checkpoint: step %d may be lost if the power fails; earlier checkpoints are as they were: %w", s.Step, err)
	}
	if err := f.prune(kind, keep); err != nil {
		return fmt.Errorf("checkpoint: step %d is saved, but an older checkpoint cannot be removed: %w", s.Step, err)
	}
	return nil
}

// write writes the checkpoint at path. It has a temporary name until it is complete.
func (f *Folder) write(path string, s Snapshot, tensors *safetensors.File) error {
	var size counter
	_ = tensors.Serialize(&size) // a counter does not fail
	need := uint64(size) + uint64(len(s.Meta)) + 1<<16
	free, err := f.sys.free(f.path)
	if err != nil {
		return err
	}
	if free < need {
		err = syscall.ENOSPC
	} else {
		err = f.fill(path+temporary, s, tensors)
	}
	if errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("%d bytes are needed, and the disk had %d free: %w", need, free, err)
	}
	if err != nil {
		return err
	}
	return f.sys.rename(path+temporary, path)
}

// fill writes the files of a checkpoint into a new folder at path, syncs them, and reads them back.
func (f *Folder) fill(path string, s Snapshot, tensors *safetensors.File) error {
	if err := f.sys.mkdir(path); err != nil {
		return err
	}
	var err error
	m := manifest{step: s.Step}
	if m.meta, err = writeFile(f.sys, filepath.Join(path, metaName), bytesTo(s.Meta)); err != nil {
		return err
	}
	if m.tensors, err = writeFile(f.sys, filepath.Join(path, tensorsName), tensors.Serialize); err != nil {
		return err
	}
	if _, err = writeFile(f.sys, filepath.Join(path, manifestName), bytesTo(m.encode())); err != nil {
		return err
	}
	if err := f.sys.sync(path); err != nil {
		return err
	}
	return verify(f.sys, path)
}

// writeFile creates a file, calls write to fill it, and makes it durable.
func writeFile(sys files, path string, write func(io.Writer) error) (c content, err error) {
	f, err := sys.create(path)
	if err != nil {
		return content{}, err
	}
	var size counter
	sum := sha256.New()
	err = write(io.MultiWriter(f, sum, &size))
	if err == nil {
		err = f.Sync()
	}
	return content{int64(size), fmt.Sprintf("%x", sum.Sum(nil))}, errors.Join(err, f.Close())
}

func bytesTo(data []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}
}

// counter counts the bytes that are written to it.
type counter int64

func (c *counter) Write(data []byte) (int, error) {
	*c += counter(len(data))
	return len(data), nil
}

// prune removes all checkpoints of one kind except the newest keep. It renames each one first, so that after a crash no half-removed
// folder has the name of a checkpoint.
func (f *Folder) prune(kind string, keep int) error {
	names, err := list(f.sys, f.path, kind)
	if err != nil {
		return err
	}
	var errs []error
	for _, n := range names[:max(0, len(names)-keep)] {
		path := filepath.Join(f.path, n.String())
		errs = append(errs, f.sys.rename(path, path+temporary), f.sys.removeAll(path+temporary))
	}
	return errors.Join(errs...)
}
