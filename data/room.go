package data

import (
	"fmt"
	"runtime/debug"

	"steepest/internal/memory"
)

// available tells how much memory there is, and fewBytes are taken without asking.
var (
	available = memory.Available
	fewBytes  = 64.0 * (1 << 20)
)

// room returns an error if something takes more bytes than there are.
func room(file, what string, bytes float64) error {
	if bytes <= fewBytes || bytes <= available() {
		return nil
	}
	debug.FreeOSMemory() // what is garbage counts as there
	free := available()
	if bytes <= free {
		return nil
	}
	return &ParseError{File: file, What: fmt.Sprintf("%s take %s of memory, and %s are there", what, memory.Text(bytes), memory.Text(free)),
		Fix: "read a part of the file, or leave out columns of a CSV by Drop"}
}
