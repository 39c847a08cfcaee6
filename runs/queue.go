package runs

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

// mostWaiting bounds the bytes of entries that wait for free space on the disk.
const mostWaiting = 64 << 20

// retry is the time between attempts to write waiting entries.
const retry = time.Second

// queue writes entries, such as lines, to a file in order. Entries that cannot be written wait in memory and are tried again.
type queue struct {
	file io.Writer

	mutex   sync.Mutex
	waiting [][]byte
	written int // bytes of the first waiting entry that are written
	size    int // bytes of all waiting entries
	lost    int // number of entries lost because the memory was full
	failed  error
	timer   *time.Timer // for the next attempt; nil if there is none
}

// add adds an entry, which then belongs to the queue.
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

// write writes waiting entries until one fails.
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

// again schedules the next attempt.
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

// take removes and returns all waiting entries.
func (q *queue) take() [][]byte {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	waiting := q.waiting
	q.waiting, q.written, q.size = nil, 0, 0
	return waiting
}

// flush waits until the file has all entries, or the context is done. It calls waits, if it is not nil, with the error before each new try. Its
// error says what is lost.
func (q *queue) flush(ctx context.Context, waits func(error)) error {
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
		if waits != nil && ctx.Err() == nil {
			waits(failed)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d entries could not be written: %w", left+lost, failed)
		case <-time.After(retry / 10):
		}
	}
}
