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

// errReadOnly is the error for a file without any write permission. It holds for the superuser, too.
var errReadOnly = errors.New("the file is read-only")

// writeFile writes a file atomically: into a temporary file first, which then takes the name. It follows symbolic links, keeps the
// mode of an existing file, and obeys the umask for a new one. An existing path that is no regular file, such as a device or a pipe,
// is opened and written to.
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

// follow resolves the symbolic links of a path. The target of the last link need not exist.
func follow(path string) (string, error) {
	for range 40 {
		link, err := os.Readlink(path)
		if err != nil || isDescriptor(path) {
			return path, nil
		}
		if !filepath.IsAbs(link) {
			folder := filepath.Dir(path)
			if found, err := filepath.EvalSymlinks(folder); err == nil { // .. in a link is the parent of the real folder
				folder = found
			}
			link = filepath.Join(folder, link)
		}
		path = link
	}
	return "", &fs.PathError{Op: "open", Path: path, Err: errors.New("too many symbolic links")}
}

// isDescriptor reports whether a path names an open file of the process, such as /dev/stdout, which may be redirected to a regular file.
func isDescriptor(path string) bool {
	return path == "/dev/stdout" || path == "/dev/stderr" || strings.HasPrefix(path, "/dev/fd/") || strings.HasPrefix(path, "/proc/self/fd/")
}

// writeInPlace opens an existing path and writes to it.
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

// openInPlace opens an existing path for writing. For a pipe it waits until there is a reader or the context ends. Once the context ends,
// writes to the pipe soon time out.
func openInPlace(ctx context.Context, path string) (*os.File, error) {
	for {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|syscall.O_NONBLOCK, 0)
		switch {
		case err == nil:
			context.AfterFunc(ctx, func() { _ = f.SetWriteDeadline(time.Now().Add(patience / 4)) }) // only pipes have deadlines
			return f, nil
		case !errors.Is(err, syscall.ENXIO): // ENXIO: the pipe has no reader yet
			return nil, err
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		}
		time.Sleep(patience / 20)
	}
}

// replaceFile writes a temporary file, which takes the name once it is complete. It keeps the mode of an old file.
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

// save writes a file and says so on the standard error. It does nothing for an empty path.
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
