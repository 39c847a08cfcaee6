package mapped

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// LargePages asks that memory which is not used yet comes in large pages, of which the system makes 2 MiB in the time that twenty of 4 KiB take.
func LargePages(memory []byte) {
	size := os.Getpagesize()
	before := int(-uintptr(unsafe.Pointer(unsafe.SliceData(memory))) % uintptr(size))
	if n := len(memory) - before; n >= size {
		unix.Madvise(memory[before:before+n/size*size], unix.MADV_HUGEPAGE) // where there are none, small ones do
	}
}
