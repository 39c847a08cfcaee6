package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/cpu"
)

// TestBitsOfBuilds: a compiler that may fuse x·y + z into one rounding, as that for GOAMD64=v3 and arm64 does, makes the same models and
// records, for elementwise methods and estimators on linear models and functions.
func TestBitsOfBuilds(t *testing.T) {
	if testing.Short() || runtime.GOARCH != "amd64" || !cpu.X86.HasFMA || !cpu.X86.HasAVX2 || !cpu.X86.HasBMI2 {
		t.Skip("builds the program twice, and runs on processors with fused multiply-adds")
	}
	dir := t.TempDir()
	for _, level := range []string{"v1", "v3"} {
		build := exec.Command("go", "build", "-o", filepath.Join(dir, level), ".")
		build.Env = append(os.Environ(), "GOAMD64="+level)
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	for _, args := range []string{
		"sgd:lr=cosine(0.1,0,90) --data breast-cancer --steps 80", "heavy-ball --data breast-cancer --average exponential --steps 80",
		"nesterov --data breast-cancer --steps 80", "adagrad --data digits --steps 40", "rmsprop:momentum=0.5 --data breast-cancer --steps 80",
		"adadelta --data breast-cancer --steps 80", "adam --data breast-cancer --steps 80", "adam --data digits --precision float32 --steps 40",
		"amsgrad --data breast-cancer --steps 80", "adamw:weight-decay=0.1 --data heart-scale --loss huber --steps 80",
		"nadam --data heart-scale --loss squared-hinge --steps 80", "nag-gs --data breast-cancer --steps 80", "lion --data breast-cancer --steps 80",
		"fromage --data breast-cancer --average uniform --steps 80", "normalized --data breast-cancer --steps 80",
		"saga --data breast-cancer --steps 80", "svrg --data breast-cancer --steps 80", "newton-sgd --data breast-cancer --average uniform --steps 80",
		"adam --data digits --rank 2 --steps 20", "adam:lr=0.01 --function rosenbrock --steps 100", "adam:lr=0.01 --function beale --steps 100",
		"adam:lr=0.01 --function himmelblau --steps 100", "adam:lr=0.01 --function quadratic --steps 100", "adam:lr=0.1 --function ripple --steps 100",
	} {
		model, record := minimized(t, dir, "v1", args)
		if m, r := minimized(t, dir, "v3", args); m != model || r != record {
			t.Errorf("%s: another compiler's model is the same: %v, its record is: %v", args, m == model, r == record)
		}
	}
}

// minimized runs a build of the program, and returns the parameters of the model and the record, without times.
func minimized(t *testing.T, dir, level, args string) (parameters, record string) {
	t.Helper()
	model, points := filepath.Join(dir, "model.json"), filepath.Join(dir, "points.jsonl")
	run := exec.Command(filepath.Join(dir, level), append([]string{"minimize", "--quiet", "--model", model, "--record", points}, strings.Fields(args)...)...)
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", args, err, out)
	}
	text, err := os.ReadFile(model)
	if err != nil {
		t.Fatal(err)
	}
	var m struct{ Parameters json.RawMessage }
	if err := json.Unmarshal(text, &m); err != nil || len(m.Parameters) == 0 {
		t.Fatalf("%s: no parameters, %v", args, err)
	}
	lines, err := os.ReadFile(points)
	if err != nil {
		t.Fatal(err)
	}
	var kept []byte
	for line := range bytes.Lines(lines) {
		var point map[string]any
		if err := json.Unmarshal(line, &point); err != nil {
			t.Fatal(err)
		}
		delete(point, "seconds")
		text, err := json.Marshal(point)
		if err != nil {
			t.Fatal(err)
		}
		kept = append(append(kept, text...), '\n')
	}
	return string(m.Parameters), string(kept)
}
