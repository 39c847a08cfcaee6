package data

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"steepest/internal/durable"
	"steepest/internal/mapped"
	"steepest/internal/parallel"
)

// Cache is a data set whose rows stay on the disk: the arrays of its matrix are maps of files, of which the system keeps in memory what is
// used and what there is room for. So data may be larger than memory. The arrays cannot be written to.
type Cache struct {
	*Set
	// Made says why OpenCache made the files; "" if they were there.
	Made string
	maps [][]byte
}

// A cache is a folder with a file for each of these arrays, in the machine's order of bytes, and a manifest, which is written last.
const (
	cacheStarts  = "starts.cache"  // int64: Indptr
	cacheColumns = "columns.cache" // uint32: Indices
	cacheValues  = "values.cache"  // float64
	cacheLabels  = "labels.cache"  // float64
	cacheWeights = "weights.cache" // float64; empty where the format has none

	cacheManifest = "manifest.json"
	cacheVersion  = 1
)

var cacheArrays = []string{cacheStarts, cacheColumns, cacheValues, cacheLabels, cacheWeights}

// manifest says what a cache holds: its source, how it was read, and the arrays.
type manifest struct {
	Version  int
	Path     string
	Size     int64
	Modified time.Time
	Format   Format
	LIBSVM   LIBSVMOptions
	VW       VWOptions
	LittleEndian,
	Weighted bool // whether a weight is not 1
	Rows, Cols, Values int
	Sums               map[string]uint32 // CRC-32C of each array
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// OpenCache opens the cache of a LIBSVM or VW file in a folder, and makes it first, in one pass and a few MiB of memory, if it is not there. One of
// another size, date or options of the source, and one that was cut or changed, which a pass over its checksums tells, is made anew. A
// folder with other files is an error, and so is what Open returns one for.
func OpenCache(folder, path string, o Options) (*Cache, error) {
	if strconv.IntSize != 64 {
		return nil, errors.New("data: a cache needs addresses of 64 bits")
	}
	source, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer source.Close()
	in, want, err := identify(source, path, o)
	if err != nil {
		return nil, err
	}
	if err := refuseOthers(folder); err != nil {
		return nil, err
	}
	c, why, err := loadCache(folder, want)
	if err != nil || why == "" {
		return c, err
	}
	if err := makeCache(folder, path, in, want); err != nil {
		return nil, err
	}
	c, again, err := loadCache(folder, want)
	if err == nil && again != "" {
		err = fmt.Errorf("%s: %s right after it was written", folder, again)
	}
	if err != nil {
		return nil, err
	}
	c.Made = why
	return c, nil
}

// Close ends the maps. The set must not be used any more.
func (c *Cache) Close() error {
	var errs []error
	for _, m := range c.maps {
		errs = append(errs, mapped.Unmap(m))
	}
	c.Set, c.maps = nil, nil
	return errors.Join(errs...)
}

// identify returns the text of a source and what a cache of it says of it.
func identify(source *os.File, path string, o Options) (in *bufio.Reader, m manifest, err error) {
	stat, err := source.Stat()
	if err == nil && !stat.Mode().IsRegular() {
		err = fmt.Errorf("%s is no regular file, which a cache needs", path)
	}
	if err != nil {
		return nil, m, err
	}
	if m.Path, err = filepath.Abs(path); err != nil {
		return nil, m, err
	}
	if in, err = unpack(path, source); err != nil {
		return nil, m, err
	}
	_, extension := splitName(path)
	if o.Format == "" {
		if o.Format = formatOf(extension); o.Format == "" {
			head, _ := in.Peek(sniffed)
			o.Format = sniff(head, o.CSV.Delimiter)
		}
	}
	if o.Format != LIBSVM && o.Format != VW {
		return nil, m, &ParseError{File: path, What: "the file is neither LIBSVM nor VW, of which alone a cache can be made", Fix: "set Format if it is, or write its rows as LIBSVM"}
	}
	m.Version, m.Size, m.Modified, m.Format = cacheVersion, stat.Size(), stat.ModTime().UTC(), o.Format
	m.LIBSVM, m.VW, m.LittleEndian = o.LIBSVM, o.VW, binary.NativeEndian.Uint16([]byte{1, 0}) == 1
	return in, m, nil
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

// makeCache writes the arrays, and then the manifest.
func makeCache(folder, path string, in io.Reader, m manifest) (err error) {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(folder, cacheManifest)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	arrays := make(map[string]*array)
	defer func() {
		for _, a := range arrays {
			if err != nil {
				a.file.Discard()
			}
		}
	}()
	for _, name := range cacheArrays {
		file, err := durable.Create(filepath.Join(folder, name), 0o666)
		if err != nil {
			return err
		}
		arrays[name] = &array{file: file, out: bufio.NewWriterSize(file, 1<<20)}
	}
	cols, parse, err := m.LIBSVM.rows()
	if m.Format == VW {
		cols, parse, err = m.VW.rows()
	}
	if err != nil {
		return err
	}
	m.Cols = cols
	err = arrays[cacheStarts].write(bytesOf([]int{0}))
	if err == nil {
		err = scanRows(path, in, parse, func(b *block) error {
			m.Rows, m.Values, m.Cols = m.Rows+len(b.labels), m.Values+len(b.values), max(m.Cols, b.cols)
			m.Weighted = m.Weighted || slices.ContainsFunc(b.weights, func(w float64) bool { return w != 1 })
			return errors.Join(arrays[cacheStarts].write(bytesOf(b.ends)), arrays[cacheColumns].write(bytesOf(b.indices)),
				arrays[cacheValues].write(bytesOf(b.values)), arrays[cacheLabels].write(bytesOf(b.labels)), arrays[cacheWeights].write(bytesOf(b.weights)))
		})
	}
	m.Sums = make(map[string]uint32)
	for _, name := range cacheArrays {
		if err == nil {
			err = arrays[name].publish()
		}
		m.Sums[name] = arrays[name].sum
	}
	if err != nil {
		return err
	}
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

// array is a file that is being written, with its checksum.
type array struct {
	file *durable.File
	out  *bufio.Writer
	sum  uint32
}

func (a *array) write(b []byte) error {
	a.sum = crc32.Update(a.sum, castagnoli, b)
	_, err := a.out.Write(b)
	return err
}

func (a *array) publish() error {
	if err := errors.Join(a.out.Flush(), a.file.Close()); err != nil {
		return err
	}
	return a.file.Publish()
}

// loadCache maps a cache of the wanted source, or says why there is none that can be used.
func loadCache(folder string, want manifest) (c *Cache, why string, err error) {
	content, err := os.ReadFile(filepath.Join(folder, cacheManifest))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "there was none", nil
	}
	if err != nil {
		return nil, "", err
	}
	text, sum, _ := strings.Cut(string(content), "\n")
	var m manifest
	if sum != fmt.Sprintf("%08x\n", crc32.Checksum([]byte(text), castagnoli)) || json.Unmarshal([]byte(text), &m) != nil {
		return nil, "its manifest was damaged", nil
	}
	have := m
	have.Rows, have.Cols, have.Values, have.Weighted, have.Sums = 0, 0, 0, false, nil
	switch {
	case have.Path != want.Path:
		return nil, fmt.Sprintf("it was that of %s", have.Path), nil
	case have.Size != want.Size || !have.Modified.Equal(want.Modified):
		return nil, "its source has changed", nil
	case !reflect.DeepEqual(have, want):
		return nil, "its source was read with other options", nil
	}
	weights := 0
	if m.Format == VW {
		weights = m.Rows
	}
	sizes := map[string]int{cacheStarts: 8 * (m.Rows + 1), cacheColumns: 4 * m.Values, cacheValues: 8 * m.Values, cacheLabels: 8 * m.Rows, cacheWeights: 8 * weights}
	c = &Cache{}
	defer func() {
		if c != nil && (why != "" || err != nil) {
			c.Close()
			c = nil
		}
	}()
	arrays := make(map[string][]byte)
	for _, name := range cacheArrays {
		file, err := os.Open(filepath.Join(folder, name))
		if errors.Is(err, fs.ErrNotExist) {
			return c, fmt.Sprintf("its file %s was missing", name), nil
		}
		if err != nil {
			return c, "", err
		}
		defer file.Close()
		stat, err := file.Stat()
		if err != nil {
			return c, "", err
		}
		if stat.Size() != int64(sizes[name]) {
			return c, fmt.Sprintf("its file %s had %d bytes, and not %d", name, stat.Size(), sizes[name]), nil
		}
		if stat.Size() == 0 {
			continue // which no system maps
		}
		memory := mapped.File(file, stat.Size())
		if memory == nil {
			return c, "", fmt.Errorf("%s cannot be mapped into memory here", file.Name())
		}
		c.maps, arrays[name] = append(c.maps, memory), memory
	}
	if name := damaged(arrays, m.Sums); name != "" {
		return c, fmt.Sprintf("its file %s was damaged", name), nil
	}
	stem, _ := splitName(want.Path)
	c.Set = &Set{Name: stem, Format: m.Format, Y: sliceOf[float64](arrays[cacheLabels]), X: &CSR{Rows: m.Rows, Cols: m.Cols,
		Indptr: sliceOf[int](arrays[cacheStarts]), Indices: sliceOf[uint32](arrays[cacheColumns]), Values: sliceOf[float64](arrays[cacheValues])}}
	if m.Weighted {
		c.Weights = sliceOf[float64](arrays[cacheWeights])
	}
	return c, "", nil
}

// damaged returns the name of an array that has another checksum; "" for none.
func damaged(arrays map[string][]byte, sums map[string]uint32) string {
	differs := make([]bool, len(cacheArrays))
	parallel.For(len(cacheArrays), func(_, i int) {
		differs[i] = crc32.Checksum(arrays[cacheArrays[i]], castagnoli) != sums[cacheArrays[i]]
	})
	if i := slices.Index(differs, true); i >= 0 {
		return cacheArrays[i]
	}
	return ""
}

// bytesOf returns the memory of a slice, and sliceOf the elements in memory.
func bytesOf[T int | uint32 | float64](v []T) []byte {
	var element T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(element)))
}

func sliceOf[T int | uint32 | float64](memory []byte) []T {
	var element T
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(memory))), len(memory)/int(unsafe.Sizeof(element)))
}
