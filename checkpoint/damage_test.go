package checkpoint

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// damaged calls try with a folder of two checkpoints and each file of the newer one, which try may change.
func damaged(t *testing.T, try func(sys *memory, file string, n *node)) {
	for _, file := range []string{manifestName, metaName, tensorsName} {
		sys := newMemory()
		f := mustOpen(t, sys, 2)
		for save := 1; save <= 2; save++ {
			if err := f.Save(example(save)); err != nil {
				t.Fatal(err)
			}
		}
		try(sys, file, sys.find("run/000002-step-20/"+file))
	}
}

// mustFallBack fails unless the older checkpoint is loaded, with an error that names the file of the newer one.
func mustFallBack(t *testing.T, sys files, file, fault string) {
	t.Helper()
	s, skipped, err := load(sys, "run", regular)
	if err != nil {
		t.Fatalf("%s with %s: %v", file, fault, err)
	}
	if !same(*s, example(1)) {
		t.Fatalf("%s with %s: %v is loaded", file, fault, *s)
	}
	if len(skipped) != 1 || !strings.Contains(skipped[0].Error(), "000002-step-20/"+file) {
		t.Fatalf("%s with %s: skipped %v", file, fault, skipped)
	}
}

func TestEveryFlippedBit(t *testing.T) {
	damaged(t, func(sys *memory, file string, n *node) {
		for i := range n.data {
			for bit := range 8 {
				n.data[i] ^= 1 << bit
				mustFallBack(t, sys, file, fmt.Sprintf("bit %d of byte %d flipped", bit, i))
				n.data[i] ^= 1 << bit
			}
		}
	})
}

func TestEveryTruncation(t *testing.T) {
	damaged(t, func(sys *memory, file string, n *node) {
		whole := n.data
		for size := range whole {
			n.data = whole[:size]
			mustFallBack(t, sys, file, fmt.Sprintf("%d of %d bytes", size, len(whole)))
			if n.data = append(slices.Clone(whole[:size]), make([]byte, len(whole)-size)...); !bytes.Equal(n.data, whole) {
				mustFallBack(t, sys, file, fmt.Sprintf("zeros from byte %d on", size))
			}
		}
		n.data = append(slices.Clone(whole), '\n')
		mustFallBack(t, sys, file, "a byte more")
		n.data = append(slices.Clone(whole), make([]byte, 1<<20)...)
		mustFallBack(t, sys, file, "a megabyte more")
		n.entries = map[string]*node{}
		mustFallBack(t, sys, file, "a folder in its place")
		delete(sys.find("run/000002-step-20").entries, file)
		mustFallBack(t, sys, file, "nothing in its place")
	})
}

func TestAllDamaged(t *testing.T) {
	damaged(t, func(sys *memory, file string, n *node) {
		n.data[0] ^= 1
		sys.find("run/000001-step-10/" + metaName).data[0] ^= 1
		s, skipped, err := load(sys, "run", regular)
		if s != nil || skipped != nil || !errors.Is(err, ErrDamaged) || errors.Is(err, ErrNone) {
			t.Fatal(s, skipped, err)
		}
		for _, word := range []string{"000002-step-20/" + file, "000001-step-10/" + metaName} {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%q does not name %s", err, word)
			}
		}
	})
}

func TestNone(t *testing.T) {
	sys := newMemory()
	if _, _, err := load(sys, "run", regular); !errors.Is(err, ErrNone) {
		t.Errorf("without a folder: %v", err)
	}
	f := mustOpen(t, sys, 1)
	if err := f.Save(example(1)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := load(sys, "run", best); !errors.Is(err, ErrNone) {
		t.Errorf("without a best one: %v", err)
	}
}

// A disk that writes wrong bytes is noticed before an older checkpoint is removed.
func TestLyingDisk(t *testing.T) {
	for _, file := range []string{manifestName, metaName, tensorsName} {
		sys := newMemory()
		if err := mustOpen(t, sys, 1).Save(example(1)); err != nil {
			t.Fatal(err)
		}
		lying := liar{sys, file}
		err := mustOpen(t, lying, 1).Save(example(2))
		if err == nil || !strings.Contains(err.Error(), file+" is damaged") && !strings.Contains(err.Error(), file+" does not begin") {
			t.Errorf("%s is written wrongly, and the save gives %v", file, err)
		}
		mustHold(t, sys, acknowledged{regular: 1})
		if n := len(sys.find("run").entries); n != 1 {
			t.Errorf("%d entries are left in the folder", n)
		}
	}
}

// liar is a disk that flips the first bit of one file.
type liar struct {
	*memory
	file string
}

func (l liar) create(path string) (file, error) {
	f, err := l.memory.create(path)
	if strings.HasSuffix(path, l.file) {
		f = lyingWriter{f}
	}
	return f, err
}

type lyingWriter struct{ file }

func (w lyingWriter) Write(data []byte) (int, error) {
	data = slices.Clone(data)
	data[0] ^= 1
	return w.file.Write(data)
}
