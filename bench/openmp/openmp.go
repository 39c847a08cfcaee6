// Package openmp calls libraries that compute with OpenMP in the way they are fastest: from one operating system thread,
// to which OpenMP ties both the number of threads and the threads themselves.
package openmp

// #cgo LDFLAGS: -lgomp
// void omp_set_num_threads(int);
import "C"

import (
	"runtime"
	"time"
)

// Rest is how long threads spin on after their work, at the most; what runs meanwhile would share the processor with them.
const Rest = 40 * time.Millisecond

var calls, returns = make(chan func()), make(chan struct{})

func init() {
	go func() {
		runtime.LockOSThread()
		for f := range calls {
			f()
			returns <- struct{}{}
		}
	}()
}

// Do calls f on the thread that is meant for it, with so many OpenMP threads.
func Do(threads int, f func()) {
	calls <- func() {
		C.omp_set_num_threads(C.int(threads))
		f()
	}
	<-returns
}
