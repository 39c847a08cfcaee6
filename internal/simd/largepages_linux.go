package simd

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// largePage is the usual size of a large page, on amd64 and arm64.
const largePage = 2 << 20

// LargePages asks the system to move v, as far as it covers whole large pages, to such pages now. Its content and its address
// stay. With small pages, each access to a random row costs a walk through the page tables, which Prefetch cannot hide. It
// works on Linux 6.1 or later unless transparent large pages are off; elsewhere it does nothing.
func LargePages[E any](v []E) {
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(*new(E))))
	at := uintptr(unsafe.Pointer(unsafe.SliceData(v)))
	skip := int(-at % largePage)
	if whole := (len(bytes) - skip) / largePage * largePage; whole > 0 {
		_ = unix.Madvise(bytes[skip:skip+whole], unix.MADV_COLLAPSE) // a failure leaves v as it was
	}
}
