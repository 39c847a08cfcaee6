package simd

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// largePage is the usual size of a large page, on amd64 and arm64.
const largePage = 2 << 20

// LargePages asks the system for large pages for v, as far as v covers whole ones, and returns v, which has just been made: parts get a large page
// when they are first written to. With small pages, each access to a random row costs a walk through the page tables, which Prefetch cannot
// hide, and on a virtual machine even reading in order may be half as fast. Go does not ask for large pages. The request stays with the
// addresses when the garbage collector frees v. If the system does not grant large pages, nothing happens.
func LargePages[E any](v []E) []E {
	if bytes := wholePages(v); len(bytes) > 0 {
		_ = unix.Madvise(bytes, unix.MADV_HUGEPAGE) // a failure leaves v as it was
	}
	return v
}

// MoveToLargePages moves v, which has been written to, to large pages now, as far as it covers whole ones. Its content and its address stay. That
// takes the time of a copy. It works on Linux 6.1 or later, even if the system grants no large pages to others.
func MoveToLargePages[E any](v []E) {
	if bytes := wholePages(v); len(bytes) > 0 {
		_ = unix.Madvise(bytes, unix.MADV_COLLAPSE) // a failure leaves v as it was
	}
}

// wholePages returns the memory of the large pages that v covers.
func wholePages[E any](v []E) []byte {
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(*new(E))))
	skip := int(-uintptr(unsafe.Pointer(unsafe.SliceData(v))) % largePage)
	if len(bytes) < skip+largePage {
		return nil
	}
	return bytes[skip : skip+(len(bytes)-skip)/largePage*largePage]
}
