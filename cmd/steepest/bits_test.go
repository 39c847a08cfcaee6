package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/cpu"
)

// unfused are the packages whose bits must not depend on whether the compiler fuses x·y + z into one rounding, as those for arm64 and
// GOAMD64=v3 do. In objective, the files that compute values and gradients are held to this, those for theory are not.
var unfused = []string{"optim/...", "train", "data", "internal/simd", "internal/gemm", "internal/cosine", "internal/threefry", "objective"}

// theoretical are the files of objective that compute no values and gradients.
var theoretical = []string{"constants.go", "dual.go", "rounding.go", "length.go", "smoothness.go"}

var fused = regexp.MustCompile(`\((\S+\.go):(\d+)\)\s+FN?M(ADD|SUB)[DS]\b`)

// TestNoProductIsFused: packages that promise bits, compiled for arm64 wherever the test runs, have no fused multiply-add. A product that
// is an operand of a sum has to be written float64(x*y).
func TestNoProductIsFused(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles the packages for arm64")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"build", "-gcflags=steepest/...=-S"}
	for _, p := range unfused {
		args = append(args, "./"+p)
	}
	build := exec.Command("go", args...)
	build.Dir, build.Env = root, append(os.Environ(), "GOARCH=arm64", "GOFLAGS=", "CGO_ENABLED=0")
	text, err := build.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := build.Start(); err != nil {
		t.Fatal(err)
	}
	lines, instructions := bufio.NewScanner(text), 0
	lines.Buffer(nil, 1<<24)
	found := make(map[string]bool)
	for lines.Scan() {
		instructions++
		m := fused.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		file, err := filepath.Rel(root, m[1])
		if err != nil || !promised(filepath.ToSlash(file)) {
			continue
		}
		found[fmt.Sprintf("%s:%s", file, m[2])] = true
	}
	if err := build.Wait(); err != nil || lines.Err() != nil || instructions < 1e5 {
		t.Fatalf("%d lines of assembly, %v, %v", instructions, err, lines.Err())
	}
	for at := range found {
		t.Errorf("%s: the compiler may fuse a product and a sum; round the product by a conversion, float64(x*y) + z", at)
	}
}

// promised tells whether a file belongs to the packages that promise bits.
func promised(file string) bool {
	folder, name := filepath.Split(file)
	if folder == "objective/" && slices.Contains(theoretical, name) {
		return false
	}
	return slices.ContainsFunc(unfused, func(p string) bool {
		at, all := strings.CutSuffix(p, "...")
		return folder == p+"/" || all && strings.HasPrefix(folder, at)
	})
}

// TestBitsOfBuilds: programs built with and without fused multiply-adds lead every method to the same bits, on matrices too. Singular
// values in float64 are an exception, because gonum computes them.
func TestBitsOfBuilds(t *testing.T) {
	if testing.Short() || runtime.GOARCH != "amd64" || !cpu.X86.HasFMA || !cpu.X86.HasAVX2 || !cpu.X86.HasBMI2 {
		t.Skip("builds a program twice, and runs on processors with fused multiply-adds")
	}
	var outputs [2][]string
	for i, level := range []string{"v1", "v3"} {
		run := exec.Command("go", "run", "./testdata/bits")
		run.Env = append(os.Environ(), "GOAMD64="+level)
		out, err := run.Output()
		if err != nil {
			t.Fatalf("%s: %v", level, err)
		}
		outputs[i] = strings.Split(string(out), "\n")
	}
	if len(outputs[0]) < 100 || len(outputs[0]) != len(outputs[1]) {
		t.Fatalf("%d and %d results", len(outputs[0]), len(outputs[1]))
	}
	for i, line := range outputs[0] {
		if other := outputs[1][i]; line != other {
			t.Errorf("v1: %s\nv3: %s", line, other)
		}
	}
}
