package data

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestProgress: each pass over data reports all of its bytes, in ascending order. For a compressed file these are compressed bytes.
func TestProgress(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	svm := strings.Repeat("1 1:0.5 3:-1\n-1 2:0.25 7:4\n", 1<<14)
	write(t, path("rows.svm"), svm)
	write(t, path("more.svm"), svm)
	write(t, path("rows.csv"), strings.Repeat("1,2.5,0\n3,4,1\n", 1<<14))
	write(t, path("rows.vw"), strings.Repeat("1 |a x y:2\n-1 |b z\n", 1<<14))
	var packed bytes.Buffer
	out := gzip.NewWriter(&packed)
	if _, err := out.Write([]byte(svm)); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, path("rows.svm.gz"), packed.String())
	sizes := func(names ...string) (n int64) {
		for _, name := range names {
			stat, err := os.Stat(path(name))
			if err != nil {
				t.Fatal(err)
			}
			n += stat.Size()
		}
		return n
	}
	opened := func(name string) func(Options) error {
		return func(o Options) error {
			_, err := Open(path(name), o)
			return err
		}
	}
	reading := func(name string) Stage { return Stage{"reading " + name, sizes(name), sizes(name)} }
	const values = 2 * 2 << 14                      // of rows.svm
	preparing := func(pass int, rows int64) Stage { // of two values each
		return Stage{fmt.Sprintf("preparing the rows, pass %d", pass), (2*(4+8) + 8) * rows, (2*(4+8) + 8) * rows}
	}
	arrays := func(rows, values int64) int64 { return 8*(rows+1) + (4+8)*values + 8*rows + 4*4 }
	for _, test := range []struct {
		name string
		read func(o Options) error
		want []Stage // the end of each pass
	}{
		{"LIBSVM", opened("rows.svm"), []Stage{reading("rows.svm")}},
		{"gzip", opened("rows.svm.gz"), []Stage{reading("rows.svm.gz")}},
		{"CSV", opened("rows.csv"), []Stage{reading("rows.csv")}},
		{"VW", opened("rows.vw"), []Stage{reading("rows.vw")}},
		{"a stream", func(o Options) error {
			o.Format = LIBSVM
			_, err := Read("stdin", strings.NewReader(svm), o)
			return err
		}, []Stage{{"reading stdin", int64(len(svm)), 0}}},
		{"a new cache", func(o Options) error {
			c, err := OpenCache(path("cache"), []string{path("rows.svm"), path("more.svm")}, CacheOptions{Options: o})
			if err == nil {
				err = c.Close()
			}
			return err
		}, []Stage{
			{"reading 2 files", sizes("rows.svm", "more.svm"), sizes("rows.svm", "more.svm")},
			{"numbering the columns", (4 + 8) * 2 * values, (4 + 8) * 2 * values},
			{"writing cache to the disk", arrays(4<<14, 2*values), arrays(4<<14, 2*values)},
		}},
		{"a cache", func(o Options) error {
			c, err := LoadCache(path("cache"), o.Progress)
			if err == nil {
				err = c.Close()
			}
			return err
		}, []Stage{{"checking cache", arrays(4<<14, 2*values), arrays(4<<14, 2*values)}}},
		{"a new cache with held-out rows", func(o Options) error {
			c, err := OpenCache(path("held"), []string{path("rows.svm")}, CacheOptions{Options: o, HoldOut: HoldOut{Share: 0.25}})
			if err == nil {
				err = c.Close()
			}
			return err
		}, []Stage{
			reading("rows.svm"), preparing(1, 3<<13), preparing(2, 3<<13), preparing(3, 1<<13),
			{"writing held to the disk", arrays(2<<14, values) + 8, arrays(2<<14, values) + 8},
		}},
	} {
		var ends []Stage
		told := 0
		err := test.read(Options{Progress: func(s Stage) {
			told++
			if n := len(ends); n > 0 && ends[n-1].What == s.What {
				if s.Done < ends[n-1].Done {
					t.Errorf("%s: %+v after %+v", test.name, s, ends[n-1])
				}
				ends[n-1] = s
				return
			}
			ends = append(ends, s)
		}})
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if len(ends) != len(test.want) || told < 2*len(ends) {
			t.Errorf("%s: told %d times %+v, want %+v", test.name, told, ends, test.want)
			continue
		}
		for i, want := range test.want {
			if ends[i] != want {
				t.Errorf("%s: a pass ends at %+v, want %+v", test.name, ends[i], want)
			}
		}
	}
}
