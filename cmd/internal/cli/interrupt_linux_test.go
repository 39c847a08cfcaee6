package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestInterruptedPhases signals the program while it reads, solves for f*, evaluates, makes a step that takes long or never ends, races,
// predicts, writes text and draws. The program says at once what it does, ends with the exit code of the signal, and does not change an
// older file.
func TestInterruptedPhases(t *testing.T) {
	t.Parallel()
	const older = "an older file\n"
	dir := t.TempDir()
	model, kept := filepath.Join(dir, "model.json"), filepath.Join(dir, "kept")
	if out, err := program(t.Context(), "minimize", "sgd", "--data", "heart-scale", "--steps", "1", "--model", model); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := os.WriteFile(kept, []byte(older), 0o600); err != nil {
		t.Fatal(err)
	}
	gpt := filepath.Join(dir, "gpt")
	if err := tinyGPT(gpt, 257); err != nil {
		t.Fatal(err)
	}
	rows := strings.Repeat("1 1:0.5 3:-1\n-1 2:0.25\n", 1<<14)
	many := filepath.Join(dir, "many.svm") // 2¹⁸ rows, so that an evaluation of a network with 9 million parameters takes a minute
	if err := os.WriteFile(many, []byte(strings.Repeat(rows, 8)), 0o600); err != nil {
		t.Fatal(err)
	}
	for phase, test := range map[string]struct {
		args  string
		rows  string // the standard input
		stall bool   // sent once, not repeatedly
		want  string
	}{
		"read":            {"minimize sgd --data /dev/stdin --format libsvm --model KEPT", rows, false, "interrupted; nothing more is written"},
		"wait for rows":   {"minimize sgd --data /dev/stdin --format libsvm --model KEPT", rows, true, "interrupted; nothing more is written"},
		"read CSV":        {"minimize sgd --data /dev/stdin --format csv --model KEPT", "1,2,3\n4,5,0\n", false, "interrupted; nothing more is written"},
		"tokenize":        {"tokenize /dev/stdin -o TOKENS", "some words and more\n", false, "no shard is written"},
		"wait for text":   {"tokenize - -o TOKENS --separator line", rows, true, "; no shard is written"},
		"predict":         {"predict MODEL --data /dev/stdin --format libsvm --out KEPT", rows, false, "interrupted; nothing more is written"},
		"pretrain":        {"pretrain --checkpoint TOKENS", "", false, "error: interrupted"},
		"rehearse":        {"pretrain --width 1024 --plan", "", false, "error: interrupted"},
		"generate":        {"generate GPT --temperature 0 --tokens 1000000000", "", false, "interrupted after "},
		"wait for prompt": {"generate GPT -", rows, true, "interrupted; nothing more is written"},
		"solve":           {"compare -m sgd --data digits --l2 1e-9 -o KEPT", "", false, "interrupted while solving for f*; nothing is written"},
		"evaluate":        {"minimize adam --data MANY --hidden 3000,3000 --precision float32 --model KEPT", "", false, "error: interrupted"},
		"lecture":         {"lecture spirals --dir DIR", "", false, "error: interrupted"},
		"large batch":     {"minimize sgd:batch=50000000 --data heart-scale --model KEPT", "", false, "no model is written"},
		"endless matrix":  {"minimize muon:steps=1000000000 --data digits --hidden 8 --model KEPT", "", false, "no model is written"},
		"race":            {"compare -m adam;sgd --data digits --no-optimum --epochs 100000 -o KEPT", "", false, "a race is written when it is over"},
		"race of endless": {"compare -m muon:steps=1000000000 --data digits --hidden 8 -o KEPT", "", false, "a race is written when it is over"},
	} {
		for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
			if signal == syscall.SIGTERM && testing.Short() {
				continue
			}
			t.Run(fmt.Sprintf("%s, %v", phase, signal), func(t *testing.T) {
				t.Parallel()
				args := strings.Fields(strings.NewReplacer("TOKENS", filepath.Join(t.TempDir(), "tokens"), "KEPT", kept, "MANY", many, "MODEL", model, "GPT", gpt, "DIR", filepath.Join(dir, "figures")).Replace(test.args))
				cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
				cmd.Env = append(os.Environ(), asProgram+"=1")
				var out bytes.Buffer
				cmd.Stdout, cmd.Stderr = &out, &out
				in, err := cmd.StdinPipe()
				if err != nil {
					t.Fatal(err)
				}
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				if test.stall { // more than a pipe holds, so that it has been read
					_, _ = io.WriteString(in, test.rows)
				} else {
					go func() {
						for test.rows != "" {
							if _, err := io.WriteString(in, test.rows); err != nil {
								return
							}
						}
					}()
					computes(t, cmd.Process.Pid)
				}
				if err := cmd.Process.Signal(signal); err != nil {
					t.Fatal(err)
				}
				_ = cmd.Wait()
				if code := cmd.ProcessState.ExitCode(); code != 128+int(signal) {
					t.Errorf("exit code %d", code)
				}
				for _, want := range []string{"interrupted: ", "; a second signal ends the program at once\n", test.want} {
					if !strings.Contains(out.String(), want) {
						t.Errorf("no %q in:\n%s", want, out.String())
					}
				}
				if text, err := os.ReadFile(kept); err != nil || string(text) != older {
					t.Errorf("the older file is now %q, %v", text, err)
				}
			})
		}
	}
}

// computes waits until a process has computed long enough to have reached the phase in which it stays.
func computes(t *testing.T, pid int) {
	t.Helper()
	const ticks = 40 * slower // of 10 ms
	for {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			t.Fatal(err)
		}
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		var user, system int
		if _, err := fmt.Sscan(fields[11]+" "+fields[12], &user, &system); err != nil {
			t.Fatal(err)
		}
		if user+system >= ticks {
			return
		}
		if fields[0] == "Z" {
			t.Fatal("the program has ended by itself")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// TestSignals: closing the terminal interrupts like Ctrl-C, unless the program was started to ignore that. Ctrl-\ ends the program at
// once, without a stack trace.
func TestSignals(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		start   string
		signals []syscall.Signal
		saved   bool
	}{
		"closed":  {`exec "$0" "$@"`, []syscall.Signal{syscall.SIGHUP}, true},
		"ignored": {`trap "" HUP INT; exec "$0" "$@"`, []syscall.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM}, true},
		"at once": {`exec "$0" "$@"`, []syscall.Signal{syscall.SIGQUIT}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "closed" && signal.Ignored(syscall.SIGHUP) {
				t.Skip("the tests ignore SIGHUP, as under nohup, and so would the program")
			}
			model := filepath.Join(t.TempDir(), "model.json")
			cmd := exec.CommandContext(t.Context(), "sh", "-c", test.start, os.Args[0], "minimize", "sgd:lr=0.01", "--data", "heart-scale", "--time", "1h", "--quiet", "--model", model)
			cmd.Env = append(os.Environ(), asProgram+"=1")
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			computes(t, cmd.Process.Pid)
			var last syscall.Signal
			for _, last = range test.signals {
				if err := cmd.Process.Signal(last); err != nil {
					t.Fatal(err)
				}
				time.Sleep(10 * time.Millisecond) // so that they come in this order
			}
			_ = cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != 128+int(last) {
				t.Errorf("exit code %d", code)
			}
			if _, err := os.Stat(model); (err == nil) != test.saved || strings.Contains(out.String(), "goroutine") {
				t.Errorf("the model: %v; output:\n%s", err, out.String())
			}
		})
	}
}
