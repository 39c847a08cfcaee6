//go:build linux || darwin

// Package mpi makes a dist.Group of an MPI library, which it finds when it runs and without cgo: libmpi_abi.so.1, the binary interface that
// the standard has since MPI 5.0 (MPICH 5, Intel MPI), or libmpi.so.40 of Open MPI. A program that imports it is linked to the C library
// dynamically.
package mpi

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
	"unsafe"

	"steepest/train/dist"
)

// Group is all processes of a launcher. Its calls to the library are made on one thread.
type Group struct {
	*table
	rankOf, sizeOf int
	// Patience is how long a rank waits for the others before it gives up, and names those that have not come.
	patience time.Duration

	calls   chan func()
	leaving chan struct{} // closed by Exit
	control uintptr       // a communicator for notices
	number  int64         // of the exchange at hand

	notice  notice    // that is received next
	request uintptr   // its request
	waiting []int64   // the exchange for which each rank waits, as it has said
	ended   []string  // what each rank has said that has ended; "" for those that run
	heard   time.Time // when the last of them has

	pins       runtime.Pinner    // of this, and of what the library may read at any time
	unfinished []*runtime.Pinner // of operations that have failed
}

var _ dist.Group = (*Group)(nil)

// Open returns the group of a launcher. Ranks wait for one another so long before they give up.
func Open(l dist.Launcher, patience time.Duration) (*Group, error) {
	var t *table
	var tried []string
	for _, library := range l.Libraries() {
		var err error
		if t, err = load(library); err == nil {
			break
		}
		tried = append(tried, err.Error())
	}
	if t == nil {
		return nil, fmt.Errorf("%s has started this, and no library of it can be loaded (%s); name its folder in LD_LIBRARY_PATH", l.Name, strings.Join(tried, "; "))
	}
	g := &Group{table: t, patience: patience, calls: make(chan func()), leaving: make(chan struct{})}
	go func() {
		runtime.LockOSThread()
		for f := range g.calls {
			f()
		}
	}()
	err := g.do(g.begin)
	if err == nil {
		err = l.Check(g.sizeOf, t.library)
	}
	return g, err
}

// do calls f on the thread of the library.
func (g *Group) do(f func() error) error {
	done := make(chan error, 1)
	g.calls <- func() { done <- f() }
	return <-done
}

func (g *Group) begin() error {
	provided, rank, size := new(int32), new(int32), new(int32)
	g.pins.Pin(g)
	if err := errors.Join(
		g.now(g.initThread, 0, 0, g.funnelled, provided),
		g.now(g.rank, g.world, rank),
		g.now(g.size, g.world, size),
		g.now(g.dup, g.world, &g.control),
	); err != nil {
		return err
	}
	g.rankOf, g.sizeOf = int(*rank), int(*size)
	g.waiting, g.ended = make([]int64, *size), make([]string, *size)
	return g.listen()
}

// Rank returns the number of this process.
func (g *Group) Rank() int { return g.rankOf }

// Size returns how many processes there are.
func (g *Group) Size() int { return g.sizeOf }

// AllToAll is that of dist.Group.
func (g *Group) AllToAll(recv, send []byte, receives, sends []int) error {
	return g.exchange(partsOf(recv, receives), partsOf(send, sends), len(recv)+len(send))
}

// AllGather is that of dist.Group. It is an exchange whose parts to send are all the whole: MPI_Iallgatherv of Intel MPI
// 2021.17 did not end in our test of it.
func (g *Group) AllGather(recv, send []byte, receives []int) error {
	same := partsOf(send, slices.Repeat([]int{len(send)}, g.sizeOf))
	clear(same.places)
	return g.exchange(partsOf(recv, receives), same, len(recv)+len(send))
}

// AllReduce32 is that of dist.Group.
func (g *Group) AllReduce32(v []float32) error { return reduce(g, v, g.float) }

// AllReduce64 is that of dist.Group.
func (g *Group) AllReduce64(v []float64) error { return reduce(g, v, g.double) }

// atOnce is how many elements one MPI_Iallreduce adds up at most.
const atOnce = 1 << 28

func reduce[T float32 | float64](g *Group, v []T, kind uintptr) error {
	for part := range slices.Chunk(v, atOnce) {
		bytes := len(part) * int(unsafe.Sizeof(part[0]))
		if err := g.wait(bytes, g.allReduce, g.inPlace, &part[0], len(part), kind, g.sum, g.world); err != nil {
			return err
		}
	}
	return nil
}

func (g *Group) exchange(in, out parts, bytes int) error {
	return g.wait(bytes, g.allToAll, out.memory, &out.counts[0], &out.places[0], g.bytes, in.memory, &in.counts[0], &in.places[0], g.bytes, g.world)
}

// parts are the parts of a message as the library takes them: its memory, and where each part lies.
type parts struct {
	memory         *byte
	counts, places []int32
}

func partsOf(message []byte, lengths []int) parts {
	counts, places := make([]int32, len(lengths)), make([]int32, len(lengths))
	place := 0
	for i, length := range lengths {
		counts[i], places[i] = int32(length), int32(place)
		place += length
	}
	if len(message) == 0 {
		message = make([]byte, 1) // which has an address
	}
	return parts{&message[0], counts, places}
}

// A rank that waits looks as long as its message may take by a slow path, for a library moves a message while one looks. Then it pauses,
// which leaves the processor to others.
const (
	lookFor  = 200 * time.Microsecond
	perByte  = 10 * time.Nanosecond
	mostRest = time.Millisecond
)

