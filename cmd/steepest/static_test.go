package main

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestProgramIsStatic: without cgo the program is one file that needs no other file to start, as in an empty container. With a package
// that loads libraries at run time, it would be linked to the C library.
func TestProgramIsStatic(t *testing.T) {
	program := filepath.Join(t.TempDir(), "steepest")
	c := exec.Command("go", "build", "-o", program, ".")
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	file, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, p := range file.Progs {
		if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
			t.Error("the program has a header for a linker")
		}
	}
	packages, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil || strings.Contains(string(packages), "ebitengine/purego") {
		t.Errorf("the program imports purego (%v)", err)
	}
}

// TestRefusesToBeSeveral: if a launcher starts more than one process, the error names steepest-mpi.
func TestRefusesToBeSeveral(t *testing.T) {
	program := filepath.Join(t.TempDir(), "steepest")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for variables, refused := range map[string]bool{
		"OMPI_COMM_WORLD_SIZE=2": true, "PMI_SIZE=4": true, "SLURM_STEP_NUM_TASKS=2": true, "PMI_SIZE=1": false, "SLURM_NTASKS=2": false,
	} {
		c := exec.Command(program, "version")
		c.Env = append(os.Environ(), variables)
		out, err := c.CombinedOutput()
		if strings.Contains(string(out), "steepest-mpi") != refused || (err != nil) != refused {
			t.Errorf("%s: %v, %s", variables, err, out)
		}
	}
}
