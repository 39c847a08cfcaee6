// Package openmp calls libraries that compute with OpenMP in their fastest way: from one operating system thread, to which OpenMP ties
// both the number of threads and the threads themselves.
package openmp

// #cgo LDFLAGS: -lgomp
// void omp_set_num_threads(int);
import "C"

import (
	"runtime"
	"time"
)

// Rest is the longest time that threads spin after their work. Whatever runs meanwhile would share the processor with them.
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

// Do calls f on the thread that is meant for it, with the given number of OpenMP threads.
func Do(threads int, f func()) {
	calls <- func() {
		C.omp_set_num_threads(C.int(threads))
		f()
	}
	<-returns
}
