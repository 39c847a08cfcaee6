package checkpoint

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// The files of a checkpoint.
const (
	metaName     = "meta.json"
	tensorsName  = "tensors.safetensors"
	manifestName = "manifest"
)

// partName returns the name of the file with the part of a rank, of so many ranks.
func partName(rank, ranks int) string {
	if ranks == 1 {
		return tensorsName
	}
	return fmt.Sprintf("tensors-%05d-of-%05d.safetensors", rank+1, ranks)
}

// A manifest has a line with its version, a line with the step, a line for each file, and a line with its own checksum.
const (
	manifestVersion = "steepest checkpoint " // and 1, or 2 if several ranks have written the files
	maxManifest     = 1 << 24                // bytes, enough for 100,000 ranks
)

// manifest describes the files of a checkpoint.
type manifest struct {
	step    int
	meta    content
	tensors []content // a file for each rank
}

// content is the size of a file in bytes, and its SHA-256 in hexadecimal digits.
type content struct {
	size   int64
	sha256 string
}

func (c content) String() string { return fmt.Sprintf("%d %s", c.size, c.sha256) }

// parseContent reads a content as String writes it.
func parseContent(text string) (c content, err error) {
	_, err = fmt.Sscanf(text, "%d %s", &c.size, &c.sha256)
	return c, err
}

func (m manifest) encode() []byte {
	text := fmt.Appendf(nil, "%s%d\nstep %d\n%s %v\n", manifestVersion, min(2, len(m.tensors)), m.step, metaName, m.meta)
	for rank, c := range m.tensors {
		text = fmt.Appendf(text, "%s %v\n", partName(rank, len(m.tensors)), c)
	}
	return fmt.Appendf(text, "%s %x\n", manifestName, sha256.Sum256(text))
}

// parseManifest reads a manifest. It rejects any text that encode would not write byte for byte.
func parseManifest(text []byte) (m manifest, err error) {
	lines := strings.Split(string(text), "\n") // version, step, meta.json, the files of tensors, checksum, and nothing
	if lines[0] != manifestVersion+"1" && lines[0] != manifestVersion+"2" {
		return manifest{}, fmt.Errorf("does not begin with %q or %q; it is damaged, or of another version", manifestVersion+"1", manifestVersion+"2")
	}
	damaged := errors.New("is damaged: it does not have the form, or the checksum, of a manifest")
	if len(lines) < 6 {
		return manifest{}, damaged
	}
	_, err = fmt.Sscanf(lines[1], "step %d", &m.step)
	for _, line := range lines[2 : len(lines)-2] {
		_, text, _ := strings.Cut(line, " ")
		c, bad := parseContent(text)
		m.tensors, err = append(m.tensors, c), errors.Join(err, bad)
	}
	m.meta, m.tensors = m.tensors[0], m.tensors[1:]
	if err != nil || m.step < 0 || !bytes.Equal(m.encode(), text) {
		return manifest{}, damaged
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

// open opens the file at path, and returns an error if its size is not that of the manifest.
func (c content) open(sys files, path string) (io.ReadCloser, error) {
	r, size, err := sys.open(path)
	if err == nil && size != c.size {
		r.Close()
		return nil, fmt.Errorf("%s is damaged: it has %d bytes, and its manifest says %d", path, size, c.size)
	}
	return r, err
}

// check calls take with the file at path, and returns an error unless its bytes match the manifest.
func (c content) check(sys files, path string, take func(io.Reader) error) error {
	r, err := c.open(sys, path)
	if err != nil {
		return err
	}
	defer r.Close()
	sum := sha256.New()
	if err := take(io.TeeReader(r, sum)); err != nil {
		return fmt.Errorf("%s cannot be read: %w", path, err)
	}
	if fmt.Sprintf("%x", sum.Sum(nil)) != c.sha256 {
		return fmt.Errorf("%s is damaged: its SHA-256 is not that of its manifest", path)
	}
	return nil
}
