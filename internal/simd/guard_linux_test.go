package simd

import (
	"os"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// guarded returns a vector of n elements between two forbidden pages. If atEnd is set, it ends where the second page begins;
// otherwise it begins where the first page ends. A read or write past that end crashes.
func guarded[E any](t *testing.T, n int, atEnd bool) []E {
	t.Helper()
	page, bytes := os.Getpagesize(), n*int(unsafe.Sizeof(*new(E)))
	inner := (bytes + page - 1) / page * page
	memory, err := unix.Mmap(-1, 0, inner+2*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Munmap(memory); err != nil {
			t.Error(err)
		}
	})
	for _, guard := range [][]byte{memory[:page], memory[page+inner:]} {
		if err := unix.Mprotect(guard, unix.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	from := page
	if atEnd {
		from += inner - bytes
	}
	return unsafe.Slice((*E)(unsafe.Pointer(&memory[from])), n)
}
