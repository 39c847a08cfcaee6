package data

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
)

// cacheOf opens a cache and closes it at the end of the test.
func cacheOf(t *testing.T, folder, path string, o Options) *Cache {
	t.Helper()
	c, err := OpenCache(folder, path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// checkCache compares a cache with the set that is read.
func checkCache(t *testing.T, c *Cache, path string, o Options) {
	t.Helper()
	want, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	if !sameSet(c.Set, want) || !reflect.DeepEqual(c.Weights, want.Weights) || c.Format != want.Format || c.Name != want.Name {
		t.Fatalf("the cache is %+v, want %+v", c.Set, want)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// manyRows are more than a block, and the last of them has the last column.
func manyRows(vw bool) string {
	var b strings.Builder
	for i := range 20_000 {
		if vw {
			fmt.Fprintf(&b, "%d %d |f a%d:0.5 %d b=%d |g c\n", i%2*2-1, 1+i%3, i%97, i%5, i%11)
		} else {
			fmt.Fprintf(&b, "%d 1:%v %d:1\n", i%2, float64(i)/7, 2+i%500+i/19_999)
		}
	}
	return b.String()
}

func needs64(t *testing.T) {
	if strconv.IntSize != 64 {
		t.Skip("a cache needs 64 bits")
	}
}

// TestCache: a cache is the set that Open reads, when it is made and when it is there.
func TestCache(t *testing.T) {
	needs64(t)
	for name, c := range map[string]struct {
		text string
		o    Options
	}{
		"rows.svm":    {manyRows(false), Options{}},
		"rows.svm.gz": {pack("gzip", manyRows(false)), Options{LIBSVM: LIBSVMOptions{MinFeatures: 3000}}},
		"rows.vw":     {manyRows(true), Options{VW: VWOptions{Bits: 12}}},
		"ones":        {"1 |f a\n-1 |f b\n", Options{}},
		"no values":   {"1\n-1\n", Options{Format: LIBSVM}},
	} {
		t.Run(name, func(t *testing.T) {
			path, folder := filepath.Join(t.TempDir(), name), filepath.Join(t.TempDir(), "cache")
			write(t, path, c.text)
			first := cacheOf(t, folder, path, c.o)
			checkCache(t, first, path, c.o)
			second := cacheOf(t, folder, path, c.o)
			checkCache(t, second, path, c.o)
			if first.Made != "there was none" || second.Made != "" {
				t.Errorf("made since %q, and then since %q", first.Made, second.Made)
			}
		})
	}
}

// TestCacheStale: a cache of another source, date, size or option is made anew.
func TestCacheStale(t *testing.T) {
	needs64(t)
	dir := t.TempDir()
	path, other, folder := filepath.Join(dir, "rows.vw"), filepath.Join(dir, "other.vw"), filepath.Join(dir, "cache")
	write(t, path, "1 |f a\n-1 |f b\n")
	write(t, other, "1 |f c\n-1 |f d\n")
	old := cacheOf(t, folder, path, Options{})
	for _, c := range []struct {
		path   string
		change func()
		o      Options
		why    string
	}{
		{path, func() {}, Options{}, ""},
		{path, func() { write(t, path, "1 |f a\n-1 |f b:3\n") }, Options{}, "its source has changed"},
		{path, func() { os.Chtimes(path, time.Time{}, time.Unix(1e9, 7)) }, Options{}, "its source has changed"},
		{path, func() {}, Options{VW: VWOptions{Bits: 7}}, "its source was read with other options"},
		{path, func() {}, Options{VW: VWOptions{Bits: 7}}, ""},
		{other, func() {}, Options{VW: VWOptions{Bits: 7}}, "it was that of " + path},
	} {
		c.change()
		got := cacheOf(t, folder, c.path, c.o)
		checkCache(t, got, c.path, c.o)
		if got.Made != c.why {
			t.Errorf("made since %q, want %q", got.Made, c.why)
		}
	}
	if old.X.(*CSR).Cols != 1<<18 || old.Y[1] != -1 || old.X.(*CSR).Values[1] != 1 {
		t.Error("a cache that is open has changed with the new one")
	}
}

// TestCacheDamaged: bytes of each file that change, each file that is cut or gone, and a process that was killed, are noticed.
func TestCacheDamaged(t *testing.T) {
	needs64(t)
	dir := t.TempDir()
	path, folder := filepath.Join(dir, "rows.vw"), filepath.Join(dir, "cache")
	write(t, path, "1 2 |f a b:0.5\n-1 |f b\n")
	cacheOf(t, folder, path, Options{})
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 6 {
		t.Fatal(entries, err)
	}
	again := func(what string) {
		t.Helper()
		c := cacheOf(t, folder, path, Options{})
		checkCache(t, c, path, Options{})
		if c.Made == "" {
			t.Errorf("%s is not noticed", what)
		}
	}
	for _, e := range entries {
		file := filepath.Join(folder, e.Name())
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(content); i += 1 + len(content)/5 {
			changed := []byte(string(content))
			changed[i] ^= 1 << (i % 8)
			write(t, file, string(changed))
			again(fmt.Sprintf("%s with another byte %d", e.Name(), i))
		}
		for _, size := range []int{0, len(content) / 2, len(content) - 1} {
			write(t, file, string(content[:size]))
			again(fmt.Sprintf("%s of %d bytes", e.Name(), size))
		}
		write(t, file, string(content)+"x")
		again(e.Name() + " with one byte more")
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		again("no " + e.Name())
	}
}

// TestCacheRefused: what is no cache stays as it is, and a source with an error leaves nothing.
func TestCacheRefused(t *testing.T) {
	needs64(t)
	dir := t.TempDir()
	good, bad, csv := filepath.Join(dir, "good.svm"), filepath.Join(dir, "bad.svm"), filepath.Join(dir, "rows.csv")
	write(t, good, "1 1:1\n")
	write(t, bad, manyRows(false)+"1 x:2\n")
	write(t, csv, "1,2\n")
	if _, err := OpenCache(dir, good, Options{}); err == nil || !strings.Contains(err.Error(), "is a folder with other files, such as bad.svm") {
		t.Error(err)
	}
	folder := filepath.Join(dir, "cache")
	fault := (*ParseError)(nil)
	if _, err := OpenCache(folder, bad, Options{}); !errors.As(err, &fault) || fault.Line != 20_001 || fault.Column != 3 {
		t.Error(err)
	}
	if left, _ := os.ReadDir(folder); len(left) != 0 {
		t.Errorf("%v are left", left)
	}
	if _, err := OpenCache(folder, csv, Options{}); !errors.As(err, &fault) || fault.Fix == "" {
		t.Error(err)
	}
	if _, err := OpenCache(folder, filepath.Join(dir, "none"), Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if _, err := OpenCache(folder, dir, Options{}); err == nil || !strings.Contains(err.Error(), "is no regular file") {
		t.Error(err)
	}
	if _, err := OpenCache(folder, good, Options{LIBSVM: LIBSVMOptions{MinFeatures: math.MaxInt}}); err == nil {
		t.Error("too many features are read")
	}
}
