package mapped

import (
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// WillNeed asks the system to read a part of a mapped file ahead, in long pieces. It has no effect on other memory.
func WillNeed[T any](part []T) { advise(part, unix.MADV_WILLNEED) }

// Scattered tells the system that a mapped file is accessed in random order, so that it does not read ahead.
func Scattered[T any](all []T) { advise(all, unix.MADV_RANDOM) }

// advise gives an advice for the pages of a slice. It may share its first and last page with other data. A system without this advice
// ignores it.
func advise[T any](part []T, advice uintptr) {
	if len(part) == 0 {
		return
	}
	first := uintptr(unsafe.Pointer(unsafe.SliceData(part)))
	before := first % uintptr(os.Getpagesize())
	unix.Syscall(unix.SYS_MADVISE, first-before, before+uintptr(len(part))*unsafe.Sizeof(part[0]), advice)
	runtime.KeepAlive(part)
}
