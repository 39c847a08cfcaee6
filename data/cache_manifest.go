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
	"syscall"

	"steepest/internal/durable"
	"steepest/internal/printable"
)

// A cache is a folder with a file for each of these arrays, in the byte order of the machine, and a manifest, which is written last.
const (
	cacheStarts  = "starts.cache"  // int64: Indptr of the rows to fit, and that of the rows that are held out; empty for a Dense
	cacheColumns = "columns.cache" // uint32: Indices; empty for a Dense
	cacheValues  = "values.cache"  // float64
	cacheLabels  = "labels.cache"  // float64
	cacheWeights = "weights.cache" // float64; empty if the rows have no weights
	cacheKept    = "kept.cache"    // uint32: Features.Kept; empty if all columns occur
	cacheMeans   = "means.cache"   // float64: Features.Means; empty if they are nil
	cacheShifts  = "shifts.cache"  // float64: Features.Scaling.Shift; empty unless the scale is Standard
	cacheScales  = "scales.cache"  // float64: Features.Scaling.Scale; empty unless the scale is Largest or Standard

	cacheManifest = "manifest.json"
	cacheVersion  = 5

	// Temporary arrays with the rows as they are read, while a cache is made of a table, or of any source if rows are held out.
	cacheReadStarts  = "readstarts.cache"  // int64; empty for a table
	cacheReadColumns = "readcolumns.cache" // uint32; empty for a table
	cacheRead        = "read.cache"        // float64: the numbers of a table, or the values
	cacheReadLabels  = "readlabels.cache"  // float64
	cacheReadWeights = "readweights.cache" // float64; empty for a table
)

var (
	cacheArrays  = []string{cacheStarts, cacheColumns, cacheValues, cacheLabels, cacheWeights, cacheKept, cacheMeans, cacheShifts, cacheScales}
	cacheReads   = []string{cacheReadStarts, cacheReadColumns, cacheRead, cacheReadLabels, cacheReadWeights}
	cacheFiles   = slices.Concat([]string{cacheManifest, cacheSingle}, cacheReads, cacheArrays)
	castagnoli   = crc32.MakeTable(crc32.Castagnoli)
	littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1
)

// manifest says what a cache was made of, and what it holds.
type manifest struct {
	Version      int
	LittleEndian bool
	Sources      []source
	Format       Format // "" in a wish: whatever the sources show
	LIBSVM       LIBSVMOptions
	CSV          CSVOptions
	VW           VWOptions
	Scale        Scale // the wish, perhaps Auto
	Intercept    bool
	HoldOut      HoldOut // without its function

	content
}

// content is what a cache holds.
type content struct {
	Rows, Columns, Values int
	Held                  int      // the last rows are held out
	Fitted                int      // if rows are held out, the number of values of the others
	Stratified            bool     // each label keeps its share of held-out rows
	Unseen                []string // categories that no row to fit has
	Seen                  int      // columns that occur in the rows to fit
	Nonzero               int      // values of the rows to fit that are not 0
	Sparse                bool
	Weighted              bool              // the rows have weights, and not all of VW's are 1
	Meant                 bool              // there are means for missing values
	Scaled                Scale             // the scale that was used, never Auto
	Set                   Set               // without X, Y and Weights
	Sums                  map[string]uint32 // CRC-32C of each array
}

// sizes returns the bytes of each array.
func (m *manifest) sizes() map[string]int {
	sizes := map[string]int{cacheValues: 8 * m.Values, cacheLabels: 8 * m.Rows}
	if m.Sparse {
		sizes[cacheStarts], sizes[cacheColumns] = 8*(m.Rows+1), 4*m.Values
		if m.Held > 0 {
			sizes[cacheStarts] += 8
		}
	}
	if m.Format == VW || m.Weighted {
		sizes[cacheWeights] = 8 * m.Rows
	}
	if m.Seen < m.Columns {
		sizes[cacheKept] = 4 * m.Seen
	}
	if m.Meant {
		sizes[cacheMeans] = 8 * m.Seen
	}
	if m.Scaled == Standard {
		sizes[cacheShifts] = 8 * m.Seen
	}
	if m.Scaled == Largest || m.Scaled == Standard {
		sizes[cacheScales] = 8 * m.Seen
	}
	return sizes
}

// differs says why a cache is not the wanted one; "" if it is.
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

// name returns the name of the set: that of the first source, without its extension.
func (m *manifest) name() string {
	stem, _ := splitName(m.Sources[0].Path)
	return printable.Text(stem)
}

// sum returns a checksum of the content.
func (c *content) sum() uint32 {
	text, _ := json.Marshal(c) // numbers and words, in the order of the fields and of the names
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

// FolderError is the error for a folder that cannot hold a cache.
type FolderError struct {
	Folder string
	Reason string // such as "is a folder with other files"
}

// Error names the folder and says what to do.
func (e *FolderError) Error() string {
	return e.Folder + " " + e.Reason + "; name a folder for the cache alone"
}

// refuseOthers returns an error for a folder with files that do not belong to a cache.
func refuseOthers(folder string) error {
	entries, err := os.ReadDir(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.Is(err, syscall.ENOTDIR):
		return &FolderError{folder, "is no folder, but a file or a path below one"}
	}
	for _, e := range entries {
		own := slices.ContainsFunc(cacheFiles, func(name string) bool {
			return e.Name() == name || strings.HasPrefix(e.Name(), "."+name+".steepest-") // left by a killed process
		})
		if !own || e.IsDir() {
			return &FolderError{folder, "is a folder with other files, such as " + e.Name()}
		}
	}
	return err
}
