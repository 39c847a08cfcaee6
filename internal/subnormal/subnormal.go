// Package subnormal makes the processor take subnormal numbers, those nearer to 0 than the smallest normal number (10⁻³⁸ in float32), for 0.
//
// Arithmetic with subnormal numbers is up to a hundred times slower than with others. A trained network is full of them: the softmax of
// attention gives most tokens a probability near 0, which the backward pass multiplies by small numbers. Without this package a step of GPT-2
// in float32 came to take three times as long after a few dozen steps.
package subnormal

import "runtime"

// Mode holds the settings of a thread's floating-point unit.
type Mode uint32

// Flush makes the caller compute with zeros in place of subnormal numbers, operands and results alike, until it calls Restore of the Mode that
// Flush returns:
//
//	defer subnormal.Flush().Restore()
//
// In between the goroutine is locked to its thread. The pieces of a parallel.For have the Mode of its caller; goroutines that the caller starts
// otherwise do not. Flush changes nothing in portable builds and on other processors than amd64.
func Flush() (before Mode) { return (Current() | flush).Enter() }

// Enter makes the caller compute in the Mode m, until it calls Restore of the Mode that Enter returns.
func (m Mode) Enter() (before Mode) {
	if flush == 0 { // there is one Mode
		return m
	}
	runtime.LockOSThread()
	before = Current()
	set(m)
	return before
}

// Restore ends Flush or Enter.
func (m Mode) Restore() {
	if flush == 0 {
		return
	}
	set(m)
	runtime.UnlockOSThread()
}
