package checkpoint

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// childEnv names the folder in which the test binary, started by a test, trains until it is killed.
const childEnv = "CHECKPOINT_TEST_FOLDER"

func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		fmt.Println(trainForever(path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// advance is a step of a run. The state shows whether a step was lost, made twice or made with other bits.
func advance(state []uint32) {
	for i := range state {
		state[i] = (state[i]^uint32(i))*2654435761 + state[(i+1)%len(state)]>>3
	}
}

func startState() []uint32 { return make([]uint32, 5000) }

// trainForever continues from the newest checkpoint, saves every step, and prints the saved steps.
func trainForever(path string) error {
	f, err := Open(path, 2)
	if err != nil {
		return err
	}
	step, state := 0, startState()
	s, skipped, err := Load(path)
	if err == nil {
		step, state = s.Step, s.Tensors["state"].Values.([]uint32)
	}
	if len(skipped) > 0 || err != nil && !errors.Is(err, ErrNone) {
		return fmt.Errorf("loading: %w, %v", err, skipped)
	}
	fmt.Println("saved", step)
	for {
		advance(state)
		step++
		tensors := map[string]Tensor{"state": {[]int{len(state)}, state}}
		if err := f.Save(Snapshot{Step: step, Tensors: tensors}); err != nil {
			return err
		}
		fmt.Println("saved", step)
	}
}

// startChild starts a process that trains in the folder at path, and returns the lines that it prints.
func startChild(t *testing.T, path string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childEnv+"="+path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	return child, bufio.NewScanner(out)
}

// A run that is killed again and again loses no saved step, and computes the same bits as a run that is not killed.
func TestKilledProcess(t *testing.T) {
	path := t.TempDir() + "/deep/run"
	kills := 50
	if testing.Short() {
		kills = 5
	}
	rng := rand.New(rand.NewPCG(3, 4))
	want, made := startState(), 0
	for range kills {
		child, lines := startChild(t, path)
		lines.Scan() // it has loaded
		time.AfterFunc(time.Duration(rng.IntN(30_000))*time.Microsecond, func() { _ = child.Process.Kill() })
		saved := -1
		for ok := true; ok; ok = lines.Scan() {
			text, isStep := strings.CutPrefix(lines.Text(), "saved ")
			step, err := strconv.Atoi(text)
			if !isStep || err != nil {
				t.Fatalf("the run says %q", lines.Text())
			}
			saved = step
		}
		_ = child.Wait() // it was killed

		s, skipped, err := Load(path)
		if errors.Is(err, ErrNone) && saved == 0 {
			continue
		}
		if err != nil || len(skipped) > 0 || s.Step < saved {
			t.Fatalf("step %d was saved, and %v loaded: %v, %v", saved, s, skipped, err)
		}
		for ; made < s.Step; made++ {
			advance(want)
		}
		if !same(*s, Snapshot{Step: made, Meta: s.Meta, Tensors: map[string]Tensor{"state": {[]int{len(want)}, want}}}) {
			t.Fatalf("step %d has other bits than a run that was not killed", s.Step)
		}
	}
	t.Logf("%d kills, %d steps", kills, made)
	f, err := Open(path, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Save(example(1)); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(path); len(left) != 3 {
		t.Errorf("the folder holds %v; it should be two checkpoints and the lock", left)
	}
}

// Only one process writes in a folder. The lock of a killed process is free.
func TestLock(t *testing.T) {
	path := t.TempDir()
	if err := os.WriteFile(filepath.Join(path, "lock"), make([]byte, 100), 0o666); err != nil { // by a process long dead
		t.Fatal(err)
	}
	child, lines := startChild(t, path)
	lines.Scan()
	_, err := Open(path, 1)
	host, _ := os.Hostname()
	holder := fmt.Sprintf("(process %d on %s)", child.Process.Pid, host)
	if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), holder) {
		t.Errorf("the folder is in use by %s, and Open gives %v", holder, err)
	}
	if _, _, err := Load(path); err != nil && !errors.Is(err, ErrNone) {
		t.Errorf("a reader needs no lock, and gets %v", err)
	}
	_ = child.Process.Kill()
	_ = child.Wait()

	f, err := Open(path, 1)
	if err != nil {
		t.Fatalf("the other process is dead, and Open gives %v", err)
	}
	if _, err := Open(path, 1); !errors.Is(err, ErrInUse) {
		t.Errorf("a second Folder of one process: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if f, err = Open(path, 1); err != nil {
		t.Fatalf("the folder is closed, and Open gives %v", err)
	}
	_ = f.Close()
}
