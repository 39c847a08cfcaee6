//go:build linux || darwin

// Package mpi makes a dist.Group of an MPI library. It loads the library at run time, without cgo: libmpi_abi.so.1, the binary interface of
// the standard since MPI 5.0 (MPICH 5, Intel MPI), or libmpi.so.40 of Open MPI. A program that imports mpi is linked dynamically to the C
// library.
package mpi

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
	"unsafe"

	"steepest/train/dist"
)

// Group is all processes of a launcher. One goroutine at a time calls the library, on the thread that it happens to run on.
type Group struct {
	*table
	rankOf, sizeOf int
	// patience is how long a rank waits for the others. Then it gives up, and names the ranks that do not answer.
	patience time.Duration

	places  []place       // of all ranks
	crowded bool          // whether more ranks share this rank's processors than there are processors
	library sync.Mutex    // held by the goroutine that calls the library
	leaving chan struct{} // closed by Exit
	control uintptr       // a communicator for notices
	number  int64         // counts the exchanges, with the one in progress
	request uintptr       // the exchange in progress
	flag    int32         // whether the request that was tested last is done
	in, out parts         // of the exchange in progress

	gathers       map[int]uintptr // prepared gathers of short messages, by the length of a part
	inbox, outbox []byte          // their memory, which is pinned

	notice   notice    // the next notice is received here
	incoming uintptr   // the request that receives it
	waiting  []int64   // the exchange in which each rank waits, as its last notice says
	ended    []string  // the last words of each rank that has ended, or that does not answer; "" for ranks that run
	heard    time.Time // when the last of them came

	pins       runtime.Pinner    // pins the Group, and other memory that the library may read at any time
	unfinished []*runtime.Pinner // pins the memory of operations that have failed
}

var _ dist.Group = (*Group)(nil)

// Open returns the group of a launcher. A rank that waits longer than patience for the others gives up with an error that names them.
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
		return nil, fmt.Errorf("%s has started this process, but its MPI library cannot be loaded (%s); name the library's folder in LD_LIBRARY_PATH", l.Name, strings.Join(tried, "; "))
	}
	g := &Group{table: t, patience: patience, leaving: make(chan struct{})}
	err := g.begin()
	if err == nil {
		err = l.Check(g.sizeOf, t.name)
	}
	if err == nil {
		err = g.meet()
	}
	return g, err
}

func (g *Group) begin() error {
	provided, rank, size := new(int32), new(int32), new(int32)
	g.pins.Pin(g)
	if err := errors.Join(
		g.now(g.initThread, 0, 0, g.serialized, provided),
		g.now(g.rank, g.world, rank),
		g.now(g.size, g.world, size),
		g.now(g.dup, g.world, &g.control),
	); err != nil {
		return err
	}
	if *provided < int32(g.serialized) {
		return fmt.Errorf("mpi: %s must be called on one thread (level %d), and ranks need MPI_THREAD_SERIALIZED", g.name, *provided)
	}
	g.rankOf, g.sizeOf = int(*rank), int(*size)
	g.waiting, g.ended = make([]int64, *size), make([]string, *size)
	g.allocate()
	return g.listen()
}

// allocate gives the next messages memory of their own. Earlier memory stays pinned.
func (g *Group) allocate() {
	g.in, g.out = g.newParts(), g.newParts()
	g.gathers, g.inbox, g.outbox = make(map[int]uintptr), make([]byte, mostShort), make([]byte, mostShort)
	g.pins.Pin(&g.inbox[0])
	g.pins.Pin(&g.outbox[0])
}

// newParts returns parts without lengths.
func (g *Group) newParts() parts {
	p := parts{make([]int32, g.sizeOf), make([]int32, g.sizeOf)}
	g.pins.Pin(&p.counts[0])
	g.pins.Pin(&p.places[0])
	return p
}

// Rank returns the number of this process.
func (g *Group) Rank() int { return g.rankOf }

// Size returns the number of processes.
func (g *Group) Size() int { return g.sizeOf }

// Sharing returns the number of ranks that may use some of a rank's processors, the rank itself included, and the number of these processors.
// Ranks share processors if they run on the same machine and their affinity masks have a processor in common.
func (g *Group) Sharing(rank int) (ranks, processors int) { return sharing(g.places, rank) }

// AllToAll implements dist.Group.
func (g *Group) AllToAll(recv, send []byte, receives, sends []int) error {
	g.out.divide(sends)
	return g.exchange(recv, send, receives)
}

