package dist

import (
	"os"
	"strings"
	"testing"
)

// TestLauncher: the variables of a launcher name it, the number of processes that it has started, and the library that they need.
func TestLauncher(t *testing.T) {
	clearEnv(t)
	t.Setenv("SLURM_NTASKS", "4") // as in a script of sbatch, which starts one process
	if l := Launched(); l != (Launcher{}) {
		t.Errorf("%+v has launched a process alone", l)
	}
	for _, c := range []struct {
		variables string
		size      int
		library   string
	}{
		{"OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_RANK=1 PMIX_RANK=1", 4, OpenMPI},
		{"PMI_SIZE=2 PMI_RANK=1", 2, Standard},
		{"SLURM_STEP_NUM_TASKS=8 SLURM_PROCID=1", 8, Standard},
		{"SLURM_STEP_NUM_TASKS=8 SLURM_PROCID=1 PMIX_RANK=1 SLURM_NTASKS=9", 8, Standard},
	} {
		clearEnv(t)
		for _, v := range strings.Fields(c.variables) {
			name, value, _ := strings.Cut(v, "=")
			t.Setenv(name, value)
		}
		l := Launched()
		if l.Name == "" || l.Rank != 1 || l.Size != c.size || l.Libraries()[0] != c.library {
			t.Errorf("%s: %+v, %v", c.variables, l, l.Libraries())
		}
		advice := "LD_LIBRARY_PATH"
		if strings.HasPrefix(c.variables, "SLURM") {
			advice = "--mpi=pmi2"
		}
		if err := l.Check(1, c.library); err == nil || !strings.Contains(err.Error(), advice) {
			t.Errorf("%s: a world of 1: %v", c.variables, err)
		}
		if err := l.Check(c.size, c.library); err != nil {
			t.Errorf("%s: %v", c.variables, err)
		}
	}
}

// clearEnv removes the variables of all launchers from the environment for the duration of the test.
func clearEnv(t *testing.T) {
	for _, l := range launchers {
		t.Setenv(l.size, "")
		if err := os.Unsetenv(l.size); err != nil {
			t.Fatal(err)
		}
	}
}
