package data

import (
	"cmp"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"steepest/internal/mapped"
	"steepest/internal/parallel"
)

// Cache is a data set whose rows stay on the disk. The arrays of its matrix are memory-mapped files. The system keeps the parts of them that are
// used in memory while there is room, so the data may be larger than memory. The arrays cannot be written to.
//
// The rows are as a model sees them: Prepare of the columns that occur (Occurring), scaled, and with the 1 of an intercept.
type Cache struct {
	// Set has the rows to fit.
	*Set
	// Held has the rows that HoldOut holds out, prepared like the rows to fit; nil if there are none.
	Held *Set
	// All has the labels of all rows, and no matrix: those of Set, and then those of Held.
	All *Set
	// HoldOut says which rows are held out. It is without its function.
	HoldOut HoldOut
	// Unseen names the categories of held-out rows that no row to fit has. The columns are without them.
	Unseen []string
	// Features says how the rows were made, so that other rows can be prepared in the same way.
	Features Features
	// Columns is the number of columns of the source, and Density the share of its elements that are not 0.
	Columns int
	Density float64
	// Sum is a checksum of the content.
	Sum uint32
	// Made says why the files were made; "" if they existed.
	Made string
	maps [][]byte

	folder     string
	values     []float64 // of all rows
	valuesSum  uint32    // their checksum
	stratified bool
}

// CacheOptions says how the source of a cache is read, and how its rows are prepared for a model.
type CacheOptions struct {
	Options
	// Scale says how features are scaled. Standard is an error for a sparse matrix, since it would fill the rows with values.
	Scale Scale
	// Intercept adds a last column of ones.
	Intercept bool
	HoldOut   HoldOut
}

// HoldOut asks a cache to hold out rows, to judge a model by: those that Split holds out, or a part of Folds. The other rows are prepared as they
// are without them. Choosing rows takes up to 24 bytes of memory for each row while the cache is made. The zero HoldOut holds out no rows.
type HoldOut struct {
	// Share is the share of the rows that Split holds out, between 0 and 1; 0 for none.
	Share float64
	// Parts is the number of parts of Folds, and Part is the one that is held out, from 0 to Parts − 1; 0 parts for none.
	Part, Parts int
	Seed        uint64
	// Stratified decides whether each label keeps its share. Its argument has the labels of all rows and the names of their classes, and
	// no matrix. nil stands for no.
	Stratified func(all *Set) (bool, error) `json:"-"`
}

// holds reports whether rows are held out.
func (h HoldOut) holds() bool { return h.Share != 0 || h.Parts != 0 }

func (h HoldOut) check() error {
	switch {
	case h.Parts == 0:
		return checkShare(h.Share)
	case h.Share != 0:
		return errors.New("data: a cache holds out a share of its rows or a part of them, not both")
	case h.Part < 0 || h.Part >= h.Parts:
		return fmt.Errorf("data: part %d of %d is to be held out; parts count from 0", h.Part, h.Parts)
	}
	return nil
}

// rows reports for each row whether it is held out, given the labels.
func (h HoldOut) rows(y []float64, stratified bool) ([]bool, error) {
	if h.Parts == 0 {
		return heldOut(y, h.Share, h.Seed, stratified)
	}
	parts, err := deal(y, h.Parts, h.Seed, stratified)
	if err != nil {
		return nil, err
	}
	isHeld := make([]bool, len(y))
	for i, part := range parts {
		isHeld[i] = int(part) == h.Part
	}
	return isHeld, nil
}

// OpenCache opens the cache of LIBSVM, VW, CSV or Parquet files in a folder, and makes it first if it does not exist. The rows of the sources
// follow one another. All sources have the format of the first one, and CSV and Parquet files have the same columns. A CSV file after the first
// may lack the line of names.
//
// Making a cache takes one pass over the sources, and a few passes over temporary files: one for LIBSVM and VW; for CSV and Parquet one, and
// two or three for a scale or means. It takes some MiB of memory, 8 to 64 bytes for each column of the matrix, the words of categories, 24 KiB
// for each column of a dense matrix, and for Parquet the numbers of a row group. The temporary files of CSV and Parquet have 8 bytes for each
// cell that is read.
//
// The cache is made anew if the size, the date or an option of a source has changed, or if its files have been truncated or changed, which a pass
// over their checksums shows. A file in the place of the folder, or a folder with other files, is a FolderError. The errors of Open are returned as well.
func OpenCache(folder string, sources []string, o CacheOptions) (*Cache, error) {
	if len(sources) == 0 {
		return nil, errors.New("data: a cache needs a source")
	}
	want, err := newManifest(o)
	if err != nil {
		return nil, err
	}
	for _, path := range sources {
		s, err := identify(path)
		if err != nil {
			return nil, err
		}
		want.Sources = append(want.Sources, s)
	}
	if err := refuseOthers(folder); err != nil {
		return nil, err
	}
	c, why, err := loadCache(folder, &want, true, o.Progress)
	if err == nil && why == "" {
		why, err = c.staleHoldOut(o.HoldOut)
	}
	if err != nil || why == "" {
		return c, err
	}
	w := &cacheWriter{manifest: want, tell: o.Progress, stratified: o.HoldOut.Stratified}
	return w.make(folder, why, func() error {
		stage := Stage{What: "reading " + filepath.Base(sources[0])}
		if len(sources) > 1 {
			stage.What = fmt.Sprintf("reading %d files", len(sources))
		}
		for _, s := range want.Sources {
			stage.Total += s.Size
		}
		for _, path := range sources {
			if err := w.readFile(path, o.Options, &stage); err != nil {
				return err
			}
		}
		return nil
	})
}

