package runs

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

// mostWaiting bounds the bytes of the lines that wait for room on the disk.
const mostWaiting = 64 << 20

// retry is the time between attempts to write lines that wait.
const retry = time.Second

// lines is a file that gets a line at a time. Lines that it does not take wait in memory and are tried again, in their order.
type lines struct {
	file io.Writer

	mutex   sync.Mutex
	waiting []byte
	lost    int // lines beyond the memory
	failed  error
	timer   *time.Timer // of the next attempt; nil for none
}

// add takes a line that ends in \n.
func (l *lines) add(line []byte) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if len(l.waiting)+len(line) > mostWaiting {
		l.lost++
		return
	}
	l.waiting = append(l.waiting, line...)
	l.write()
}

// write writes what waits, as far as the file takes it.
func (l *lines) write() {
	n, err := l.file.Write(l.waiting)
	if err == nil {
		l.waiting, l.failed = l.waiting[:0], nil
		return
	}
	l.waiting, l.failed = l.waiting[max(0, n):], err
	if l.timer == nil {
		l.timer = time.AfterFunc(retry, func() {
			l.mutex.Lock()
			defer l.mutex.Unlock()
			l.timer = nil
			if len(l.waiting) > 0 {
				l.write()
			}
		})
	}
}

// flush waits until the file has all lines, or the context is over. It says what is lost.
func (l *lines) flush(ctx context.Context) error {
	for {
		l.mutex.Lock()
		if len(l.waiting) > 0 {
			l.write()
		}
		left, lost, failed := bytes.Count(l.waiting, []byte("\n")), l.lost, l.failed
		l.mutex.Unlock()
		switch {
		case left == 0 && lost == 0:
			return nil
		case left == 0:
			return fmt.Errorf("%d lines were lost, since the disk was full for too long", lost)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d lines could not be written: %w", left+lost, failed)
		case <-time.After(retry / 10):
		}
	}
}
