package mapped

import (
	"os"
	"runtime"
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

// WillNeed asks the system to read a part of a mapped file ahead, in long pieces, before its elements are used one by one. Of other memory it
// changes nothing.
func WillNeed[T any](part []T) { advise(part, unix.MADV_WILLNEED) }

// Scattered tells the system that the elements of a mapped file are used in no order: it then reads what is used, and nothing around it.
func Scattered[T any](all []T) { advise(all, unix.MADV_RANDOM) }

// advise gives an advice for the pages of a slice, the first and the last of which it may share. The system may have no such advice, and
// reads what is used all the same.
func advise[T any](part []T, advice uintptr) {
	if len(part) == 0 {
		return
	}
	first := uintptr(unsafe.Pointer(unsafe.SliceData(part)))
	before := first % uintptr(os.Getpagesize())
	unix.Syscall(unix.SYS_MADVISE, first-before, before+uintptr(len(part))*unsafe.Sizeof(part[0]), advice)
	runtime.KeepAlive(part)
}