// AllGather implements dist.Group. It is an all-to-all in which each rank sends the same part to all: MPI_Iallgatherv of Intel MPI 2021.17
// did not return in our test, and its MPI_Allgather_init crashes.
func (g *Group) AllGather(recv, send []byte, receives []int) error {
	if part := (slices.Max(receives) + unit - 1) / unit * unit; part*g.sizeOf <= mostShort {
		return g.gather(recv, send, receives, part)
	}
	for i := range g.sizeOf {
		g.out.counts[i], g.out.places[i] = int32(len(send)), 0
	}
	return g.exchange(recv, send, receives)
}

// A gather of at most mostShort bytes is short. Its parts have the same length, a multiple of unit, so that few operations serve all lengths.
const (
	mostShort = 1 << 15
	unit      = 64
)

// gather is AllGather for short messages. It prepares an operation for each length of a part once, and starts it again each time, because a
// library takes longer to prepare the operation than to send a short message.
func (g *Group) gather(recv, send []byte, receives []int, part int) error {
	if _, prepared := g.gathers[part]; !prepared {
		if err := g.prepare(part); err != nil {
			return err
		}
	}
	copy(g.outbox, send)
	g.request = g.gathers[part]
	if err := g.wait(g.sizeOf*part, g.start); err != nil {
		return err
	}
	for rank, n := range receives {
		copy(recv[:n], g.inbox[rank*part:])
		recv = recv[n:]
	}
	return nil
}

// prepare makes the gather of parts of the given length. The library may read the counts and places of the gather as long as it exists.
func (g *Group) prepare(part int) error {
	g.library.Lock()
	defer g.library.Unlock()
	in, out, gather := g.newParts(), g.newParts(), uintptr(0)
	in.divide(slices.Repeat([]int{part}, g.sizeOf))
	copy(out.counts, in.counts) // from place 0, for each rank
	err := g.now(g.prepareAllToAll, at(&g.outbox[0]), at(&out.counts[0]), at(&out.places[0]), g.bytes,
		at(&g.inbox[0]), at(&in.counts[0]), at(&in.places[0]), g.bytes, g.world, g.noHints, &gather)
	if err == nil {
		g.gathers[part] = gather
	}
	return err
}

// AllReduce32 implements dist.Group.
func (g *Group) AllReduce32(v []float32) error { return reduce(g, v, g.float) }

// AllReduce64 implements dist.Group.
func (g *Group) AllReduce64(v []float64) error { return reduce(g, v, g.double) }

// atOnce is the largest number of elements that one MPI_Iallreduce adds up. Longer vectors leave the caches between two passes of the library.
const atOnce = 1 << 21

func reduce[T float32 | float64](g *Group, v []T, kind uintptr) error {
	for part := range slices.Chunk(v, atOnce) {
		bytes := len(part) * int(unsafe.Sizeof(part[0]))
		if err := g.wait(bytes, g.allReduce, g.inPlace, &part[0], len(part), kind, g.sum, g.world); err != nil {
			return err
		}
	}
	return nil
}

// exchange sends the parts of send that out describes.
func (g *Group) exchange(recv, send []byte, receives []int) error {
	g.in.divide(receives)
	return g.wait(len(recv)+len(send), g.allToAll,
		first(send), at(&g.out.counts[0]), at(&g.out.places[0]), g.bytes, first(recv), at(&g.in.counts[0]), at(&g.in.places[0]), g.bytes, g.world)
}

// parts describes the parts of a message to the library: the length and the place of each. The memory is pinned.
type parts struct{ counts, places []int32 }

// divide describes parts of the given lengths, one behind the other.
func (p *parts) divide(lengths []int) {
	place := 0
	for i, length := range lengths {
		p.counts[i], p.places[i] = int32(length), int32(place)
		place += length
	}
}

// first returns the first byte of a message, or some byte if the message is empty.
func first(message []byte) *byte {
	if len(message) == 0 {
		return new(byte)
	}
	return &message[0]
}

// A library moves a message only while a rank tests its request. So a rank that waits tests without a pause for as long as the message may take
// on a slow path. After that it pauses between tests, which leaves the processor to others. On crowded processors another rank may need the
// processor at once. Elsewhere sched_yield would only give it to processes that have nothing to do with the run.
const (
	tests    = 8 // between two looks at the clock
	spinFor  = 200 * time.Microsecond
	perByte  = 10 * time.Nanosecond
	mostRest = time.Millisecond
)

