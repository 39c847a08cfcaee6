package tokens

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"steepest/data"
	"steepest/internal/mapped"
)

// sequence returns n tokens below a limit.
func sequence(n int, below uint32) []uint32 {
	random := rand.New(rand.NewPCG(uint64(n), uint64(below)))
	tokens := make([]uint32, n)
	for i := range tokens {
		tokens[i] = random.Uint32N(below)
	}
	return tokens
}

// save writes tokens to shards and returns their paths.
func save(t *testing.T, w *Writer, tokens []uint32) []string {
	t.Helper()
	for rest, n := tokens, 1; len(rest) > 0; n = 3*n + 1 {
		n = min(n, len(rest))
		if err := w.Write(rest[:n]); err != nil {
			t.Fatal(err)
		}
		rest = rest[n:]
	}
	paths, err := w.Publish()
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// unmapped makes a stream read its shards by ReadAt.
func unmapped(t *testing.T, s *Stream) {
	t.Helper()
	for _, shard := range s.shards {
		if err := mapped.Unmap(shard.mapped); err != nil {
			t.Fatal(err)
		}
		shard.mapped = nil
	}
}

// TestStream: tokens are read as they were written, for any ends of shards, mapped or not, with windows across the ends.
func TestStream(t *testing.T) {
	for _, bits := range []int{16, 32} {
		for _, c := range []struct{ n, most, shards int }{
			{1, 1, 1}, {5, 1, 5}, {10, 3, 4}, {12, 3, 4}, {1000, 999, 2}, {700_000, 300_000, 3}, {7, MaxShard, 1},
		} {
			want := sequence(c.n, 1<<bits-1)
			paths := save(t, NewWriter(filepath.Join(t.TempDir(), "x_train_"), 1, c.most, bits), want)
			if len(paths) != c.shards || filepath.Base(paths[len(paths)-1]) != fmt.Sprintf("x_train_%06d.bin", c.shards) {
				t.Fatalf("%d tokens in %d: %s", c.n, c.most, paths)
			}
			s, err := Open(paths...)
			if err != nil {
				t.Fatal(err)
			}
			if s.Len() != int64(c.n) || s.Bits() != bits {
				t.Fatalf("%d tokens of %d bits, want %d of %d", s.Len(), s.Bits(), c.n, bits)
			}
			for _, mapped := range []bool{true, false} {
				if !mapped {
					unmapped(t, s)
				}
				got := make([]uint32, c.n)
				if err := s.Read(got, 0); err != nil || !slices.Equal(got, want) {
					t.Fatalf("%d tokens in %d, mapped %v: %v", c.n, c.most, mapped, err)
				}
				for _, length := range []int{1, 2, 3, 7, 64} {
					w := Windows{s, length}
					if n := w.Len(); n != (c.n-1)/length {
						t.Errorf("%d windows of %d in %d tokens", n, length, c.n)
					}
					for i := range min(w.Len(), 50) {
						dst := make([]uint32, length+1)
						if err := w.At(dst, i); err != nil || !slices.Equal(dst, want[i*length:i*length+length+1]) {
							t.Fatalf("window %d of %d: %v, %v", i, length, dst, err)
						}
					}
				}
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestFormat: the bytes are those of llm.c and modded-nanogpt.
func TestFormat(t *testing.T) {
	for bits, want := range map[int]string{
		16: "\x88\xd8\x34\x01" + "\x01\x00\x00\x00" + "\x03\x00\x00\x00" + strings.Repeat("\x00", 1012) + "\x01\x00\x50\xc4\xff\xff",
		32: "\xa1\xd9\x34\x01" + "\x07\x00\x00\x00" + "\x03\x00\x00\x00" + strings.Repeat("\x00", 1012) + "\x01\x00\x00\x00\x50\xc4\x00\x00\xff\xff\x00\x00",
	} {
		if magic := binary.LittleEndian.Uint32([]byte(want)); magic != 20240520 && magic != 20240801 {
			t.Fatalf("the test itself is wrong: %d", magic)
		}
		paths := save(t, NewWriter(filepath.Join(t.TempDir(), "x"), 0, 10, bits), []uint32{1, 50256, 65535})
		if got, err := os.ReadFile(paths[0]); err != nil || string(got) != want {
			t.Errorf("%d bits: %x, %v", bits, got, err)
		}
	}
}

// TestHuge: shards larger than 2 and 4 GiB, mostly holes, are read at their ends.
func TestHuge(t *testing.T) {
	for _, k := range []kind{narrow, wide} {
		path := filepath.Join(t.TempDir(), "huge.bin")
		n := MaxShard
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		size := headerBytes + k.width*int64(n)
		if err := errors.Join(f.Truncate(size), at(f, k.header(n), 0), at(f, k.encode(nil, []uint32{40000, 50000}), size-2*k.width), f.Close()); err != nil {
			t.Skip(err) // a file system without holes
		}
		s, err := Open(path, path)
		if err != nil {
			t.Fatal(err)
		}
		for _, mapped := range []bool{true, false} {
			if !mapped {
				unmapped(t, s)
			}
			got := make([]uint32, 3)
			if err := s.Read(got, 2*int64(n)-3); err != nil || !slices.Equal(got, []uint32{0, 40000, 50000}) {
				t.Errorf("mapped %v: %d, %v", mapped, got, err)
			}
			if err := s.Read(got, int64(n)-2); err != nil || !slices.Equal(got, []uint32{40000, 50000, 0}) {
				t.Errorf("mapped %v, at the border: %d, %v", mapped, got, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// at writes bytes at a place.
func at(f *os.File, b []byte, place int64) error {
	_, err := f.WriteAt(b, place)
	return err
}

// TestRefused: for a file that is not a shard, the error has its name, the fault, and a remedy.
func TestRefused(t *testing.T) {
	shard := func(magic, version, n uint32, body int) []byte {
		b := make([]byte, headerBytes+body)
		for i, v := range []uint32{magic, version, n} {
			binary.LittleEndian.PutUint32(b[4*i:], v)
		}
		return b
	}
	dir := t.TempDir()
	for what, content := range map[string][]byte{
		"a shard has a header of 1024 bytes, and the file has 0":                                nil,
		"a shard has a header of 1024 bytes, and the file has 1023":                             make([]byte, 1023),
		"the file begins with 0, and a shard of tokens with 20240520 or 20240801":               shard(0, 1, 0, 0),
		"the file is a model of llm.c, not a shard of tokens":                                   shard(20240326, 3, 0, 0),
		"the version of the shard is 2, and 1 is known":                                         shard(20240520, 2, 0, 0),
		"the version of the shard is 1, and 7 is known":                                         shard(20240801, 1, 0, 0),
		"its header says -1 tokens":                                                             shard(20240520, 1, 1<<32-1, 0),
		"its header says 3 tokens, which make 1030 bytes, and the file has 1029":                shard(20240520, 1, 3, 5),
		"its header says 3 tokens, which make 1030 bytes, and the file has 1031":                shard(20240520, 1, 3, 7),
		"its header says 3 tokens, which make 1036 bytes, and the file has 1030":                shard(20240801, 7, 3, 6),
		"its header says 2147483647 tokens, which make 4294968318 bytes, and the file has 1024": shard(20240520, 1, 1<<31-1, 0),
	} {
		path := filepath.Join(dir, "bad.bin")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(path)
		var parse *data.ParseError
		if !errors.As(err, &parse) || parse.File != path || parse.What != what || parse.Fix == "" {
			t.Errorf("%v, want %q", err, what)
		}
	}
	narrow := save(t, NewWriter(filepath.Join(dir, "a"), 0, 10, 16), []uint32{1})
	wide := save(t, NewWriter(filepath.Join(dir, "b"), 0, 10, 32), []uint32{1})
	for _, paths := range [][]string{{}, {dir}, {filepath.Join(dir, "none")}, {narrow[0], wide[0]}} {
		if _, err := Open(paths...); err == nil {
			t.Errorf("%s were opened", paths)
		}
	}
}

// TestCut: a file that is cut while it is open is an error.
func TestCut(t *testing.T) {
	paths := save(t, NewWriter(filepath.Join(t.TempDir(), "x"), 0, 1<<20, 16), sequence(1<<20, 10))
	s, err := Open(paths...)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := os.Truncate(paths[0], 1<<16); err != nil {
		t.Fatal(err)
	}
	for _, mapped := range []bool{true, false} {
		if !mapped {
			unmapped(t, s)
		}
		got := make([]uint32, 1000)
		if err := s.Read(got, 1000); err != nil {
			t.Errorf("mapped %v, before the cut: %v", mapped, err)
		}
		err := s.Read(got, 1<<19)
		if err == nil || !strings.Contains(err.Error(), paths[0]) {
			t.Errorf("mapped %v: %v", mapped, err)
		}
	}
}

// TestWriterLeavesNothing: a Writer that is discarded leaves no file, and no file is replaced.
func TestWriterLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	prefix := filepath.Join(dir, "x_val_")
	w := NewWriter(prefix, 0, 4, 16)
	if err := w.Write(sequence(10, 5)); err != nil {
		t.Fatal(err)
	}
	if found, _ := filepath.Glob(filepath.Join(dir, "*.bin")); found != nil {
		t.Errorf("before they were published: %s", found)
	}
	w.Discard()
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("%v, %v are left", entries, err)
	}
	taken := prefix + "000001.bin"
	if err := os.WriteFile(taken, []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	w = NewWriter(prefix, 0, 4, 16)
	if err := w.Write(sequence(10, 5)); err == nil || !strings.Contains(err.Error(), taken) {
		t.Errorf("error %v", err)
	}
	w.Discard()
	if kept, err := os.ReadFile(taken); err != nil || string(kept) != "kept" {
		t.Errorf("%q, %v", kept, err)
	}
}

// TestFind: files, folders and patterns give sorted shards, with the shards for validation apart.
func TestFind(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "[d]")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"b_train_000002.bin", "b_train_000001.bin", "b_val_000000.bin", "note.txt", ".hidden.bin"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	bases := func(paths []string) string {
		var names []string
		for _, p := range paths {
			names = append(names, filepath.Base(p))
		}
		return strings.Join(names, " ")
	}
	for path, want := range map[string][2]string{
		dir:                                      {"b_train_000001.bin b_train_000002.bin", "b_val_000000.bin"},
		filepath.Join(dir, "b_train_000002.bin"): {"b_train_000002.bin", ""},
		filepath.Join(dir, "../?d?/*_000002.bin"):     {"b_train_000002.bin", ""},
		filepath.Join(dir, "../[[]d]/b_*_00000?.bin"): {"b_train_000001.bin b_train_000002.bin", "b_val_000000.bin"},
	} {
		train, validation, err := Find(path)
		if err != nil || bases(train) != want[0] || bases(validation) != want[1] {
			t.Errorf("%s: %s and %s, %v", path, train, validation, err)
		}
	}
	for _, path := range []string{t.TempDir(), filepath.Join(dir, "x*.bin"), "["} {
		if _, _, err := Find(path); err == nil {
			t.Errorf("%s was found", path)
		}
	}
}

// FuzzOpen: no file makes the reader panic, and an accepted file has the size in its header.
func FuzzOpen(f *testing.F) {
	f.Add(append(narrow.header(2), 1, 2, 3, 4))
	f.Add(append(wide.header(1), 1, 2, 3, 4))
	f.Add(narrow.header(0)[:1000])
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "x.bin")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(path)
		if err != nil {
			return
		}
		defer s.Close()
		if want := headerBytes + s.Len()*int64(s.Bits()/8); int64(len(content)) != want {
			t.Fatalf("%d bytes were taken for %d", len(content), want)
		}
		got := make([]uint32, s.Len())
		if err := s.Read(got, 0); err != nil {
			t.Fatal(err)
		}
		if again := s.shards[0].kind.encode(nil, got); string(again) != string(content[headerBytes:]) {
			t.Fatal("the tokens are others")
		}
	})
}
