package durable

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func names(t *testing.T, dir string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

// TestFile: a file gets its name when it is published, and the old file stays until then; a discarded file is gone.
func TestFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "[m].json")
	for _, content := range []string{"one", "two"} {
		f, err := Create(path, 0o666)
		if err != nil {
			t.Fatal(err)
		}
		before, _ := os.ReadFile(path)
		if string(before) == content || f.Path() != path {
			t.Errorf("before it was published: %q at %s", before, f.Path())
		}
		if _, err := f.WriteString(content); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if err := f.Publish(); err != nil {
			t.Fatal(err)
		}
		if after, err := os.ReadFile(path); err != nil || string(after) != content {
			t.Errorf("%q, %v, want %q", after, err, content)
		}
		RemoveTemporaries()
		if got := names(t, dir); !slices.Equal(got, []string{"[m].json"}) {
			t.Errorf("the folder holds %s", got)
		}
	}
	for _, end := range []func(*File){(*File).Discard, func(f *File) { RemoveTemporaries(); f.Discard() }, func(f *File) { f.Close(); f.Discard() }} {
		f, err := Create(path, 0o666)
		if err != nil {
			t.Fatal(err)
		}
		end(f)
		if after, err := os.ReadFile(path); err != nil || string(after) != "two" || len(names(t, dir)) != 1 {
			t.Errorf("%q, %v; the folder holds %s", after, err, names(t, dir))
		}
	}
}

// TestSweep: temporary files of killed processes are removed, even of one that had the number of this process. Those of living processes are not.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "[m].json")
	dead, alive, other := temporaryName(path, 1<<22-1), temporaryName(path, os.Getppid()), filepath.Join(dir, ".[m].json.steepest-x")
	for _, name := range []string{dead, alive, other, temporaryName(path, os.Getpid())} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := Create(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	f.Discard()
	want := []string{filepath.Base(alive), filepath.Base(other)}
	if got := names(t, dir); !slices.Equal(got, want) && !slices.Equal(got, []string{want[1], want[0]}) {
		t.Errorf("the folder holds %s, want %s", got, want)
	}
}
