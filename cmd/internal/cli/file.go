package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"steepest/internal/durable"
)

// errReadOnly is what is wrong with a file that nobody may write, the superuser included.
var errReadOnly = errors.New("the file is read-only")

// writeFile writes a file so that it is either complete or as it was: into a temporary file first, which then takes the name. It
// follows symbolic links, keeps the mode of a file that was there, and obeys the umask for a new one. What is there and is no
// regular file, such as a device or a pipe, is opened and written.
func writeFile(ctx context.Context, path string, write func(io.Writer) error) error {
	target, err := follow(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(target)
	mode := fs.FileMode(0o666)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case !info.Mode().IsRegular() || isDescriptor(path):
		return writeInPlace(ctx, target, write)
	case info.Mode().Perm()&0o222 == 0:
		return &fs.PathError{Op: "write", Path: path, Err: errReadOnly}
	default:
		mode = info.Mode().Perm()
	}
	return replaceFile(target, mode, info != nil, write)
}

// follow returns what a path stands for behind symbolic links, the last of which may point to nothing yet.
func follow(path string) (string, error) {
	for range 40 {
		link, err := os.Readlink(path)
		if err != nil || isDescriptor(path) {
			return path, nil
		}
		if !filepath.IsAbs(link) {
			link = filepath.Join(filepath.Dir(path), link)
		}
		path = link
	}
	return "", &fs.PathError{Op: "open", Path: path, Err: errors.New("too many symbolic links")}
}

// isDescriptor tells whether a path names an open file of the process, such as /dev/stdout, which may be a regular file by now.
func isDescriptor(path string) bool {
	return path == "/dev/stdout" || path == "/dev/stderr" || strings.HasPrefix(path, "/dev/fd/") || strings.HasPrefix(path, "/proc/self/fd/")
}

// writeInPlace writes to what is there.
func writeInPlace(ctx context.Context, path string, write func(io.Writer) error) error {
	f, err := openInPlace(ctx, path)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(f)
	err = write(buffered)
	if err == nil {
		err = buffered.Flush()
	}
	return errors.Join(err, f.Close())
}

// openInPlace opens what is there. It waits for the reader of a pipe until the context is over, and lets it wait for what is written little
// longer.
func openInPlace(ctx context.Context, path string) (*os.File, error) {
	for {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|syscall.O_NONBLOCK, 0)
		switch {
		case err == nil:
			context.AfterFunc(ctx, func() { _ = f.SetWriteDeadline(time.Now().Add(patience / 4)) }) // which a pipe alone has
			return f, nil
		case !errors.Is(err, syscall.ENXIO): // nobody reads the pipe yet
			return nil, err
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		}
		time.Sleep(patience / 20)
	}
}

// replaceFile writes a file that takes the name when it is whole. An old file hands its mode on.
func replaceFile(path string, mode fs.FileMode, old bool, write func(io.Writer) error) (err error) {
	f, err := durable.Create(path, mode)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Discard()
		}
	}()
	buffered := bufio.NewWriter(f)
	if err = write(buffered); err != nil {
		return err
	}
	if err = buffered.Flush(); err != nil {
		return err
	}
	if old {
		if err = f.Chmod(mode); err != nil {
			return err
		}
	}
	if err = f.Close(); err != nil {
		return err
	}
	return f.Publish()
}

// save writes a file and says so on the standard error. No path, no file.
func (w *world) save(path string, write func(io.Writer) error) error {
	if path == "" {
		return nil
	}
	err := writeFile(w, path, write)
	if w.interrupted(err) || errors.Is(err, os.ErrDeadlineExceeded) {
		return w.interruption("", "interrupted while %s waited for a reader; it is not written", path)
	} else if err != nil {
		return fmt.Errorf("%s cannot be written: %w", path, err)
	}
	w.say("wrote %s\n", path)
	return nil
}
