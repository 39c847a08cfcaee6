// Package mapped reads files through memory maps, which do not count as memory of the program.
package mapped

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
)

// Read calls f with the bytes of a file and returns its error. The bytes are unmapped afterwards. If the system cannot map the file, Read
// reads it. Read fails on an error of the system, if the file is not regular, or if the file was truncated meanwhile.
// Other goroutines that f starts must read the bytes under Guard.
func Read(path string, f func(data []byte) error) (err error) {
	info, err := os.Stat(path) // before the file is opened, because opening a pipe blocks
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no regular file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if info.Size() == 0 { // no system maps an empty file
		return f(nil)
	}
	data := File(file, info.Size())
	if data == nil {
		if data, err = os.ReadFile(path); err != nil {
			return err
		}
		return f(data)
	}
	files.Store(&data[0], data)
	defer func() {
		files.Delete(&data[0])
		err = errors.Join(err, Unmap(data))
	}()
	return Guard(path, func() error { return f(data) })
}

// files holds the bytes of the files that Read has mapped, by the address of the first one.
var files sync.Map

// Guard calls f, which reads a mapped file on the goroutine of the caller, and returns its error. It fails if the file was truncated meanwhile.
func Guard(path string, f func() error) (err error) {
	// If the file is truncated while it is mapped, pages are missing. The page fault becomes a panic.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if fault := recover(); fault != nil {
			if _, ok := fault.(interface{ Addr() uintptr }); !ok {
				panic(fault)
			}
			err = fmt.Errorf("%s was cut or became unreadable while it was read", path)
		}
	}()
	return f()
}
