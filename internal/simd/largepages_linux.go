package simd

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// largePage is the usual size of a large page, on amd64 and arm64.
const largePage = 2 << 20

// LargePages asks the system to move v to large pages, now, as far as it lies on whole ones; its content stays, and so does
// its address. Rows at random places of many small pages cost a walk through the page tables each, which Prefetch cannot
// hide. Where the system cannot, nothing happens: it is Linux since 6.1 that can, unless transparent large pages are off.
func LargePages[E any](v []E) {
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(*new(E))))
	at := uintptr(unsafe.Pointer(unsafe.SliceData(v)))
	skip := int(-at % largePage)
	if whole := (len(bytes) - skip) / largePage * largePage; whole > 0 {
		_ = unix.Madvise(bytes[skip:skip+whole], unix.MADV_COLLAPSE) // a failure leaves v as it was
	}
}
