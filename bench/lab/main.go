// Command lab measures what readers of steepest lab cost a training run on the same machine: clients that wait for changes of the run, as the
// page does, and one that asks and never reads.
//
//	(cd .. && go build -o bench/steepest ./cmd/steepest) && go run ./lab -steepest ./steepest
//
// The program runs and records itself in a folder. In each round a lab serves the folder, and the clients connect to it. A client whose
// connection is closed comes back after three seconds, as browsers do. The processor time of a step is measured in a window of time in
// which all clients are connected, and in the windows before and after it, without a lab. The cost of the lab is its own processor time.
// Other work on the machine hardly changes either.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

func main() {
	log.SetFlags(0)
	program := flag.String("steepest", "steepest", "`path` of the program")
	clients := flag.Int("clients", 10_000, "clients that wait for changes, besides one that never reads")
	rounds := flag.Int("rounds", 5, "rounds")
	window := flag.Duration("window", 4*time.Second, "of a measurement")
	flag.Parse()
	dir, err := os.MkdirTemp("", "steepest-lab")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	start := func(args ...string) (*exec.Cmd, *bufio.Reader) {
		c := exec.Command(*program, args...)
		c.Dir = dir
		said, err := c.StderrPipe()
		if err == nil {
			err = c.Start()
		}
		if err != nil {
			log.Fatal(err)
		}
		return c, bufio.NewReader(said)
	}
	run, _ := start("minimize", "adam", "--data", "digits", "--hidden", "64", "--steps", "1000000000", "--every", "1000", "--quiet", "--runs", "runs")
	defer run.Process.Kill()
	time.Sleep(3 * time.Second) // until it steps
	var ratios, shares []float64
	memory := 0
	fmt.Printf("%s, %d processors, %d clients and one that never reads\n\n", runtime.Version(), runtime.NumCPU(), *clients)
	fmt.Println("| step without, µs | with, µs | ratio | clients that are told | lab's processor time | lab's memory |\n|---|---|---|---|---|---|")
	before := measure(dir, run.Process.Pid, *window)
	for range *rounds {
		lab, said := start("lab", "runs", "--listen", "127.0.0.1:0")
		line, err := said.ReadString('\n')
		_, address, ok := strings.Cut(strings.TrimSpace(line), "http://")
		if !ok {
			log.Fatal(line, err)
		}
		crowd := gather(strings.TrimSuffix(address, "/"), *clients)
		time.Sleep(4 * time.Second) // until all have come
		used, began := processor(lab.Process.Pid), time.Now()
		with := measure(dir, run.Process.Pid, *window)
		share := (processor(lab.Process.Pid) - used).Seconds() / time.Since(began).Seconds()
		told, most := crowd.told.Load(), resident(lab.Process.Pid)
		_ = lab.Process.Kill()
		_ = lab.Wait()
		crowd.leave()
		time.Sleep(time.Second)
		after := measure(dir, run.Process.Pid, *window)
		ratio := 2 * with / (before + after)
		fmt.Printf("| %.1f | %.1f | %.3f | %d | %.2f %% | %d MB |\n", 1e6*(before+after)/2, 1e6*with, ratio, told, 100*share, most>>20)
		ratios, shares, before, memory = append(ratios, ratio), append(shares, share), after, max(memory, most)
	}
	slices.Sort(ratios)
	slices.Sort(shares)
	fmt.Printf("\nA step takes %.3f (%.3f–%.3f) of its time without. The lab takes %.2f %% (%.2f–%.2f) of one processor, and %d MB at most.\n",
		ratios[len(ratios)/2], ratios[0], ratios[len(ratios)-1], 100*shares[len(shares)/2], 100*shares[0], 100*shares[len(shares)-1], memory>>20)
}

// measure returns the processor time of a step of the run in a window of time, in seconds.
func measure(dir string, run int, window time.Duration) float64 {
	a, used := last(dir), processor(run)
	time.Sleep(window)
	return (processor(run) - used).Seconds() / float64(last(dir)-a)
}

// last returns the step of the last line of the record.
func last(dir string) int {
	found, _ := filepath.Glob(filepath.Join(dir, "runs", "*", "record.jsonl"))
	if len(found) != 1 {
		log.Fatal("the run has not begun")
	}
	text, err := os.ReadFile(found[0])
	if err != nil {
		log.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	var p struct{ Step int }
	if err := json.Unmarshal(lines[len(lines)-1], &p); err != nil {
		log.Fatal(err)
	}
	return p.Step
}

// processor returns the time that a process has had a processor.
func processor(pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		log.Fatal(err)
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+2:]))
	ticks := 0
	for _, f := range fields[11:13] { // utime and stime
		n, _ := strconv.Atoi(f)
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// resident returns the memory of a process in bytes.
func resident(pid int) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		log.Fatal(err)
	}
	pages, _ := strconv.Atoi(strings.Fields(string(text))[1])
	return pages * os.Getpagesize()
}

// crowd is many clients.
type crowd struct {
	told atomic.Int64 // those that are there and have had an event
	gone chan struct{}
	done sync.WaitGroup
}

// gather lets clients come within two seconds.
func gather(address string, clients int) *crowd {
	c := &crowd{gone: make(chan struct{})}
	for i := range clients + 1 {
		c.done.Go(func() {
			pause := time.Duration(i) * 2 * time.Second / time.Duration(clients+1)
			for c.wait(pause) {
				c.watch(address, i < clients)
				pause = 3 * time.Second
			}
		})
	}
	return c
}

// wait reports whether the clients are still meant to be there after a pause.
func (c *crowd) wait(pause time.Duration) bool {
	select {
	case <-c.gone:
		return false
	case <-time.After(pause):
		return true
	}
}

// watch is one connection: until it is closed by one end.
func (c *crowd) watch(address string, reads bool) {
	conn, err := net.DialTimeout("tcp", address, 2*time.Second)
	if err != nil {
		return
	}
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		select {
		case <-c.gone:
		case <-stop:
		}
		conn.Close()
	}()
	fmt.Fprintf(conn, "GET /api/changes HTTP/1.1\r\nHost: %s\r\n\r\n", address)
	if !reads {
		<-c.gone
		return
	}
	small := make([]byte, 1024)
	if n, err := conn.Read(small); err != nil || !bytes.Contains(small[:n], []byte("data: ")) {
		return
	}
	c.told.Add(1)
	defer c.told.Add(-1)
	for err == nil {
		_, err = conn.Read(small)
	}
}

func (c *crowd) leave() {
	close(c.gone)
	c.done.Wait()
}