// WriteCache makes the cache of a stream, such as the standard input. The name is for messages. LoadCache opens the cache again. A Parquet
// file is copied to a temporary file in the folder first, because its schema is at its end.
func WriteCache(folder, name string, r io.Reader, o CacheOptions) (*Cache, error) {
	m, err := newManifest(o)
	if err != nil {
		return nil, err
	}
	if err := refuseOthers(folder); err != nil {
		return nil, err
	}
	m.Sources = []source{{Path: name}}
	w := &cacheWriter{manifest: m, tell: o.Progress, stratified: o.HoldOut.Stratified}
	stage := Stage{What: "reading " + name, Total: sizeOf(r)}
	return w.make(folder, "its source is a stream", func() error { return w.read(name, o.Options, o.watch(r, &stage)) })
}

// LoadCache opens a cache as it is, even if its sources have changed. It is an error if there is no cache, or if its files have been truncated
// or changed. A pass over the files computes their checksums, and reports to progress unless that is nil.
func LoadCache(folder string, progress func(Stage)) (*Cache, error) {
	c, why, err := loadCache(folder, nil, true, progress)
	if err == nil && why != "" {
		err = &ParseError{File: folder, What: "the cache cannot be used: " + why, Fix: "delete the folder, and make the cache again from its files"}
	}
	return c, err
}

// IsCache reports whether a folder holds a cache.
func IsCache(folder string) bool {
	stat, err := os.Stat(filepath.Join(folder, cacheManifest))
	return err == nil && stat.Mode().IsRegular()
}

// Bytes returns the size of the arrays on the disk.
func (c *Cache) Bytes() (n float64) {
	for _, m := range c.maps {
		n += float64(len(m))
	}
	return n
}

// Close unmaps the files. The set must not be used any more.
func (c *Cache) Close() error {
	var errs []error
	for _, m := range c.maps {
		errs = append(errs, mapped.Unmap(m))
	}
	c.Set, c.Held, c.All, c.values, c.maps = nil, nil, nil, nil, nil
	return errors.Join(errs...)
}

// newManifest returns the manifest that a cache with some options starts with.
func newManifest(o CacheOptions) (m manifest, err error) {
	switch {
	case strconv.IntSize != 64:
		err = errors.New("data: a cache needs addresses of 64 bits")
	default:
		err = o.Scale.check()
	}
	m.Version, m.LittleEndian, m.Format, m.LIBSVM, m.CSV = cacheVersion, littleEndian, o.Format, o.LIBSVM, o.CSV
	if err == nil {
		m.VW, err = o.VW.Resolved()
	}
	m.Scale, m.Intercept = o.Scale, o.Intercept
	if h := o.HoldOut; h.holds() {
		m.HoldOut = HoldOut{Share: h.Share, Part: h.Part, Parts: h.Parts, Seed: h.Seed}
		err = cmp.Or(err, h.check())
	}
	return m, err
}

// staleHoldOut says why a cache of the wanted sources and options holds out other rows than wanted; "" if it does not. It closes such a cache.
func (c *Cache) staleHoldOut(o HoldOut) (why string, err error) {
	stratified := false
	if o.holds() && o.Stratified != nil {
		stratified, err = o.Stratified(c.All)
	}
	if err == nil && stratified != c.stratified {
		why = "its held-out rows were chosen for another kind of labels"
	}
	if err != nil || why != "" {
		err = errors.Join(err, c.Close())
	}
	return why, err
}

// identify returns what identifies a file.
func identify(path string) (source, error) {
	stat, err := os.Stat(path)
	if err != nil {
		return source{}, err
	}
	if !stat.Mode().IsRegular() {
		return source{}, fmt.Errorf("%s is not a regular file, so its date and size cannot show whether a cache is up to date", path)
	}
	path, err = filepath.Abs(path)
	return source{path, stat.Size(), stat.ModTime().UTC()}, err
}

