package lab

import (
	"net"
	"net/http"
	"os"
	"testing"
	"time"
)

// ear is the connection of a client.
type ear struct {
	net.Conn
	heard  []string
	deaf   bool // reads nothing
	busy   int  // deadlines that pass before the system is asked
	closed bool
}

func (e *ear) Write(p []byte) (int, error) {
	if e.deaf || e.closed {
		return 0, os.ErrDeadlineExceeded
	}
	if e.busy > 0 {
		e.busy--
		return 0, os.ErrDeadlineExceeded
	}
	e.heard = append(e.heard, string(p))
	return len(p), nil
}

func (e *ear) SetWriteDeadline(time.Time) error { return nil }

func (e *ear) Close() error {
	e.closed = true
	return nil
}

// TestAudience: all clients are told of a change, a limited number in each turn, and those first that have waited longest. A client that
// does not read is dropped. A client that knows the newest state gets a message after a long silence.
func TestAudience(t *testing.T) {
	a := &audience{most: 50}
	var ears []*ear
	now := time.Now()
	for i := range 50 {
		e := &ear{deaf: i == 7, busy: i % tries}
		ears = append(ears, e)
		if !a.enter() {
			t.Fatal("there is room")
		}
		a.say(&listener{conn: e}, "", 0, now)
	}
	if a.enter() != true || a.enter() { // the place of the client that does not read
		t.Fatalf("%d are there", a.size)
	}
	a.leave()
	heard := func(want int) {
		t.Helper()
		n := 0
		for i, e := range ears {
			n += len(e.heard) - 1
			if i > 0 && !ears[i-1].closed && len(e.heard) > len(ears[i-1].heard) {
				t.Errorf("client %d is told before the one that has waited longer", i)
			}
		}
		if n += 1; n != want { // the client that does not read has none
			t.Errorf("told %d times, want %d", n, want)
		}
	}
	const each = mostTold * int(turn) / int(time.Second)
	a.tell(now)
	heard(0) // nothing is new
	a.version.Store(1)
	a.tell(now)
	heard(0) // all have just been told
	now = now.Add(often)
	a.tell(now)
	heard(each)
	for range 49 / each {
		a.tell(now)
	}
	heard(49)
	a.tell(now)
	heard(49)
	ears[0].deaf, ears[1].closed = true, true
	now = now.Add(silence)
	for range 49/each + 1 {
		a.tell(now)
	}
	if heard(49 + 47); a.size != 47 || !ears[0].closed {
		t.Errorf("%d are there", a.size)
	}
	a.close()
	for i, e := range ears {
		if !e.closed {
			t.Errorf("client %d is still there", i)
		}
	}
}

// TestCrowd: connections above the limit wait until others have gone.
func TestCrowd(t *testing.T) {
	state := limit()
	for range mostConnections {
		state(nil, http.StateNew)
	}
	in := make(chan struct{})
	go func() {
		state(nil, http.StateNew)
		close(in)
	}()
	select {
	case <-in:
		t.Fatal("one too many is let in")
	case <-time.After(20 * time.Millisecond):
	}
	state(nil, http.StateHijacked)
	<-in
}
