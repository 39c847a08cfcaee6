//go:build unix

package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestWriteFileModes: a new file has the mode that the umask leaves, an old one keeps its own, and a read-only one stays.
func TestWriteFileModes(t *testing.T) {
	dir := t.TempDir()
	defer syscall.Umask(syscall.Umask(0o077))
	for _, mode := range []os.FileMode{0, 0o600, 0o640, 0o755, 0o444} {
		path := filepath.Join(dir, fmt.Sprintf("f%o", mode))
		want := os.FileMode(0o600)
		if mode != 0 {
			if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
			want = mode
		}
		err := writeFile(t.Context(), path, text("new"))
		info, statErr := os.Stat(path)
		if statErr != nil || info.Mode().Perm() != want {
			t.Errorf("mode %o: %v, %v; want %o", mode, info.Mode(), statErr, want)
		}
		if readOnly := mode == 0o444; readOnly != (err != nil) || readOnly != (read(t, path) == "old") {
			t.Errorf("mode %o: %v, %q", mode, err, read(t, path))
		}
	}
}

// TestWriteFileLinks: the target of symbolic links is written, even if it does not exist yet.
func TestWriteFileLinks(t *testing.T) {
	dir := t.TempDir()
	inside := filepath.Join(dir, "inside")
	for _, err := range []error{
		os.Mkdir(inside, 0o777), os.Symlink("inside/new", filepath.Join(dir, "a")), os.Symlink("a", filepath.Join(dir, "b")),
		os.Symlink("loop", filepath.Join(dir, "loop")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, content := range []string{"one", "two"} {
		if err := writeFile(t.Context(), filepath.Join(dir, "b"), text(content)); err != nil {
			t.Fatal(err)
		}
		if got := read(t, filepath.Join(inside, "new")); got != content {
			t.Errorf("%q, want %q", got, content)
		}
	}
	if info, err := os.Lstat(filepath.Join(dir, "b")); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is %v now, %v", info.Mode(), err)
	}
	if err := writeFile(t.Context(), filepath.Join(dir, "loop"), text("x")); err == nil {
		t.Error("a link to itself was written")
	}
}

// TestWriteFileDevices: files that are not regular are written in place.
func TestWriteFileDevices(t *testing.T) {
	dir := t.TempDir()
	if err := writeFile(t.Context(), os.DevNull, text("x")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		t.Fatalf("%s is %v now, %v", os.DevNull, info.Mode(), err)
	}
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	got := make(chan string)
	go func() {
		b, _ := os.ReadFile(pipe)
		got <- string(b)
	}()
	if err := writeFile(t.Context(), pipe, text("through")); err != nil {
		t.Fatal(err)
	}
	if s := <-got; s != "through" {
		t.Errorf("%q came through the pipe", s)
	}
	if err := writeFile(t.Context(), dir, text("x")); err == nil {
		t.Error("a folder was written")
	}
}

// TestWriteFileFails: a failure leaves the old file and nothing else.
func TestWriteFileFails(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "[m].json")
	if err := writeFile(t.Context(), path, text("old")); err != nil {
		t.Fatal(err)
	}
	if err := writeFile(t.Context(), path, func(w io.Writer) error { return io.ErrShortWrite }); err != io.ErrShortWrite || read(t, path) != "old" {
		t.Errorf("error %v, content %q", err, read(t, path))
	}
	if err := writeFile(t.Context(), path, text("new")); err != nil {
		t.Fatal(err)
	}
	var names []string
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if got, want := strings.Join(names, " "), "[m].json"; got != want {
		t.Errorf("the folder holds %s, want %s", got, want)
	}
}

// shared is a buffer for several goroutines.
type shared struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.text.Write(p)
}

func (s *shared) String() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.text.String()
}

// TestInterruptedWaits interrupts commands that wait for the other end of a pipe. It is not parallel, since an abandoned command removes
// the temporary files of the process.
func TestInterruptedWaits(t *testing.T) {
	for _, command := range []string{
		"minimize sgd --data PIPE",
		"predict PIPE --data heart-scale",
		"minimize sgd --data heart-scale --steps 1 --model PIPE",
		"minimize sgd --data heart-scale --steps 1 --record PIPE",
		"compare -m sgd:lr=1 --data heart-scale --steps 1 --seeds 1 -o PIPE",
	} {
		t.Run(command, func(t *testing.T) {
			pipe := filepath.Join(t.TempDir(), "pipe")
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Skip(err)
			}
			ctx, cancel := context.WithCancel(context.Background())
			time.AfterFunc(patience, cancel)
			var stdout, stderr shared // by the abandoned commands
			args := strings.Fields(strings.ReplaceAll(command, "PIPE", pipe))
			if code := run(ctx, args, &stdout, &stderr); code != exitInterrupted {
				t.Errorf("exit code %d: %s", code, stderr.String())
			}
		})
	}
}
