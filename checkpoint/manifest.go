package checkpoint

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"path/filepath"
)

// The files of a checkpoint.
const (
	metaName     = "meta.json"
	tensorsName  = "tensors.safetensors"
	manifestName = "manifest"
)

// manifestForm is the text of a manifest, before the line with its own checksum. The first line is its version.
const (
	manifestVersion = "steepest checkpoint 1\n"
	manifestForm    = manifestVersion + "step %d\n" + metaName + " %d %s\n" + tensorsName + " %d %s\n"
	maxManifest     = 1024 // bytes; a manifest has less than half of it
)

// manifest describes the files of a checkpoint.
type manifest struct {
	step          int
	meta, tensors content
}

// content is the size of a file in bytes, and its SHA-256 in hexadecimal digits.
type content struct {
	size   int64
	sha256 string
}

func (m manifest) encode() []byte {
	text := fmt.Appendf(nil, manifestForm, m.step, m.meta.size, m.meta.sha256, m.tensors.size, m.tensors.sha256)
	return fmt.Appendf(text, "%s %x\n", manifestName, sha256.Sum256(text))
}

// parseManifest reads a manifest. It rejects any text that encode would not write byte for byte.
func parseManifest(text []byte) (m manifest, err error) {
	if !bytes.HasPrefix(text, []byte(manifestVersion)) {
		return manifest{}, fmt.Errorf("does not begin with %q; it is damaged, or of another version", manifestVersion)
	}
	_, err = fmt.Sscanf(string(text), manifestForm, &m.step, &m.meta.size, &m.meta.sha256, &m.tensors.size, &m.tensors.sha256)
	if err != nil || m.step < 0 || !bytes.Equal(m.encode(), text) {
		return manifest{}, errors.New("is damaged: it does not have the form, or the checksum, of a manifest")
	}
	return m, nil
}

// readManifest reads the manifest of the checkpoint at path.
func readManifest(sys files, path string) (manifest, error) {
	path = filepath.Join(path, manifestName)
	r, _, err := sys.open(path)
	if err != nil {
		return manifest{}, err
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, maxManifest))
	if err != nil {
		return manifest{}, fmt.Errorf("%s cannot be read: %w", path, err)
	}
	m, err := parseManifest(text)
	if err != nil {
		return manifest{}, fmt.Errorf("%s %w", path, err)
	}
	return m, nil
}

// check calls take with the file at path, and returns an error unless its bytes match the manifest.
func (c content) check(sys files, path string, take func(io.Reader) error) error {
	r, size, err := sys.open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	if size != c.size {
		return fmt.Errorf("%s is damaged: it has %d bytes, and its manifest says %d", path, size, c.size)
	}
	sum := sha256.New()
	if err := take(io.TeeReader(r, sum)); err != nil {
		return fmt.Errorf("%s cannot be read: %w", path, err)
	}
	if fmt.Sprintf("%x", sum.Sum(nil)) != c.sha256 {
		return fmt.Errorf("%s is damaged: its SHA-256 is not that of its manifest", path)
	}
	return nil
}

// verify checks the whole checkpoint at path.
func verify(sys files, path string) error {
	m, err := readManifest(sys, path)
	if err != nil {
		return err
	}
	discard := func(r io.Reader) error {
		_, err := io.Copy(io.Discard, r)
		return err
	}
	return errors.Join(
		m.meta.check(sys, filepath.Join(path, metaName), discard),
		m.tensors.check(sys, filepath.Join(path, tensorsName), discard))
}
