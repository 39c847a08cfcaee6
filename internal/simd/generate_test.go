package simd_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The generators are built for this machine, with their own go.mod, whatever platform the tests are built for.
var generatorEnv = []string{"GOFLAGS=-mod=readonly", "GOWORK=off", "GOOS=", "GOARCH="}

// TestAssemblyIsGenerated runs every command of the module _asm and compares its output with the committed files.
func TestAssemblyIsGenerated(t *testing.T) {
	commands, err := filepath.Glob("_asm/*/main.go")
	if err != nil || len(commands) == 0 {
		t.Fatal("no generators in _asm", err)
	}
	dir := t.TempDir()
	for _, main := range commands {
		command := "./" + filepath.Base(filepath.Dir(main))
		generate := exec.Command("go", "run", command, "-dir", dir)
		generate.Dir, generate.Env = "_asm", append(os.Environ(), generatorEnv...)
		if out, err := generate.CombinedOutput(); err != nil {
			t.Fatalf("%s of internal/simd/_asm does not run, for which Go must be able to fetch avo: %v\n%s", command, err, out)
		}
	}
	written, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range written {
		want, err := os.ReadFile(filepath.Join(dir, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(file.Name()); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what its generator writes: run go generate ./internal/simd (%v)", file.Name(), err)
		}
	}
}
