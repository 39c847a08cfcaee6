package lab

import (
	"container/list"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// audience is the clients that wait for changes. One goroutine tells all of them, so that a client costs a connection and nothing else. It tells
// so many in a second at most, so that even ten thousand cost what trains on the machine less than a hundredth of its time.
type audience struct {
	version atomic.Int64 // of what they watch
	most    int

	mutex   sync.Mutex
	size    int
	waiting list.List // of *listener, in the order in which they were told; all but those that are being told
}

// listener is a client.
type listener struct {
	conn    net.Conn
	told    time.Time
	version int64
}

const (
	mostWatchers = 1 << 14
	mostTold     = 200 // in a second
	turn         = 50 * time.Millisecond
	silence      = 15 * time.Second // after which a client is told that nothing has changed, and whether it has gone shows
	stalled      = time.Millisecond // for which a client is waited for that does not read what it has been told
	unread       = 1 << 12          // bytes that the system keeps for it, at least
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

// any reports whether somebody waits.
func (a *audience) any() bool {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return a.size > 0
}

// join takes the connection of a request over, tells the version, and answers with those to come, as server-sent events. Too many clients are sent
// away.
func (a *audience) join(w http.ResponseWriter, _ *http.Request) {
	if !a.enter() {
		w.Header().Set("Retry-After", "10")
		w.Header().Set("Connection", "close")
		http.Error(w, "too many clients wait for changes", http.StatusServiceUnavailable)
		return
	}
	header := w.Header().Clone()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Connection", "close") // and so the answer needs no length
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		a.leave()
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(unread) // without which it is larger
	}
	var head strings.Builder
	head.WriteString("HTTP/1.1 200 OK\r\n")
	_ = header.Write(&head) // which takes all
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

// say tells a client a version, behind a text, and lets it wait for the next one. A client that does not take it is sent away.
func (a *audience) say(l *listener, before string, version int64, now time.Time) {
	l.told, l.version = now, version
	_ = l.conn.SetWriteDeadline(time.Now().Add(stalled))
	if _, err := fmt.Fprintf(l.conn, "%sdata: %d\n\n", before, version); err != nil {
		l.conn.Close()
		a.leave()
		return
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.waiting.PushBack(l)
}

// tell tells those that have waited longest, as many as there are in a turn, what they do not know.
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

// next takes out the client that has waited longest, if it is to be told something.
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

// close sends all away.
func (a *audience) close() {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	for e := a.waiting.Front(); e != nil; e = e.Next() {
		e.Value.(*listener).conn.Close()
	}
	a.waiting.Init()
}
