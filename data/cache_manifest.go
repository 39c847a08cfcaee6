package data

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"steepest/internal/durable"
)

// A cache is a folder with a file for each of these arrays, in the machine's order of bytes, and a manifest, which is written last.
const (
	cacheStarts  = "starts.cache"  // int64: Indptr
	cacheColumns = "columns.cache" // uint32: Indices
	cacheValues  = "values.cache"  // float64
	cacheLabels  = "labels.cache"  // float64
	cacheWeights = "weights.cache" // float64; empty where the format has none
	cacheKept    = "kept.cache"    // uint32: Features.Kept; empty where all columns occur
	cacheScales  = "scales.cache"  // float64: Features.Scaling.Scale; empty but for Largest

	cacheManifest = "manifest.json"
	cacheVersion  = 3
)

var (
	cacheArrays  = []string{cacheStarts, cacheColumns, cacheValues, cacheLabels, cacheWeights, cacheKept, cacheScales}
	castagnoli   = crc32.MakeTable(crc32.Castagnoli)
	littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1
)

// manifest says what a cache was made of, and what it holds.
type manifest struct {
	Version      int
	LittleEndian bool
	Sources      []source
	Format       Format // "" in a wish for that which the sources show
	LIBSVM       LIBSVMOptions
	VW           VWOptions
	Scale        Scale // as it was asked for
	Intercept    bool

	content
}

// content is what a cache holds.
type content struct {
	Rows, Columns, Values int
	Seen                  int // columns that occur
	Nonzero               int
	Weighted              bool              // whether a weight is not 1
	Scaled                Scale             // what became of Auto
	Sums                  map[string]uint32 // CRC-32C of each array
}

// sizes returns the bytes of each array.
func (m *manifest) sizes() map[string]int {
	sizes := map[string]int{cacheStarts: 8 * (m.Rows + 1), cacheColumns: 4 * m.Values, cacheValues: 8 * m.Values, cacheLabels: 8 * m.Rows}
	if m.Format == VW {
		sizes[cacheWeights] = 8 * m.Rows
	}
	if m.Seen < m.Columns {
		sizes[cacheKept] = 4 * m.Seen
	}
	if m.Scaled == Largest {
		sizes[cacheScales] = 8 * m.Seen
	}
	return sizes
}

// differs says why a cache is not that which is wanted; "" if it is.
func (m *manifest) differs(want *manifest) string {
	have := *m
	have.content = content{}
	if want.Format == "" {
		have.Format = ""
	}
	paths := func(m *manifest) (list []string) {
		for _, s := range m.Sources {
			list = append(list, s.Path)
		}
		return list
	}
	switch {
	case !slices.Equal(paths(m), paths(want)):
		return "it was that of " + strings.Join(paths(m), ", ")
	case !reflect.DeepEqual(have.Sources, want.Sources):
		return "its source has changed"
	case !reflect.DeepEqual(&have, want):
		return "its source was read with other options"
	}
	return ""
}

// sum returns a checksum of the content.
func (c *content) sum() uint32 {
	text, _ := json.Marshal(c) // numbers and words, whose order is that of the fields and of the names
	return crc32.Checksum(text, castagnoli)
}

// readManifest returns the manifest of a cache, or says why it cannot be used.
func readManifest(folder string) (m manifest, why string, err error) {
	file, err := os.ReadFile(filepath.Join(folder, cacheManifest))
	if errors.Is(err, fs.ErrNotExist) {
		return m, "there was none", nil
	}
	if err != nil {
		return m, "", err
	}
	text, rest, _ := strings.Cut(string(file), "\n")
	if rest != fmt.Sprintf("%08x\n", crc32.Checksum([]byte(text), castagnoli)) || json.Unmarshal([]byte(text), &m) != nil {
		return m, "its manifest was damaged", nil
	}
	if m.Version != cacheVersion || m.LittleEndian != littleEndian {
		return m, "it was made by another version, or on another machine", nil
	}
	return m, "", nil
}

// write writes the manifest.
func (m *manifest) write(folder string) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	file, err := durable.Create(filepath.Join(folder, cacheManifest), 0o666)
	if err != nil {
		return err
	}
	if _, err = fmt.Fprintf(file, "%s\n%08x\n", text, crc32.Checksum(text, castagnoli)); err == nil {
		err = file.Close()
	}
	if err != nil {
		file.Discard()
		return err
	}
	return file.Publish()
}

// refuseOthers returns an error for a folder with files that no cache has.
func refuseOthers(folder string) error {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		own := slices.ContainsFunc(append([]string{cacheManifest}, cacheArrays...), func(name string) bool {
			return e.Name() == name || strings.HasPrefix(e.Name(), "."+name+".steepest-") // which a killed process has left
		})
		if !own || e.IsDir() {
			return fmt.Errorf("%s is a folder with other files, such as %s; name a folder for the cache alone", folder, e.Name())
		}
	}
	return err
}
