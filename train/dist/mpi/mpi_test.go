//go:build linux || darwin

package mpi

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"steepest/train/dist"
)

// installations is the environment variable that lists virtual environments with an MPI, separated by colons.
const installations = "STEEPEST_TEST_MPI"

// asRank is the environment variable that makes the test program a rank. Its value is a key of ranks.
const asRank = "STEEPEST_TEST_RANK"

func TestMain(m *testing.M) {
	if what := os.Getenv(asRank); what != "" {
		patience := time.Minute
		if what == "stop" {
			patience = time.Second / 2
		}
		g, err := Open(dist.Launched(), patience)
		if err == nil {
			err = ranks[what](g)
		}
		text := "" // printed before the end, since a launcher may lose text that is printed at the end
		if err != nil {
			text = err.Error()
			fmt.Println("FAIL", text)
		}
		g.Exit(0, text)
	}
	os.Exit(m.Run())
}

// ranks holds the functions that ranks run in tests.
var ranks = map[string]func(g *Group) error{"exchange": exchange, "recover": recovers, "stop": stop, "end": end}

// launch runs a function of ranks on size ranks of an installation, and returns their output.
func launch(t *testing.T, installation string, size int, what string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	args := []string{"-n", fmt.Sprint(size), os.Args[0]}
	if strings.Contains(filepath.Base(installation), "openmpi") {
		args = slices.Concat([]string{"--oversubscribe", "--bind-to", "none"}, args)
	}
	c := exec.CommandContext(ctx, filepath.Join(installation, "bin", "mpiexec"), args...)
	c.Env = append(os.Environ(), asRank+"="+what, "LD_LIBRARY_PATH="+filepath.Join(installation, "lib"),
		"OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1", "GOMAXPROCS=1")
	out, err := c.CombinedOutput()
	if err != nil && !strings.Contains(string(out), "FAIL") {
		t.Errorf("%v", err)
	}
	return string(out)
}

// each calls f for each installation.
func each(t *testing.T, f func(t *testing.T, installation string)) {
	list := os.Getenv(installations)
	if list == "" {
		t.Skip(installations + " names no MPI")
	}
	for _, installation := range strings.Split(list, ":") {
		t.Run(filepath.Base(installation), func(t *testing.T) {
			t.Parallel()
			f(t, installation)
		})
	}
}

// TestExchanges compares the results of all exchanges with the expected ones.
func TestExchanges(t *testing.T) {
	each(t, func(t *testing.T, installation string) {
		for _, size := range []int{2, 4} {
			if out := launch(t, installation, size, "exchange"); strings.Count(out, "exchanged\n") != size || strings.Contains(out, "FAIL") {
				t.Errorf("%d ranks: %s", size, out)
			}
		}
	})
}

func exchange(g *Group) error {
	rank, size := g.Rank(), g.Size()
	for round, n := range []int{0, 1, 3, 1000, 3, 1 << 20} {
		letter := func(from, to int) byte { return byte(25*round + 5*from + to) }
		sends, receives, gathers := make([]int, size), make([]int, size), make([]int, size)
		var send, want, all []byte
		for r := range size {
			sends[r], receives[r], gathers[r] = n*(r+1), n*(rank+1), n*r
			send = append(send, slices.Repeat([]byte{letter(rank, r)}, sends[r])...)
			want = append(want, slices.Repeat([]byte{letter(r, rank)}, receives[r])...)
			all = append(all, slices.Repeat([]byte{letter(r, r)}, gathers[r])...)
		}
		recv := make([]byte, len(want))
		if err := g.AllToAll(recv, send, receives, sends); err != nil || !slices.Equal(recv, want) {
			return fmt.Errorf("all to all, n = %d, rank %d of %d: %w", n, rank, size, err)
		}
		recv = make([]byte, len(all))
		if err := g.AllGather(recv, slices.Repeat([]byte{letter(rank, rank)}, gathers[rank]), gathers); err != nil || !slices.Equal(recv, all) {
			return fmt.Errorf("all gather, n = %d, rank %d of %d: %w", n, rank, size, err)
		}
		single, double := make([]float32, n), make([]float64, n)
		for i := range n {
			single[i], double[i] = float32(i+rank), float64(i-rank)
		}
		if err := errors.Join(g.AllReduce32(single), g.AllReduce64(double)); err != nil {
			return err
		}
		for i := range n {
			if ranks := size * (size - 1) / 2; single[i] != float32(size*i+ranks) || double[i] != float64(size*i-ranks) {
				return fmt.Errorf("all reduce, n = %d, rank %d of %d: element %d is %v and %v", n, rank, size, i, single[i], double[i])
			}
		}
		runtime.GC()
	}
	fmt.Println("exchanged")
	return nil
}

// TestPanicsStayRecoverable: the library leaves Go's signal handlers in place.
func TestPanicsStayRecoverable(t *testing.T) {
	each(t, func(t *testing.T, installation string) {
		if out := launch(t, installation, 2, "recover"); strings.Count(out, "recovered\n") != 2 {
			t.Error(out)
		}
	})
}

func recovers(g *Group) error {
	defer func() {
		if recover() != nil {
			fmt.Println("recovered")
		}
	}()
	var nothing *Group
	fmt.Println(nothing.patience)
	return nil
}

// TestStoppedRankIsNamed: the other ranks give up when their patience is spent, and name the stopped rank.
func TestStoppedRankIsNamed(t *testing.T) {
	each(t, func(t *testing.T, installation string) {
		out := launch(t, installation, 3, "stop")
		if !strings.Contains(out, "FAIL rank 1 has not answered for 500ms") {
			t.Error(out)
		}
	})
}

func stop(g *Group) error {
	for range 3 {
		if _, err := dist.Any(g, false); err != nil {
			return err
		}
	}
	if g.Rank() == 1 {
		pid := os.Getpid()
		if err := exec.Command("sh", "-c", fmt.Sprintf("kill -STOP %d; sleep 4; kill -CONT %d", pid, pid)).Run(); err != nil {
			return err
		}
	}
	return g.AllGather(make([]byte, 3000), make([]byte, 1000), []int{1000, 1000, 1000}) // of a length that is new
}

// TestEndIsTold: ranks that wait for a rank that has ended learn why it ended.
func TestEndIsTold(t *testing.T) {
	each(t, func(t *testing.T, installation string) {
		out := launch(t, installation, 3, "end")
		if !strings.Contains(out, "FAIL rank 1: the disk is full") || strings.Contains(out, "answered") {
			t.Error(out)
		}
	})
}

func end(g *Group) error {
	if g.Rank() == 1 {
		return errors.New("the disk is full")
	}
	_, err := dist.Any(g, false)
	return err
}
