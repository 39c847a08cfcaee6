package tokens

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime/debug"

	"steepest/data"
	"steepest/internal/mapped"
)

// The header of a shard is 256 numbers of int32, little-endian: magic, version, the number of tokens, and zeros.
const headerBytes = 1024

// MaxShard is the largest number of tokens that the header of a shard can hold.
const MaxShard = math.MaxInt32

// kind is a format of shards.
type kind struct {
	magic, version uint32
	width          int64 // bytes of a token
}

var (
	narrow = kind{20240520, 1, 2} // for tokens below 65536, such as GPT-2's
	wide   = kind{20240801, 7, 4} // for larger tokens, such as Llama 3's
)

// otherFiles lists files of llm.c that are not shards, by their magic.
var otherFiles = map[uint32]string{
	choicesMagic: "an evaluation of llm.c", 20240326: "a model of llm.c", 20240327: "a debug state of llm.c",
	20240328: "a tokenizer of llm.c", 20240527: "an optimizer state of llm.c",
}

// IsShard reports whether a file begins like a shard of tokens. It does not check that Open can read it.
func IsShard(path string) bool {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var magic [4]byte
	_, err = io.ReadFull(f, magic[:])
	m := binary.LittleEndian.Uint32(magic[:])
	return err == nil && (m == narrow.magic || m == wide.magic)
}

// header returns the header of a shard of n tokens.
func (k kind) header(n int) []byte {
	h := make([]byte, headerBytes)
	binary.LittleEndian.PutUint32(h[0:], k.magic)
	binary.LittleEndian.PutUint32(h[4:], k.version)
	binary.LittleEndian.PutUint32(h[8:], uint32(n))
	return h
}

// shard is a file of tokens, open to be read.
type shard struct {
	path   string
	kind   kind
	n      int
	file   *os.File // for ReadAt, if the file is not mapped
	mapped []byte   // the mapped file, or nil if it cannot be mapped
}

// openShard opens a shard and maps it into memory, if the system can.
func openShard(path string) (s *shard, err error) {
	info, err := os.Stat(path) // before the file is opened, because opening a pipe blocks
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file, and shards are mapped into memory; save it as a file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	s = &shard{path: path, file: f}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	if err = s.readHeader(info.Size()); err != nil {
		return nil, err
	}
	s.mapped = mapped.File(f, info.Size())
	return s, nil
}

// readHeader reads the header of a file and compares it with the size.
func (s *shard) readHeader(size int64) error {
	bad := func(fix, what string, args ...any) error {
		return &data.ParseError{File: s.path, What: fmt.Sprintf(what, args...), Fix: fix}
	}
	const fix = "give a .bin file of tokens; steepest tokenize makes them of text"
	if size < headerBytes {
		return bad(fix, "a shard has a header of %d bytes, and the file has %d", headerBytes, size)
	}
	var h [12]byte
	if _, err := s.file.ReadAt(h[:], 0); err != nil {
		return err
	}
	magic, version, n := binary.LittleEndian.Uint32(h[0:]), binary.LittleEndian.Uint32(h[4:]), int32(binary.LittleEndian.Uint32(h[8:]))
	switch magic {
	case narrow.magic:
		s.kind = narrow
	case wide.magic:
		s.kind = wide
	default:
		if other, ok := otherFiles[magic]; ok {
			return bad(fix, "the file is %s, not a shard of tokens", other)
		}
		return bad(fix, "the file begins with %d, and a shard of tokens with %d or %d", magic, narrow.magic, wide.magic)
	}
	if version != s.kind.version {
		return bad("write it anew, by steepest tokenize", "the version of the shard is %d, and %d is known", version, s.kind.version)
	}
	if n < 0 {
		return bad("write it anew, with at most 2147483647 tokens in a shard", "its header says %d tokens", n)
	}
	if want := headerBytes + s.kind.width*int64(n); size != want {
		return bad("the file is cut or damaged: fetch or write it again", "its header says %d tokens, which make %d bytes, and the file has %d", n, want, size)
	}
	s.n = int(n)
	return nil
}

// read stores the tokens from at on.
func (s *shard) read(dst []uint32, at int) (err error) {
	if s.mapped == nil {
		return s.readFile(dst, at)
	}
	// If the file is truncated while it is mapped, pages are missing. The page fault becomes a panic.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if fault := recover(); fault != nil {
			if _, ok := fault.(interface{ Addr() uintptr }); !ok {
				panic(fault)
			}
			err = s.vanished()
		}
	}()
	s.kind.decode(dst, s.mapped[headerBytes+int64(at)*s.kind.width:])
	return nil
}

// readFile is read for a file that is not mapped.
func (s *shard) readFile(dst []uint32, at int) error {
	raw := make([]byte, int64(len(dst))*s.kind.width)
	if _, err := s.file.ReadAt(raw, headerBytes+int64(at)*s.kind.width); errors.Is(err, io.EOF) {
		return s.vanished()
	} else if err != nil {
		return err
	}
	s.kind.decode(dst, raw)
	return nil
}

func (s *shard) vanished() error {
	return &data.ParseError{File: s.path, What: "the file was cut or became unreadable while it was open", Fix: "leave shards alone while they are read"}
}

// decode converts bytes to tokens.
func (k kind) decode(dst []uint32, raw []byte) {
	if k == narrow {
		for i := range dst {
			dst[i] = uint32(binary.LittleEndian.Uint16(raw[2*i:]))
		}
		return
	}
	for i := range dst {
		dst[i] = binary.LittleEndian.Uint32(raw[4*i:])
	}
}

// encode appends the bytes of tokens.
func (k kind) encode(raw []byte, tokens []uint32) []byte {
	if k == narrow {
		for _, t := range tokens {
			raw = binary.LittleEndian.AppendUint16(raw, uint16(t))
		}
		return raw
	}
	for _, t := range tokens {
		raw = binary.LittleEndian.AppendUint32(raw, t)
	}
	return raw
}

func (s *shard) close() error {
	err := mapped.Unmap(s.mapped)
	s.mapped = nil
	return errors.Join(err, s.file.Close())
}
