package data

import (
	"io"
	"os"
)

// Stage is how far a pass over data is.
type Stage struct {
	What string // that is done, such as reading rows.csv
	// Done and Total are in bytes of the files, packed as they are. Total is 0 where it is not known.
	Done, Total int64
}

// add takes more bytes in, and tells.
func (s *Stage) add(n int, tell func(Stage)) {
	s.Done += int64(n)
	if tell != nil {
		tell(*s)
	}
}

// watch returns a reader that tells Progress how much has been read.
func (o Options) watch(r io.Reader, stage *Stage) io.Reader {
	if o.Progress == nil {
		return r
	}
	return &watched{r, stage, o.Progress}
}

// watched tells how much of a source has been read.
type watched struct {
	io.Reader
	stage *Stage
	tell  func(Stage)
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	w.stage.add(n, w.tell)
	return n, err
}

// sizeOf returns the size of a regular file, and 0 for other readers.
func sizeOf(r io.Reader) int64 {
	file, ok := r.(*os.File)
	if !ok {
		return 0
	}
	stat, err := file.Stat()
	if err != nil || !stat.Mode().IsRegular() {
		return 0
	}
	return stat.Size()
}
