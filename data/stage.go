package data

import (
	"io"
	"os"
)

// Stage is the state of a pass over data.
type Stage struct {
	What string // the pass, such as "reading rows.csv"
	// Done and Total count bytes of the files, compressed bytes if they are compressed. Total is 0 if it is unknown.
	Done, Total int64
}

// add adds bytes and reports the stage; a nil tell reports nothing.
func (s *Stage) add(n int, tell func(Stage)) {
	s.Done += int64(n)
	if tell != nil {
		tell(*s)
	}
}

// watch returns a reader that reports to Progress.
func (o Options) watch(r io.Reader, stage *Stage) io.Reader {
	if o.Progress == nil {
		return r
	}
	return &watched{r, stage, o.Progress}
}

// watched reports the bytes that are read.
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

// sizeOf returns the size of a regular file, or 0 for other readers.
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
