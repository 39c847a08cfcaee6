package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// faulty is a run in which ranks fail.
var faulty = strings.Fields("minimize adam --data digits --micro-batches 6 --quiet")

// limit is how long the other ranks and the launcher may take to end after a fault.
const limit = 10 * time.Second

// TestFaults: whatever happens to a rank, the others end within the limit and name it. A run resumed from the last checkpoint has the bits of
// an undisturbed run.
func TestFaults(t *testing.T) {
	list := os.Getenv(installations)
	if list == "" {
		t.Skip(installations + " names no MPI")
	}
	program := build(t)
	// Each fault returns the text that must be said.
	type fault func(launcher, rank *os.Process) (string, error)
	var (
		kill fault = func(_, rank *os.Process) (string, error) { return fmt.Sprint("PID ", rank.Pid), rank.Kill() } // the launcher says it
		// MPICH's launcher kills the other ranks, and may then name one of them.
		killByMPICH fault = func(_, rank *os.Process) (string, error) { return "BAD TERMINATION OF ONE OF YOUR", rank.Kill() }
		stop        fault = func(_, rank *os.Process) (string, error) {
			return "rank 1 has not answered for 3s", rank.Signal(syscall.SIGSTOP)
		}
		terminate fault = func(launcher, _ *os.Process) (string, error) { return "", launcher.Signal(syscall.SIGTERM) }
		notify    fault = func(launcher, _ *os.Process) (string, error) {
			return "its results are saved", launcher.Signal(syscall.SIGUSR1)
		}
	)
	faults := map[string]fault{
		"killed": kill, "killed with a divided state": kill, "stopped": stop,
		"SIGTERM": terminate, "SIGTERM with a divided state": terminate, "SIGUSR1": notify,
	}
	for _, installation := range strings.Split(list, ":") {
		for name, strike := range faults {
			if strings.HasPrefix(name, "killed") && strings.Contains(filepath.Base(installation), "mpich") {
				strike = killByMPICH
			}
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
				rank := ranksOf(t, program, saved)[1]
				if rank == nil {
					t.Fatal("no process is rank 1")
				}
				struck := time.Now()
				says, err := strike(c.Process, rank)
				if err != nil {
					t.Fatal(err)
				}
				if err := ended(t, c, program, saved, struck); err == nil || !strings.Contains(out.String(), says) {
					t.Errorf("ended with %v, and should say %q: %s", err, says, out)
				}
				goesOn(t, program, saved)
			})
		}
	}
}

// TestSlowRankIsNamed: a rank that is 10 times slow is named within the time of the watchdog while the run goes on, also if ranks share
// processors. The rank stands still for 9 times as long as it runs. Its micro-batches are so long that most stops fall into one. It is named
// after 8 slow steps: a few seconds, or more if other work makes all ranks slow.
func TestSlowRankIsNamed(t *testing.T) {
	list := os.Getenv(installations)
	if list == "" {
		t.Skip(installations + " names no MPI")
	}
	const watchdog = time.Minute
	program := build(t)
	for _, installation := range strings.Split(list, ":") {
		t.Run(filepath.Base(installation), func(t *testing.T) {
			saved := filepath.Join(t.TempDir(), "run")
			c, out := start(t, installation, program, append(slices.Clone(faulty), "--hidden", "1024", "--batch", "1500", "--checkpoint", saved, "--checkpoint-every", "20", "--steps", "1000000", "--watchdog", watchdog.String())...)
			rank := ranksOf(t, program, saved)[1]
			if rank == nil {
				t.Fatal("no process is rank 1")
			}
			for begun := time.Now(); !strings.Contains(out.String(), "rank 1 is slow") && time.Since(begun) < watchdog; {
				ran := time.Now()
				time.Sleep(50 * time.Millisecond)
				_ = rank.Signal(syscall.SIGSTOP)
				time.Sleep(9 * time.Since(ran))
				_ = rank.Signal(syscall.SIGCONT)
			}
			_ = c.Process.Signal(syscall.SIGTERM)
			if _ = c.Wait(); !strings.Contains(out.String(), "rank 1 is slow: a micro-batch takes it") {
				t.Error(out.String())
			}
		})
	}
}

// TestBadGradientOfOneRank: if the micro-batch of one rank has a gradient that is not finite, all ranks skip the step. If they may skip none, they
// end within the limit, and name the rank.
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
	args := strings.Fields("minimize adam:skip-nonfinite=100,lr=1e-12 --precision float32 --loss least-squares --scale none --batch 20 --micro-batches 5 --steps 12 --data " + rows)
	var hashes []string
	for _, size := range []int{1, 3} {
		out := filepath.Join(t.TempDir(), "model.json")
		if said := run(t, installation, size, program, append(slices.Clone(args), "--model", out)...); !strings.Contains(said, "skipped") {
			t.Errorf("%d ranks skip nothing: %s", size, said)
		}
		hashes = append(hashes, hash(t, out))
	}
	if hashes[0] != hashes[1] {
		t.Error("3 ranks have other bits than one where steps are skipped")
	}
	saved := filepath.Join(t.TempDir(), "run")
	args[1] = "adam:lr=1e-12"
	c, out := start(t, installation, program, append(args, "--batch", "4", "--checkpoint", saved, "--checkpoint-every", "1", "--steps", "100")...)
	newest, err := os.Stat(saved) // changed by a checkpoint before the fault
	if err != nil {
		t.Fatal(err)
	}
	if err := ended(t, c, program, saved, newest.ModTime()); err == nil || !regexp.MustCompile(`diverged at step .* on rank [012][^ ]`).MatchString(out.String()) {
		t.Errorf("ended with %v: %s", err, out)
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

// ended waits until the launcher and all ranks of a run have ended, and returns the launcher's error. It fails the test if they take longer than
// the limit after a fault.
func ended(t *testing.T, c *exec.Cmd, program, saved string, fault time.Time) error {
	t.Helper()
	err := c.Wait()
	for len(ranksOf(t, program, saved)) > 0 && time.Since(fault) < limit {
		time.Sleep(5 * time.Millisecond)
	}
	if took := time.Since(fault); took > limit {
		t.Errorf("the end took %v from the fault, want at most %v; %d ranks still run", took, limit, len(ranksOf(t, program, saved)))
	}
	return err
}

// ranksOf returns the processes of the ranks that save in a folder.
func ranksOf(t *testing.T, program, saved string) map[int]*os.Process {
	t.Helper()
	list, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	ranks := make(map[int]*os.Process)
	for _, path := range list {
		line, _ := os.ReadFile(path)
		if !bytes.HasPrefix(line, []byte(program+"\x00")) || !bytes.Contains(line, []byte(saved)) {
			continue
		}
		variables, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "environ"))
		for variable := range strings.SplitSeq(string(variables), "\x00") {
			name, value, _ := strings.Cut(variable, "=")
			rank, err := strconv.Atoi(value)
			if err != nil || name != "OMPI_COMM_WORLD_RANK" && name != "PMI_RANK" {
				continue
			}
			var pid int
			if _, err := fmt.Sscanf(path, "/proc/%d/", &pid); err != nil {
				t.Fatal(err)
			}
			if ranks[rank], err = os.FindProcess(pid); err != nil {
				t.Fatal(err)
			}
		}
	}
	return ranks
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
