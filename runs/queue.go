package runs

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

// mostWaiting bounds the bytes of the entries that wait for room on the disk.
const mostWaiting = 64 << 20

// retry is the time between attempts to write entries that wait.
const retry = time.Second

// queue gives a file one entry after another, such as a line. Entries that the file does not take wait in memory and are tried again, in
// their order.
type queue struct {
	file io.Writer

	mutex   sync.Mutex
	waiting [][]byte
	written int // bytes of the first that waits
	size    int // bytes of all that wait
	lost    int // entries beyond the memory
	failed  error
	timer   *time.Timer // of the next attempt; nil for none
}

// add takes an entry, which is the queue's from now on.
func (q *queue) add(entry []byte) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if q.size+len(entry) > mostWaiting {
		q.lost++
		return
	}
	q.waiting, q.size = append(q.waiting, entry), q.size+len(entry)
	q.write()
}

// write writes what waits, as far as the file takes it.
func (q *queue) write() {
	for len(q.waiting) > 0 {
		n, err := q.file.Write(q.waiting[0][q.written:])
		if q.written += max(0, n); err != nil {
			q.failed = err
			q.again()
			return
		}
		q.size -= len(q.waiting[0])
		q.waiting, q.written = q.waiting[1:], 0
	}
	q.failed = nil
}

// again lets what waits be tried again in a while.
func (q *queue) again() {
	if q.timer != nil {
		return
	}
	q.timer = time.AfterFunc(retry, func() {
		q.mutex.Lock()
		defer q.mutex.Unlock()
		q.timer = nil
		q.write()
	})
}

// take takes all entries out that wait.
func (q *queue) take() [][]byte {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	waiting := q.waiting
	q.waiting, q.written, q.size = nil, 0, 0
	return waiting
}

// flush waits until the file has all entries, or the context is over. It says what is lost.
func (q *queue) flush(ctx context.Context) error {
	for {
		q.mutex.Lock()
		q.write()
		left, lost, failed := len(q.waiting), q.lost, q.failed
		q.mutex.Unlock()
		switch {
		case left == 0 && lost == 0:
			return nil
		case left == 0:
			return fmt.Errorf("%d entries were lost, since the disk was full for too long", lost)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d entries could not be written: %w", left+lost, failed)
		case <-time.After(retry / 10):
		}
	}
}
