package tokens

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
)

// Stream is several shards as one sequence of tokens. It may be read from several goroutines at once.
type Stream struct {
	shards []*shard
	starts []int64 // the index of the first token of each shard, and the end of the last shard
}

// Open opens shards as one stream, in the given order. All must have tokens of the same width. Open checks the header and the size of each
// shard and maps it into memory, so shards may be larger than memory. If a shard cannot be mapped, it is read by ReadAt.
func Open(paths ...string) (*Stream, error) {
	if len(paths) == 0 {
		return nil, errors.New("tokens: no shard is named")
	}
	s := &Stream{starts: []int64{0}}
	for _, path := range paths {
		next, err := openShard(path)
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		s.shards = append(s.shards, next)
		s.starts = append(s.starts, s.Len()+int64(next.n))
		if first := s.shards[0]; next.kind != first.kind {
			s.Close()
			return nil, fmt.Errorf("%s has tokens of %d bits and %s of %d; they are of different encodings, read them apart",
				first.path, 8*first.kind.width, path, 8*next.kind.width)
		}
	}
	return s, nil
}

// Close closes the shards. The stream must not be read afterwards.
func (s *Stream) Close() error {
	var all []error
	for _, shard := range s.shards {
		all = append(all, shard.close())
	}
	s.shards = nil
	return errors.Join(all...)
}

// Len returns the number of tokens.
func (s *Stream) Len() int64 { return s.starts[len(s.starts)-1] }

// Bits returns the width of a token in the files: 16 or 32.
func (s *Stream) Bits() int { return int(8 * s.shards[0].kind.width) }

// Read fills dst with the tokens from index at on. It panics if the stream ends before. The error says which file could not be read.
func (s *Stream) Read(dst []uint32, at int64) error {
	if at < 0 || at+int64(len(dst)) > s.Len() {
		panic(fmt.Sprintf("tokens: read %d tokens at %d of %d", len(dst), at, s.Len()))
	}
	i := sort.Search(len(s.shards), func(i int) bool { return s.starts[i+1] > at })
	for ; len(dst) > 0; i++ {
		n := int(min(int64(len(dst)), s.starts[i+1]-at))
		if err := s.shards[i].read(dst[:n], int(at-s.starts[i])); err != nil {
			return err
		}
		dst, at = dst[n:], at+int64(n)
	}
	return nil
}

// Windows are the pieces of a stream that a language model learns from. A window has Length tokens to predict and the token before them.
type Windows struct {
	*Stream
	Length int // T, at least 1
}

// Len returns the number of windows, ⌊(N−1)/T⌋ for N tokens. The last (N−1) mod T tokens of the stream are not used. Windows cross the
// ends of shards.
func (w Windows) Len() int { return int(max(0, w.Stream.Len()-1) / int64(w.Length)) }

// At stores window i ≥ 0, the tokens i·T to i·T + T, in dst, whose length is T + 1. Each token of the windows, except the first of the
// stream, is predicted in exactly one window.
func (w Windows) At(dst []uint32, i int) error {
	if len(dst) != w.Length+1 {
		panic(fmt.Sprintf("tokens: %d tokens for a window of %d", len(dst), w.Length+1))
	}
	return w.Read(dst, int64(i)*int64(w.Length))
}

// Find returns the shards that a path stands for: a file, all .bin files of a folder, or all matches of a pattern of filepath.Match, sorted
// by name. Shards with _val_ in their names are for validation.
func Find(path string) (train, validation []string, err error) {
	paths := []string{path}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		paths, err = shardsIn(path)
	case errors.Is(err, fs.ErrNotExist) && strings.ContainsAny(path, "*?["):
		paths, err = filepath.Glob(path)
	}
	if err == nil && len(paths) == 0 {
		err = fmt.Errorf("%s: there is no .bin file of tokens; steepest tokenize makes them of text", path)
	}
	slices.Sort(paths)
	for _, p := range paths {
		if strings.Contains(filepath.Base(p), "_val_") {
			validation = append(validation, p)
		} else {
			train = append(train, p)
		}
	}
	return train, validation, err
}

// shardsIn returns the .bin files of a folder.
func shardsIn(folder string) (paths []string, err error) {
	entries, err := os.ReadDir(folder)
	for _, e := range entries {
		if name := e.Name(); filepath.Ext(name) == ".bin" && name[0] != '.' {
			paths = append(paths, filepath.Join(folder, name))
		}
	}
	return paths, err
}