// wait starts an operation on the thread of the library, and returns when it has ended. It fails when a rank has ended that should take part,
// or patience is spent; the library may write then what the operation receives at any time.
func (g *Group) wait(bytes int, operation uintptr, args ...any) (err error) {
	var pins runtime.Pinner
	defer func() {
		if err == nil {
			pins.Unpin()
		} else {
			g.unfinished = append(g.unfinished, &pins)
		}
	}()
	request := new(uintptr)
	return g.do(func() error {
		g.number++
		if err := call(operation, pinned(&pins, append(args, request)...)...); err != nil {
			return err
		}
		return g.await(request, lookFor+time.Duration(bytes)*perByte)
	})
}

// await returns when a request is done, for which it looks so long without a pause.
func (g *Group) await(request *uintptr, look time.Duration) error {
	rest, told := 20*time.Microsecond, false
	for start := time.Now(); ; {
		if done, err := g.done(request); err != nil || done {
			return err
		}
		waited := time.Since(start)
		if waited < look {
			_ = call(g.yield)
			continue
		}
		select {
		case <-g.leaving:
			return errors.New("this rank leaves the others")
		case <-time.After(rest):
			rest = min(2*rest, mostRest)
		}
		if err := g.hear(); err != nil {
			return err
		}
		if waited > g.patience && !told {
			told = true
			g.tell(notice{Kind: waits, Number: g.number})
		}
		if waited > g.patience+grace {
			return g.missing()
		}
	}
}

// done reports whether a request is.
func (g *Group) done(request *uintptr) (bool, error) {
	flag := new(int32)
	err := g.now(g.test, request, flag, 0)
	return *flag != 0, err
}

// now makes a call that is over when it returns.
func (g *Group) now(f uintptr, args ...any) error {
	var pins runtime.Pinner
	defer pins.Unpin()
	return call(f, pinned(&pins, args...)...)
}

// grace is how long notices may take.
const grace = time.Second

// missing returns the error of a wait that is too long, and names those that do not wait too. The others are in the same exchange or the one
// before or after, for a rank has an exchange behind it once it has the parts of all, who may still wait for one of them.
func (g *Group) missing() error {
	var names []string
	for rank, number := range g.waiting {
		if rank != g.rankOf && (number < g.number-1 || number > g.number+1) {
			names = append(names, fmt.Sprint(rank))
		}
	}
	if len(names) == 0 {
		return fmt.Errorf("the ranks have waited %v for messages that do not arrive", g.patience)
	}
	noun, verb := "rank", "has"
	if len(names) > 1 {
		noun, verb = "ranks", "have"
	}
	return fmt.Errorf("%s %s %s not answered for %v: stopped, dead, or much slower than the others", noun, strings.Join(names, ", "), verb, g.patience)
}

// Exit leaves the group and ends the process with an exit code and a text, from which the others learn why. It waits a little for them, and
// they need not come. Where they do not, the launcher ends all as soon as one process does, and rank 0, who speaks for all, is the first.
func (g *Group) Exit(code int, text string) {
	close(g.leaving)
	_ = g.do(func() error {
		g.tell(newEnd(text))
		for start := time.Now(); time.Since(start) < 2*grace && slices.Contains(g.ended, ""); time.Sleep(mostRest) {
			_ = g.hear()
		}
		if len(g.unfinished) > 0 || slices.Contains(g.ended, "") {
			if g.rankOf > 0 {
				time.Sleep(grace)
			}
			return nil
		}
		_ = g.now(g.finalize)
		return call(g.exit, uintptr(code)) // MPICH tells its launcher that this is the end from a handler of the C library
	})
	os.Exit(code)
}

// kinds of notices.
const (
	waits = 1 + iota // for the exchange Number
	ends             // with the Text
)

// notice is what a rank tells all others beside the exchanges.
type notice struct {
	Kind, From, Length int32
	Number             int64
	Text               [488]byte
}

func newEnd(text string) notice {
	if text == "" {
		text = "it has come to its end"
	}
	n := notice{Kind: ends}
	n.Length = int32(copy(n.Text[:], text))
	return n
}

// listen waits for the next notice of any rank.
func (g *Group) listen() error {
	return g.now(g.receive, &g.notice, int(unsafe.Sizeof(g.notice)), g.bytes, g.anySource, 1, g.control, &g.request)
}

// tell sends a notice to all ranks, this one too. Its memory stays, for a rank may never receive it.
func (g *Group) tell(n notice) {
	n.From = int32(g.rankOf)
	g.pins.Pin(&n)
	for rank := range g.sizeOf {
		_ = g.now(g.send, &n, int(unsafe.Sizeof(n)), g.bytes, rank, 1, g.control, new(uintptr))
	}
}

// hear receives notices that have come. The error is that of a rank that has ended some time ago, while this one waits for it.
func (g *Group) hear() error {
	for slices.Contains(g.ended, "") {
		done, err := g.done(&g.request)
		if err != nil {
			return err
		}
		if !done {
			break
		}
		n := g.notice
		switch n.Kind {
		case waits:
			g.waiting[n.From] = n.Number
		case ends:
			g.ended[n.From], g.heard = string(n.Text[:n.Length]), time.Now()
		}
		if !slices.Contains(g.ended, "") {
			break // nobody says more
		}
		if err := g.listen(); err != nil {
			return err
		}
	}
	for rank, text := range g.ended {
		if text != "" && rank != g.rankOf && time.Since(g.heard) > grace/4 {
			return fmt.Errorf("rank %d: %s", rank, text)
		}
	}
	return nil
}
