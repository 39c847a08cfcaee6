package lab

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// audience holds the clients that wait for changes. One goroutine notifies all of them, so a client costs only a connection. The number of
// notifications per second is limited, so that even ten thousand clients slow a training run on the same machine by less than 1 %.
type audience struct {
	version atomic.Int64 // of the runs
	most    int

	mutex   sync.Mutex
	size    int
	waiting list.List // of *listener, the longest wait first; without the client being notified
}

// listener is a client.
type listener struct {
	conn    net.Conn
	told    time.Time
	version int64
}

const (
	mostWatchers = 1 << 14
	mostTold     = 200 // notifications per second
	turn         = 50 * time.Millisecond
	silence      = 15 * time.Second // then a client is sent the old version again, which shows whether it is gone
	stalled      = time.Millisecond // time limit for a write to a client that does not read
	tries        = 3                // writes that may time out before the client counts as stalled
	unread       = 1 << 12          // bytes of the send buffer of a client
)

func newAudience(ctx context.Context) *audience {
	a := &audience{most: mostWatchers}
	go func() {
		for {
			pause := turn
			if !a.any() {
				pause = often
			}
			select {
			case <-ctx.Done():
				a.close()
				return
			case <-time.After(pause):
				a.tell(time.Now())
			}
		}
	}()
	return a
}

// any reports whether there are clients.
func (a *audience) any() bool {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return a.size > 0
}

// join takes over the connection of a request. It sends the version now, and each later version, as server-sent events. If there are too
// many clients it refuses.
func (a *audience) join(w http.ResponseWriter, _ *http.Request) {
	if !a.enter() {
		w.Header().Set("Retry-After", "10")
		w.Header().Set("Connection", "close")
		http.Error(w, "too many clients wait for changes", http.StatusServiceUnavailable)
		return
	}
	header := w.Header().Clone()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Connection", "close") // so the answer needs no length
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		a.leave()
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(unread) // the default is larger
	}
	var head strings.Builder
	head.WriteString("HTTP/1.1 200 OK\r\n")
	_ = header.Write(&head) // a strings.Builder returns no error
	head.WriteString("\r\n")
	a.say(&listener{conn: conn}, head.String(), a.version.Load(), time.Now())
}

// enter counts a client, unless there are too many.
func (a *audience) enter() bool {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.size >= a.most {
		return false
	}
	a.size++
	return true
}

func (a *audience) leave() {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.size--
}

// say sends a client a text and a version, and lets it wait for the next version. If the write fails it closes the connection.
func (a *audience) say(l *listener, before string, version int64, now time.Time) {
	l.told, l.version = now, version
	if !l.takes(fmt.Sprintf("%sdata: %d\n\n", before, version)) {
		l.conn.Close()
		a.leave()
		return
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.waiting.PushBack(l)
}

// takes writes a text to a client, and reports whether the client took it. On a busy machine the deadline may pass before the write begins, so
// a write that times out is tried again.
func (l *listener) takes(text string) bool {
	for range tries {
		_ = l.conn.SetWriteDeadline(time.Now().Add(stalled))
		n, err := io.WriteString(l.conn, text)
		if err == nil || n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			return err == nil
		}
	}
	return false
}

// tell notifies the clients that have waited longest, as many as one turn allows.
func (a *audience) tell(now time.Time) {
	version := a.version.Load()
	for range mostTold * int(turn) / int(time.Second) {
		l := a.next(version, now)
		if l == nil {
			return
		}
		a.say(l, "", version, now)
	}
}

// next removes and returns the client that has waited longest, or nil if a notification is not yet due.
func (a *audience) next(version int64, now time.Time) *listener {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	first := a.waiting.Front()
	if first == nil {
		return nil
	}
	l := first.Value.(*listener)
	if waited := now.Sub(l.told); waited < often || l.version == version && waited < silence {
		return nil
	}
	a.waiting.Remove(first)
	return l
}

// close closes all connections.
func (a *audience) close() {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	for e := a.waiting.Front(); e != nil; e = e.Next() {
		e.Value.(*listener).conn.Close()
	}
	a.waiting.Init()
}
