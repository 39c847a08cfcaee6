package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// faulty is a run in which ranks fail.
var faulty = strings.Fields("minimize adam --data digits --micro-batches 6 --quiet")

// TestFaults: whatever happens to a rank, the others end soon and name it. A run resumed from the last checkpoint has the bits of an
// undisturbed run.
func TestFaults(t *testing.T) {
	list := os.Getenv(installations)
	if list == "" {
		t.Skip(installations + " names no MPI")
	}
	program := build(t)
	kill := func(_, rank *os.Process) error { return rank.Kill() }
	terminate := func(launcher, _ *os.Process) error { return launcher.Signal(syscall.SIGTERM) }
	faults := map[string]struct {
		strike func(launcher, rank *os.Process) error
		says   string
	}{
		"killed":                       {kill, ""}, // the launcher ends the others and reports the signal
		"stopped":                      {func(_, rank *os.Process) error { return rank.Signal(syscall.SIGSTOP) }, "rank 1 has not answered for 3s"},
		"SIGTERM":                      {terminate, ""},
		"killed with a divided state":  {kill, ""},
		"SIGTERM with a divided state": {terminate, ""},
		"SIGUSR1":                      {func(launcher, _ *os.Process) error { return launcher.Signal(syscall.SIGUSR1) }, "its results are saved"},
	}
	for _, installation := range strings.Split(list, ":") {
		for name, fault := range faults {
			if name == "SIGUSR1" && !strings.Contains(filepath.Base(installation), "openmpi") {
				continue // MPICH uses the signal itself
			}
			t.Run(name+" by "+filepath.Base(installation), func(t *testing.T) {
				t.Parallel()
				saved := filepath.Join(t.TempDir(), "run")
				args := append(slices.Clone(faulty), "--hidden", "16", "--batch", "300", "--checkpoint", saved, "--checkpoint-every", "1", "--steps", "1000000", "--watchdog", "3s")
				if strings.HasSuffix(name, "divided state") {
					args = append(args, "--shard")
				}
				c, out := start(t, installation, program, args...)
				rank := rankOf(t, program, saved, 1)
				begun := time.Now()
				if err := fault.strike(c.Process, rank); err != nil {
					t.Fatal(err)
				}
				err := c.Wait()
				if took := time.Since(begun); err == nil || took > 30*time.Second || !strings.Contains(out.String(), fault.says) {
					t.Errorf("ended after %v (%v), and should say %q: %s", took, err, fault.says, out)
				}
				goesOn(t, program, saved)
			})
		}
	}
}

// TestSlowRankIsNamed: a rank that is 10 times slow is named while the run goes on, also if ranks share processors. The rank stands still for 9
// times as long as it runs. If other work on the machine makes the other ranks slow too, this factor grows until the rank is the slowest.
func TestSlowRankIsNamed(t *testing.T) {
	list := os.Getenv(installations)
	if list == "" {
		t.Skip(installations + " names no MPI")
	}
	program := build(t)
	for _, installation := range strings.Split(list, ":") {
		t.Run(filepath.Base(installation), func(t *testing.T) {
			saved := filepath.Join(t.TempDir(), "run")
			c, out := start(t, installation, program, append(slices.Clone(faulty), "--hidden", "128", "--batch", "1500", "--checkpoint", saved, "--checkpoint-every", "20", "--steps", "1000000")...)
			rank := rankOf(t, program, saved, 1)
			for begun := time.Now(); !strings.Contains(out.String(), "rank 1 is slow") && time.Since(begun) < time.Minute; {
				ran, factor := time.Now(), 9*math.Exp2(math.Floor(time.Since(begun).Seconds()/8))
				time.Sleep(5 * time.Millisecond)
				_ = rank.Signal(syscall.SIGSTOP)
				time.Sleep(time.Duration(factor * float64(time.Since(ran))))
				_ = rank.Signal(syscall.SIGCONT)
			}
			_ = c.Process.Signal(syscall.SIGTERM)
			if _ = c.Wait(); !strings.Contains(out.String(), "rank 1 is slow: a micro-batch takes it") {
				t.Error(out.String())
			}
		})
	}
}

