// Package mapped reads files through maps into memory, which take none of the program's.
package mapped

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
)

// Read calls f with the bytes of a file, which are not there any more afterwards, and returns its error. Where the system does not map
// files, they are read. An error is one of the operating system, of a file that is not regular, or of one that was cut meanwhile.
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
	if info.Size() == 0 { // which no system maps
		return f(nil)
	}
	data := File(file, info.Size())
	if data == nil {
		if data, err = os.ReadFile(path); err != nil {
			return err
		}
		return f(data)
	}
	defer func() { err = errors.Join(err, Unmap(data)) }()
	// A file that is cut while it is mapped has no pages there: the fault becomes a panic.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if fault := recover(); fault != nil {
			if _, ok := fault.(interface{ Addr() uintptr }); !ok {
				panic(fault)
			}
			err = fmt.Errorf("%s was cut or became unreadable while it was read", path)
		}
	}()
	return f(data)
}
