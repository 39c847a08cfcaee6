package simd_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The generator builds for this machine, by its own go.mod alone, whatever the tests are built for.
var generatorEnv = []string{"GOFLAGS=-mod=readonly", "GOWORK=off", "GOOS=", "GOARCH="}

func TestAssemblyIsGenerated(t *testing.T) {
	dir := t.TempDir()
	generate := exec.Command("go", "run", "./elementwise", "-dir", dir)
	generate.Dir, generate.Env = "_asm", append(os.Environ(), generatorEnv...)
	if out, err := generate.CombinedOutput(); err != nil {
		t.Fatalf("the generator in internal/simd/_asm does not run, for which Go must be able to fetch avo: %v\n%s", err, out)
	}
	for _, name := range []string{"elementwise_avx2_amd64.s", "elementwise_avx2_amd64.go"} {
		want, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what its generator writes: run go generate ./internal/simd (%v)", name, err)
		}
	}
}
