package data

import (
	"fmt"
	"runtime/debug"

	"steepest/internal/memory"
)

// available returns the free memory. Up to fewBytes are used without a check.
var (
	available = memory.Available
	fewBytes  = 64.0 * (1 << 20)
)

// room returns an error if something takes more bytes than are free.
func room(file, what string, bytes float64) error { return roomBeside(file, what, bytes, 0) }

// roomBeside is room for something that already has some of the bytes.
func roomBeside(file, what string, bytes, has float64) error {
	if bytes <= fewBytes || bytes <= has+available() {
		return nil
	}
	debug.FreeOSMemory() // count garbage as free
	free := has + available()
	if bytes <= free {
		return nil
	}
	return &ParseError{File: file, What: fmt.Sprintf("%s take %s of memory, and %s are there", what, memory.Text(bytes), memory.Text(free)),
		Fix: "read a part of the file, or leave out columns of a table by Drop"}
}

// growth checks the memory of growing arrays.
type growth struct{ granted float64 }

// room returns an error if there is no memory to grow by an eighth. Bytes is the memory of the rows so far.
func (g *growth) room(file, what string, rows, bytes int) error {
	has := float64(bytes)
	if has <= g.granted {
		return nil
	}
	g.granted = 1.125 * has
	return roomBeside(file, fmt.Sprintf("the %s of the first %d rows", what, rows), g.granted, has)
}