// TestBadGradientOfOneRank: if the micro-batch of one rank has a gradient that is not finite, all ranks skip the step.
func TestBadGradientOfOneRank(t *testing.T) {
	installation, _, _ := strings.Cut(os.Getenv(installations), ":")
	if installation == "" {
		t.Skip(installations + " names no MPI")
	}
	program, rows := build(t), filepath.Join(t.TempDir(), "rows.csv")
	text := "a,b,y\n1e25,-1e25,1e15\n" + strings.Repeat("1,2,3\n2,1,5\n3,3,1\n", 20)
	if err := os.WriteFile(rows, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	args := strings.Fields("minimize adam:skip-nonfinite=100,lr=1e-12 --precision float32 --loss least-squares --scale none --batch 20 --micro-batches 5 --steps 12 --data " + rows + " --model")
	var hashes []string
	for _, size := range []int{1, 3} {
		out := filepath.Join(t.TempDir(), "model.json")
		if said := run(t, installation, size, program, append(slices.Clone(args), out)...); !strings.Contains(said, "skipped") {
			t.Errorf("%d ranks skip nothing: %s", size, said)
		}
		hashes = append(hashes, hash(t, out))
	}
	if hashes[0] != hashes[1] {
		t.Error("3 ranks have other bits than one where steps are skipped")
	}
}

// output holds the output of a command so far.
type output struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.text.String()
}

// start starts 3 ranks that save in the folder that the arguments name, and returns after the first checkpoint.
func start(t *testing.T, installation, program string, args ...string) (*exec.Cmd, *output) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	c, out := command(ctx, installation, 3, program, args...), new(output)
	c.Stdout, c.Stderr, c.WaitDelay = out, out, time.Second
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	saved := args[slices.Index(args, "--checkpoint")+1]
	for last(saved) == 0 {
		if time.Sleep(5 * time.Millisecond); ctx.Err() != nil {
			t.Fatalf("nothing is saved: %s", out)
		}
	}
	return c, out
}

// last returns the step of the last checkpoint in a folder; 0 for none.
func last(folder string) (step int) {
	list, _ := filepath.Glob(filepath.Join(folder, "*-step-*"))
	for _, name := range list {
		var n, k int
		if _, err := fmt.Sscanf(filepath.Base(name), "%d-step-%d", &n, &k); err == nil {
			step = max(step, k)
		}
	}
	return step
}

// rankOf returns the process of a rank that saves in a folder.
func rankOf(t *testing.T, program, saved string, rank int) *os.Process {
	t.Helper()
	list, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range list {
		line, _ := os.ReadFile(path)
		variables, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "environ"))
		for _, name := range []string{"OMPI_COMM_WORLD_RANK", "PMI_RANK"} {
			if bytes.HasPrefix(line, []byte(program+"\x00")) && bytes.Contains(line, []byte(saved)) &&
				bytes.Contains(append([]byte{0}, variables...), fmt.Appendf(nil, "\x00%s=%d\x00", name, rank)) {
				var pid int
				if _, err := fmt.Sscanf(path, "/proc/%d/", &pid); err != nil {
					t.Fatal(err)
				}
				p, err := os.FindProcess(pid)
				if err != nil {
					t.Fatal(err)
				}
				return p
			}
		}
	}
	t.Fatalf("no process is rank %d", rank)
	return nil
}

// goesOn resumes the run in a folder with one process for some steps, and compares it with a run that makes all steps at once.
func goesOn(t *testing.T, program, saved string) {
	t.Helper()
	steps := fmt.Sprint(last(saved) + 3)
	want, got := filepath.Join(t.TempDir(), "want.json"), filepath.Join(t.TempDir(), "got.json")
	args := append(slices.Clone(faulty), "--hidden", "16", "--batch", "300", "--steps", steps)
	run(t, "", 1, program, append(slices.Clone(args), "--model", want)...)
	run(t, "", 1, program, append(args, "--model", got, "--checkpoint", saved, "--resume")...)
	if hash(t, got) != hash(t, want) {
		t.Errorf("the run that goes on to step %s has other bits", steps)
	}
}