// wait starts an operation and returns when it has ended. It fails if a rank has ended that should take part, or if patience is spent. After
// a failure the library may still use the memory of the operation at any time. So this memory stays pinned, and later operations have other.
func (g *Group) wait(bytes int, operation uintptr, args ...any) error {
	g.library.Lock()
	defer g.library.Unlock()
	g.number++
	pins := new(runtime.Pinner)
	err := call(operation, append(pinned(pins, args...), at(&g.request))...)
	if err == nil {
		err = g.await(&g.request, spinFor+time.Duration(bytes)*perByte)
	}
	if err != nil {
		g.unfinished = append(g.unfinished, pins)
		g.allocate()
		return err
	}
	pins.Unpin()
	return nil
}

// await returns when a request is done. It pauses between two tests only after the time spin.
func (g *Group) await(request *uintptr, spin time.Duration) error {
	rest, told := 20*time.Microsecond, false
	for start := time.Now(); ; {
		for range tests {
			if done, err := g.done(request); err != nil || done {
				return err
			}
		}
		waited := time.Since(start)
		if waited < spin {
			if runtime.Gosched(); g.crowded {
				_ = call(g.yield)
			}
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

// done reports whether a request is done. The memory of the request is pinned.
func (g *Group) done(request *uintptr) (bool, error) {
	err := call(g.test, at(request), at(&g.flag), 0)
	return g.flag != 0, err
}

// now makes a call that needs its memory only until it returns.
func (g *Group) now(f uintptr, args ...any) error {
	var pins runtime.Pinner
	defer pins.Unpin()
	return call(f, pinned(&pins, args...)...)
}

// grace is how long a notice may take to arrive.
const grace = time.Second

// missing returns the error of a wait that is too long. It names the ranks that do not wait as well, and counts them as ended. A rank that
// waits is in this exchange, or in the one before or after it: a rank ends an exchange when it has all parts, while another rank may still wait
// for one of them.
func (g *Group) missing() error {
	var names []string
	for rank, number := range g.waiting {
		if rank != g.rankOf && (number < g.number-1 || number > g.number+1) {
			names = append(names, fmt.Sprint(rank))
			g.ended[rank] = "it does not answer"
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

// Exit leaves the group and ends the process with an exit code and a text, which tells the others why. It waits a short time until the
// others exit, too. If they do not, the launcher ends all processes as soon as one ends; rank 0, which prints for all, then ends first.
func (g *Group) Exit(code int, text string) {
	close(g.leaving)
	g.library.Lock()
	g.tell(newEnd(text))
	for start := time.Now(); time.Since(start) < 2*grace && slices.Contains(g.ended, ""); time.Sleep(mostRest) {
		_ = g.hear()
	}
	if len(g.unfinished) == 0 && !slices.Contains(g.ended, "") {
		for _, gather := range g.gathers {
			_ = g.now(g.free, &gather)
		}
		_ = call(g.finalize)
		_ = call(g.exit, uintptr(code)) // in a handler of the C library MPICH tells its launcher that this process has ended
	}
	if g.rankOf > 0 {
		time.Sleep(grace)
	}
	os.Exit(code)
}

// The kinds of notices.
const (
	waits = 1 + iota // the rank waits in exchange Number
	ends             // the rank ends, for the reason Text
)

// notice is a message from a rank to all others outside the exchanges.
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

// listen starts to receive the next notice of any rank.
func (g *Group) listen() error {
	return g.now(g.receive, &g.notice, int(unsafe.Sizeof(g.notice)), g.bytes, g.anySource, 1, g.control, &g.incoming)
}

// tell sends a notice to all ranks, also to this one. The notice stays pinned, because a rank may never receive it.
func (g *Group) tell(n notice) {
	n.From = int32(g.rankOf)
	g.pins.Pin(&n)
	for rank := range g.sizeOf {
		_ = g.now(g.send, &n, int(unsafe.Sizeof(n)), g.bytes, rank, 1, g.control, new(uintptr))
	}
}

// hear receives the notices that have arrived. It returns an error if a rank that this one waits for has ended some time ago.
func (g *Group) hear() error {
	for slices.Contains(g.ended, "") {
		done, err := g.done(&g.incoming)
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
			break // no more notices will come
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
