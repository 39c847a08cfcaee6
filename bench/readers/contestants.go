package main

import (
	_ "embed"
	"fmt"
	"log"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"steepest/bench/paired"
	"steepest/bench/python"
	"steepest/data"
)

const steepest = "Steepest"

// ours reads a file by data.Open.
func ours(f file) paired.Contestant {
	return paired.Contestant{Name: steepest, Run: func(reps int) {
		for range reps {
			open(f.path)
		}
		runtime.GC() // what was read is garbage, which the next turn need not clear away
	}}
}

func open(path string) *data.Set {
	set, err := data.Open(path, data.Options{})
	if err != nil {
		log.Fatal(err)
	}
	return set
}

//go:embed peers.py
var program string

// peers are the readers of other libraries, in one process of Python.
type peers struct {
	*python.Program
	versions string
	threads  int
}

// start loads the named libraries.
func start(interpreter string, threads int, names ...string) peers {
	p, versions, err := python.Start(interpreter, program, append([]string{fmt.Sprint(threads)}, names...)...)
	if err != nil {
		log.Fatal(err)
	}
	return peers{p, versions, threads}
}

// contestant reads a file by a peer.
func (p peers) contestant(name string, f file) paired.Contestant {
	return paired.Contestant{Name: name, Time: func(reps int) (total time.Duration) {
		for range reps {
			var cpu, wall float64
			p.ask(&cpu, &wall, "time %s %s", name, f.pathFor(name))
			if p.threads > 1 {
				cpu = wall
			}
			total += time.Duration(cpu * 1e9)
		}
		return total
	}}
}

// writeParquet writes the Parquet files, from the same tables as CSV.
func (p peers) writeParquet(files []file) {
	for i, f := range files {
		if table, ok := strings.CutSuffix(f.path, ".parquet"); ok {
			p.ask(&files[i].mb, nil, "parquet %s %s", table+".csv", f.path)
			files[i].mb /= 1e6
		}
	}
}

func (f file) pathFor(peer string) string {
	if peer == "VW" {
		return f.vw
	}
	return f.path
}

// ask sends a request and reads one or two numbers as the answer.
func (p peers) ask(a, b *float64, format string, args ...any) {
	line, err := p.Ask(format, args...)
	if err == nil {
		_, err = fmt.Sscan(line, a)
	}
	if fields := strings.Fields(line); err == nil && b != nil {
		_, err = fmt.Sscan(fields[1], b)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// theirMemory returns the bytes at the peak of a new process, beyond those that it has before it reads.
func theirMemory(interpreter, name string, f file) (bytes float64) {
	p := start(interpreter, 2, name)
	defer p.Stop()
	p.ask(&bytes, nil, "memory %s %s", name, f.pathFor(name))
	return bytes
}

// ourMemory returns the same for this program in a process of its own, and the bytes of the arrays that it keeps.
func ourMemory(f file) (bytes, kept float64) {
	self, err := os.Executable()
	if err != nil {
		log.Fatal(err)
	}
	command := exec.Command(self, "-memory", f.path)
	command.Env = append(os.Environ(), "GOMAXPROCS=2")
	out, err := command.Output()
	if err == nil {
		_, err = fmt.Sscan(string(out), &bytes, &kept)
	}
	if err != nil {
		log.Fatal(err)
	}
	return bytes, kept
}

// printMemory prints the answer for ourMemory.
func printMemory(path string) {
	before := status("VmRSS")
	set := open(path)
	kept := 8 * len(set.Y)
	switch x := set.X.(type) {
	case *data.Dense:
		kept += 8 * len(x.Data)
	case *data.CSR:
		kept += 8*len(x.Indptr) + 4*len(x.Indices) + 8*len(x.Values)
	}
	fmt.Println(status("VmHWM")-before, kept)
}

// status returns an entry of /proc/self/status in bytes.
func status(name string) (bytes int64) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		log.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			fmt.Sscan(rest, &bytes)
		}
	}
	return 1024 * bytes
}
