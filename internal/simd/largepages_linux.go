package simd

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// largePage is the usual size of a large page, on amd64 and arm64.
const largePage = 2 << 20

// LargePages asks the system for large pages, as far as v covers whole ones, and returns v. Parts that are in use move to large pages now, on
// Linux 6.1 or later, and others get them at their first use. The content and the address of v stay. With small pages, each access to a random
// row costs a walk through the page tables, which Prefetch cannot hide, and on a virtual machine even reading in order may be half as fast. If
// transparent large pages are off, and on other systems, nothing happens.
func LargePages[E any](v []E) []E {
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(*new(E))))
	at := uintptr(unsafe.Pointer(unsafe.SliceData(v)))
	skip := int(-at % largePage)
	if whole := (len(bytes) - skip) / largePage * largePage; whole > 0 {
		_ = unix.Madvise(bytes[skip:skip+whole], unix.MADV_HUGEPAGE) // failures leave v as it was
		_ = unix.Madvise(bytes[skip:skip+whole], unix.MADV_COLLAPSE)
	}
	return v
}