// loadCache maps a cache of the wanted sources and options, nil for any, or says why there is no usable one. If check is set it computes the
// checksums, and reports to progress.
func loadCache(folder string, want *manifest, check bool, progress func(Stage)) (c *Cache, why string, err error) {
	m, why, err := readManifest(folder)
	if why != "" || err != nil {
		return nil, why, err
	}
	if want != nil {
		if why = m.differs(want); why != "" {
			return nil, why, nil
		}
	}
	c = &Cache{Columns: m.Columns, Sum: m.sum(), HoldOut: m.HoldOut, Unseen: m.Unseen, folder: folder, valuesSum: m.Sums[cacheValues], stratified: m.Stratified}
	defer func() {
		if why != "" || err != nil {
			c.Close()
			c = nil
		}
	}()
	arrays := make(map[string][]byte)
	for _, name := range cacheArrays {
		memory, why, err := mapArray(filepath.Join(folder, name), m.sizes()[name])
		if why != "" || err != nil {
			return c, why, err
		}
		if memory != nil {
			c.maps, arrays[name] = append(c.maps, memory), memory
		}
	}
	if check {
		if name := damaged(arrays, m.Sums, Stage{What: "checking " + filepath.Base(folder), Total: int64(c.Bytes())}, progress); name != "" {
			return c, fmt.Sprintf("its file %s was damaged", name), nil
		}
	}
	seen := m.Seen
	if m.Intercept {
		seen++
	}
	fit, fitted := m.Rows, m.Values // rows and values to fit
	if m.Held > 0 {
		fit, fitted = m.Rows-m.Held, m.Fitted
	}
	c.Density = float64(m.Nonzero) / float64(fit) / float64(max(1, m.Columns))
	c.All = &m.Set
	c.All.Name, c.All.Format, c.All.Y = m.name(), m.Format, sliceOf[float64](arrays[cacheLabels])
	if m.Weighted {
		c.All.Weights = sliceOf[float64](arrays[cacheWeights])
	}
	c.values = sliceOf[float64](arrays[cacheValues])
	starts, columns, values := sliceOf[int](arrays[cacheStarts]), sliceOf[uint32](arrays[cacheColumns]), c.values
	// rows returns the rows lo to hi, whose first value is number from and whose last one is before number to.
	rows := func(lo, hi, from, to int, starts []int) *Set {
		s := *c.All
		s.Y, s.X = s.Y[lo:hi], &Dense{Rows: hi - lo, Cols: seen, Data: values[from:to]}
		if s.Weights != nil {
			s.Weights = s.Weights[lo:hi]
		}
		if m.Sparse {
			s.X = &CSR{Rows: hi - lo, Cols: seen, Indptr: starts, Indices: columns[from:to], Values: values[from:to]}
		}
		return &s
	}
	cut := min(fit+1, len(starts))
	if c.Set = rows(0, fit, 0, fitted, starts[:cut]); m.Held > 0 {
		c.Held = rows(fit, m.Rows, fitted, m.Values, starts[cut:])
	}
	c.Features = Features{Scale: m.Scaled, Intercept: m.Intercept, Means: slices.Clone(sliceOf[float64](arrays[cacheMeans]))}
	if m.Seen < m.Columns {
		c.Features.Kept = slices.Clone(sliceOf[uint32](arrays[cacheKept]))
	}
	c.Features.Scaling = Scaling{Shift: slices.Clone(sliceOf[float64](arrays[cacheShifts])), Scale: slices.Clone(sliceOf[float64](arrays[cacheScales]))}
	return c, "", nil
}

// mapArray maps a file of size bytes, nil for 0 bytes, or says why the file cannot belong to a cache.
func mapArray(path string, size int) (memory []byte, why string, err error) {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Sprintf("its file %s was missing", filepath.Base(path)), nil
	}
	if err != nil {
		return nil, "", err
	}
	defer file.Close()
	stat, err := file.Stat()
	switch {
	case err != nil:
		return nil, "", err
	case stat.Size() != int64(size):
		return nil, fmt.Sprintf("its file %s had %d bytes, and not %d", filepath.Base(path), stat.Size(), size), nil
	case size == 0: // no system maps an empty file
		return nil, "", nil
	}
	if memory = mapped.File(file, stat.Size()); memory == nil {
		return nil, "", fmt.Errorf("%s cannot be mapped into memory here", path)
	}
	return memory, "", nil
}

// damaged returns the name of an array whose checksum is wrong; "" if there is none. It reports its progress to tell.
func damaged(arrays map[string][]byte, sums map[string]uint32, stage Stage, tell func(Stage)) string {
	const piece = 1 << 22
	var mutex sync.Mutex // of the stage
	differs := make([]bool, len(cacheArrays))
	parallel.For(len(cacheArrays), func(_, i int) {
		sum := uint32(0)
		for part := range slices.Chunk(arrays[cacheArrays[i]], piece) {
			sum = crc32.Update(sum, castagnoli, part)
			mutex.Lock()
			stage.add(len(part), tell)
			mutex.Unlock()
		}
		differs[i] = sum != sums[cacheArrays[i]]
	})
	if i := slices.Index(differs, true); i >= 0 {
		return cacheArrays[i]
	}
	return ""
}

// source is a file of which a cache was made, or a stream, which has no size and no date.
type source struct {
	Path     string
	Size     int64
	Modified time.Time
}
