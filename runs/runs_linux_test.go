package runs

import (
	"context"
	"path/filepath"
	"syscall"
	"testing"
)

// TestPipes: a pipe in place of a file of a run does not stop a reader.
func TestPipes(t *testing.T) {
	for _, name := range []string{configFile, systemFile, statusFile, recordFile, lockFile} {
		dir := filepath.Join(t.TempDir(), "runs")
		w := create(t, dir, "adam", about)
		if err := w.Close(context.Background(), Ending{Status: Finished}, nil); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, only(t, dir).Name, name)
		_ = syscall.Unlink(path)
		if err := syscall.Mkfifo(path, 0o666); err != nil {
			t.Fatal(err)
		}
		f := Open(dir)
		if _, err := f.Refresh(); err != nil {
			t.Fatal(err)
		}
		damaged := name == configFile || name == systemFile
		if (len(f.Damaged()) == 1) != damaged || (len(f.Runs()) == 0) != damaged {
			t.Errorf("%s: %d runs, damaged %v", name, len(f.Runs()), f.Damaged())
		}
	}
}
