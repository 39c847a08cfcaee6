package data

import (
	"bufio"
	"errors"
	"hash/crc32"
	"path/filepath"
	"slices"

	"steepest/internal/durable"
	"steepest/internal/mapped"
)

// cacheSingle is a file with the values of a cache in float32, and after them two checksums: of the values in float64, and of those in float32.
const cacheSingle = "single.cache"

// Single returns the values of the matrices of Set and Held in float32. They are a memory-mapped file of 4 bytes for each value, which Single
// makes first if there is none for this cache, and reports to progress unless that is nil. A value beyond the range of float32 becomes infinite.
func (c *Cache) Single(progress func(Stage)) (fit, held []float32, err error) {
	path, n := filepath.Join(c.folder, cacheSingle), len(c.values)
	size := 4 * (n + 2)
	memory, _, err := mapArray(path, size)
	if err == nil && !c.isSingle(memory) {
		if err = errors.Join(mapped.Unmap(memory), c.writeSingle(path, progress)); err == nil {
			var why string
			if memory, why, err = mapArray(path, size); err == nil && why != "" {
				err = errors.New("data: " + why)
			}
		}
	}
	if err != nil {
		return nil, nil, err
	}
	c.maps = append(c.maps, memory)
	fitted := len(stored(c.X))
	all := sliceOf[float32](memory)
	return all[:fitted:fitted], all[fitted:n:n], nil
}

// isSingle reports whether the memory holds the values in float32.
func (c *Cache) isSingle(memory []byte) bool {
	n := 4 * len(c.values)
	return memory != nil && slices.Equal(sliceOf[uint32](memory[n:]), []uint32{c.valuesSum, crc32.Checksum(memory[:n], castagnoli)})
}

func (c *Cache) writeSingle(path string, progress func(Stage)) error {
	file, err := durable.Create(path, 0o666)
	if err != nil {
		return err
	}
	a := &array{file: file, out: bufio.NewWriterSize(file, 1<<20)}
	stage := Stage{What: "rounding " + filepath.Base(c.folder) + " to float32", Total: 8 * int64(len(c.values))}
	var block []float32
	for values := range slices.Chunk(c.values, 1<<16) {
		block = block[:0]
		for _, v := range values {
			block = append(block, float32(v))
		}
		if err := writeTo(a, block); err != nil {
			file.Discard()
			return err
		}
		stage.add(8*len(values), progress)
	}
	if err := errors.Join(writeTo(a, []uint32{c.valuesSum, a.sum}), a.publish()); err != nil {
		file.Discard()
		return err
	}
	return nil
}
