package checkpoint

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// smallDiskEnv tells the test binary that it may mount a disk, because it is alone in its name space.
const smallDiskEnv = "CHECKPOINT_TEST_MOUNT"

// TestSmallDisk runs itself again in a name space of its own, where anybody may mount a disk.
func TestSmallDisk(t *testing.T) {
	if os.Getenv(smallDiskEnv) != "" {
		path := t.TempDir()
		if err := syscall.Mount("small", path, "tmpfs", 0, "size=1m"); err != nil {
			t.Skip("no disk can be mounted:", err)
		}
		defer func() { _ = syscall.Unmount(path, 0) }()
		fillDisk(t, path)
		readOnlyDisk(t, path)
		return
	}
	again := exec.Command(os.Args[0], "-test.run=^TestSmallDisk$", "-test.v")
	again.Env = append(os.Environ(), smallDiskEnv+"=1")
	again.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := again.CombinedOutput()
	var ended *exec.ExitError
	switch {
	case errors.As(err, &ended):
		t.Errorf("%s", out)
	case err != nil:
		t.Skip("no name space can be made:", err)
	case bytes.Contains(out, []byte("--- SKIP")):
		t.Skipf("%s", out)
	}
}

// large returns a snapshot of about 300 kB, of which three fit on the disk.
func large(step int) Snapshot {
	return Snapshot{Step: step, Tensors: map[string]Tensor{"x": {[]int{300, 250}, make([]float32, 75_000)}}}
}

// optimist is a disk that reports more free space than it has, like a disk that other programs fill meanwhile.
type optimist struct{ disk }

func (optimist) free(string) (uint64, error) { return math.MaxUint64, nil }

func fillDisk(t *testing.T, path string) {
	for _, sys := range []files{disk{}, optimist{}} {
		path := filepath.Join(path, fmt.Sprintf("%T", sys))
		if err := makeFolder(sys, path); err != nil {
			t.Fatal(err)
		}
		f, err := open(sys, path, 10)
		if err != nil {
			t.Fatal(err)
		}
		step := 0
		for ; err == nil && step < 5; step++ {
			err = f.Save(large(step))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("%T: step %d on a full disk gives %v", sys, step-1, err)
		}
		t.Log(err)
		if s, skipped, err := Load(path); err != nil || len(skipped) > 0 || s.Step != step-2 {
			t.Errorf("%T: %v, %v, %v is loaded from the full disk", sys, s, skipped, err)
		}
		if err := os.RemoveAll(filepath.Join(path, "000001-step-0")); err != nil {
			t.Fatal(err)
		}
		if err := f.Save(large(step)); err != nil {
			t.Errorf("%T: there is room again: %v", sys, err)
		}
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
	}
}

func readOnlyDisk(t *testing.T, path string) {
	path = filepath.Join(path, "run")
	f, err := Open(path, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Save(large(1)); err != nil {
		t.Fatal(err)
	}
	_ = f.Close()
	const flags = syscall.MS_REMOUNT | syscall.MS_RDONLY
	if err := syscall.Mount("", filepath.Dir(path), "", flags, ""); err != nil {
		t.Skip("the disk cannot be made read-only:", err)
	}
	f.closed = false // it is closed only because an open lock would keep the disk from becoming read-only
	err = f.Save(large(2))
	t.Log(err)
	if !errors.Is(err, syscall.EROFS) {
		t.Errorf("a save on a read-only disk gives %v", err)
	}
	if _, err := Open(path, 1); !errors.Is(err, syscall.EROFS) {
		t.Errorf("Open on a read-only disk gives %v", err)
	}
	if s, _, err := Load(path); err != nil || !same(*s, large(1)) {
		t.Errorf("%v, %v is loaded from a read-only disk", s, err)
	}
}

// A pipe in place of a file is refused without waiting for its data.
func TestPipe(t *testing.T) {
	path := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(path, manifestName), 0o666); err != nil {
		t.Skip(err)
	}
	if _, err := Read(path); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a pipe is read: %v", err)
	}
}
