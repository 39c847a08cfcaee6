package checkpoint

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/maruel/safetensors"
)

// Save stores s durably as the newest checkpoint, then removes the oldest ones. After an error the earlier checkpoints are unchanged,
// and a later Save may succeed. If the disk is full, the error is syscall.ENOSPC and says how many bytes are needed. Save panics if s
// violates the conditions of Snapshot. It does not copy the tensors.
//
// With several Ranks all call Save, and all get an error if a rank has one. If a rank is lost, the step may be saved
// nevertheless. Each rank writes its part of the Divided tensors, and rank 0 the others.
func (f *Folder) Save(s Snapshot) error { return f.save(regular, f.keep, false, s) }

// Replace stores s like Save, in the place of the newest checkpoint if that is of the same step.
func (f *Folder) Replace(s Snapshot) error { return f.save(regular, f.keep, true, s) }

// SaveBest stores s like Save, as the best checkpoint. It replaces the earlier best one.
func (f *Folder) SaveBest(s Snapshot) error { return f.save(best, 1, false, s) }

func (f *Folder) save(kind string, keep int, replace bool, s Snapshot) error {
	switch {
	case f.closed:
		panic("checkpoint: a save into a folder that has been closed")
	case s.Step < 0:
		panic(fmt.Sprintf("checkpoint: the step %d is negative", s.Step))
	case len(s.Tensors) == 0 && f.leads():
		panic(fmt.Sprintf("checkpoint: step %d has no tensors", s.Step))
	case len(s.Meta) > 0 && !json.Valid(s.Meta):
		panic(fmt.Sprintf("checkpoint: the Meta of step %d is not JSON", s.Step))
	}
	path, parts, err := f.writeParts(kind, s)
	known := err != nil // by all ranks
	if !known && f.leads() {
		err = f.complete(path, s, parts)
	}
	switch {
	case err != nil:
		if f.leads() {
			_ = f.sys.removeAll(path + temporary) // on failure, the next Open removes it
		}
		err = fmt.Errorf("checkpoint: step %d is not saved, and earlier checkpoints are as they were: %w", s.Step, err)
	case f.leads():
		err = f.settle(kind, keep, replace, s.Step)
	}
	if !known {
		_, err = agree(f.ranks, "", err)
	}
	return err
}

// writeParts writes the tensors into a new folder, a file for each rank. The folder has a temporary name until it is complete; path is its
// final name.
func (f *Folder) writeParts(kind string, s Snapshot) (path string, parts []content, err error) {
	tensors := pack(f.part(s))
	n := name{f.next, kind, s.Step}.String()
	f.next++
	path = filepath.Join(f.path, n)
	room, err := f.room(tensors, s.Meta)
	if err == nil && f.leads() {
		err = room.explain(f.sys.mkdir(path + temporary))
	}
	names, err := agree(f.ranks, n, err)
	if err != nil {
		return path, nil, err
	}
	path = filepath.Join(f.path, names[0])
	file := filepath.Join(path+temporary, partName(f.ranks.Rank(), f.ranks.Size()))
	part, err := writeFile(f.sys, file, tensors.Serialize)
	lines, err := agree(f.ranks, part.String(), room.explain(err))
	for _, line := range lines {
		c, bad := parseContent(line)
		parts, err = append(parts, c), errors.Join(err, bad)
	}
	return path, parts, err
}

// part returns the tensors that this rank writes.
func (f *Folder) part(s Snapshot) map[string]Tensor {
	own := maps.Clone(s.Tensors)
	maps.DeleteFunc(own, func(name string, _ Tensor) bool { return !f.leads() && !s.Divided[name] })
	return own
}

// complete writes the other files of a checkpoint, of which the ranks have written the parts. Then the checkpoint gets its final name.
func (f *Folder) complete(path string, s Snapshot, parts []content) error {
	at := path + temporary
	for rank, part := range parts {
		r, err := part.open(f.sys, filepath.Join(at, partName(rank, len(parts))))
		if err != nil {
			return fmt.Errorf("rank %d has saved its part, and rank 0 does not find it, so they do not share the folder: %w", rank, err)
		}
		r.Close()
	}
	meta, err := writeFile(f.sys, filepath.Join(at, metaName), bytesTo(s.Meta))
	if err != nil {
		return err
	}
	if _, err = writeFile(f.sys, filepath.Join(at, manifestName), bytesTo(manifest{s.Step, meta, parts}.encode())); err != nil {
		return err
	}
	if err := f.sys.sync(at); err != nil {
		return err
	}
	return f.sys.rename(at, path)
}

// settle makes the name of a new checkpoint durable, and removes old ones.
func (f *Folder) settle(kind string, keep int, replace bool, step int) error {
	if err := f.sys.sync(f.path); err != nil {
		return fmt.Errorf("checkpoint: step %d may be lost if the power fails; earlier checkpoints are as they were: %w", step, err)
	}
	if err := f.prune(kind, keep, replace); err != nil {
		return fmt.Errorf("checkpoint: step %d is saved, but an older checkpoint cannot be removed: %w", step, err)
	}
	return nil
}

// room holds the bytes that a save needs, and those that were free on the disk before.
type room struct{ need, free uint64 }

// room returns an error if the disk has no room for the files of this rank.
func (f *Folder) room(tensors *safetensors.File, meta []byte) (r room, err error) {
	var size counter
	_ = tensors.Serialize(&size) // a counter does not fail
	r.need = uint64(size) + uint64(len(meta)) + 1<<16
	if r.free, err = f.sys.free(f.path); err == nil && r.free < r.need {
		err = r.explain(syscall.ENOSPC)
	}
	return r, err
}

// explain adds the numbers of bytes to the error of a full disk.
func (r room) explain(err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("%d bytes are needed, and the disk had %d free: %w", r.need, r.free, err)
	}
	return err
}

// writeFile creates a file, calls write to fill it, makes it durable, and reads it back.
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
	c = content{int64(size), fmt.Sprintf("%x", sum.Sum(nil))}
	if err = errors.Join(err, f.Close()); err != nil {
		return c, err
	}
	return c, c.check(sys, path, func(r io.Reader) error {
		_, err := io.Copy(io.Discard, r)
		return err
	})
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

// prune removes all checkpoints of one kind that are older than the newest keep. Damaged ones do not count as newest. With replace it also removes
// the checkpoint before the newest if both are of one step. It renames each one first, so that after a crash no half-removed folder has the name
// of a checkpoint.
func (f *Folder) prune(kind string, keep int, replace bool) error {
	names, err := list(f.sys, f.path, kind)
	if err != nil {
		return err
	}
	var errs []error
	newest := len(names) - 1
	for i, n := range slices.Backward(names) {
		if replaced := replace && i == newest-1 && n.step == names[newest].step; keep > 0 && !replaced {
			if !slices.Contains(f.bad, n) {
				keep--
			}
			continue
		}
		path := filepath.Join(f.path, n.String())
		errs = append(errs, f.sys.rename(path, path+temporary), f.sys.removeAll(path+temporary))
	}
	return errors.Join(errs...)
}
