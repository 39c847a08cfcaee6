package mapped

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for _, want := range []string{"", "some bytes", strings.Repeat("x", 1<<16+1)} {
		if err := os.WriteFile(path, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
		var got string
		if err := Read(path, func(data []byte) error { got = string(data); return nil }); err != nil || got != want {
			t.Errorf("read %d bytes of %d: %v", len(got), len(want), err)
		}
	}
	mine := errors.New("mine")
	if err := Read(path, func([]byte) error { return mine }); !errors.Is(err, mine) {
		t.Errorf("the error is %v", err)
	}
	if err := Read(filepath.Dir(path), nil); err == nil || !strings.Contains(err.Error(), "is no regular file") {
		t.Errorf("a folder: %v", err)
	}
	if err := Read(path+"?", nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// TestCut: a file that is truncated while it is read gives an error, not a crash.
func TestCut(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("what a map of a file that was cut does is the system's")
	}
	if testing.Short() {
		t.Skip("an emulator of arm64 does not say where the fault was")
	}
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, make([]byte, 1<<20), 0o666); err != nil {
		t.Fatal(err)
	}
	sum := 0
	err := Read(path, func(data []byte) error {
		if err := os.Truncate(path, 1); err != nil {
			t.Fatal(err)
		}
		for _, b := range data {
			sum += int(b)
		}
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "was cut or became unreadable") {
		t.Errorf("the error is %v", err)
	}
}

// TestAdvice: advice for any part of a map, or of other memory, changes none of it.
func TestAdvice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	want := strings.Repeat("0123456789", 1<<14)
	if err := os.WriteFile(path, []byte(want), 0o666); err != nil {
		t.Fatal(err)
	}
	heap := []byte(want)
	check := func(data []byte) error {
		Scattered(data)
		for _, at := range [][2]int{{0, len(data)}, {1, 2}, {4095, 4097}, {5000, 9000}, {len(data) - 1, len(data)}, {7, 7}} {
			WillNeed(data[at[0]:at[1]])
		}
		if string(data) != want {
			t.Error("the bytes have changed")
		}
		return nil
	}
	if err := Read(path, func(file []byte) error { return errors.Join(check(file), check(heap)) }); err != nil {
		t.Fatal(err)
	}
}
