// Package mapped reads files through memory maps, which do not count as memory of the program.
package mapped

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
)

// Read calls f with the bytes of a file and returns its error. The bytes are unmapped afterwards. If the system cannot map the file, Read
// reads it. Read fails on an error of the system, if the file is not regular, or if the file was truncated meanwhile.
// Other goroutines that f starts must read the bytes under Guard.
func Read(path string, f func(data []byte) error) (err error) {
	file, size, err := Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if size == 0 { // no system maps an empty file
		return f(nil)
	}
	data := File(file, size)
	if data == nil {
		if data, err = os.ReadFile(path); err != nil {
			return err
		}
		return f(data)
	}
	defer func() { err = errors.Join(err, Unmap(data)) }()
	return Guard(path, func() error { return f(data) })
}

// Open opens a regular file and returns its size.
func Open(path string) (file *os.File, size int64, err error) {
	info, err := os.Stat(path) // before the file is opened, because opening a pipe blocks
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("%s is no regular file", path)
	}
	file, err = os.Open(path)
	return file, info.Size(), err
}

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
