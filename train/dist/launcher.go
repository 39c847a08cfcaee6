package dist

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

// Launcher is the program that started this process as one of several.
type Launcher struct {
	// Name is the usual name of the launcher; "" for a single process.
	Name string
	// Rank is the number of this process, and Size the number of all processes.
	Rank, Size int
	// Grace is the time between a signal that ends the processes and the launcher killing them; 0 if it is long enough for any purpose.
	Grace time.Duration

	library string // the MPI library of its processes
}

// The names under which the dynamic linker finds the libraries.
const (
	Standard = "libmpi_abi.so.1" // of MPI 5's binary interface: MPICH 5, Intel MPI
	OpenMPI  = "libmpi.so.40"
)

// launchers lists the known launchers, with the environment variables that they set.
var launchers = []struct {
	name, rank, size, library string
	grace                     time.Duration
}{
	{"mpirun of Open MPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", OpenMPI, 250 * time.Millisecond},
	{"mpiexec of MPICH or Intel MPI", "PMI_RANK", "PMI_SIZE", Standard, 0},
	{"srun", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "", 0},
}

// Launched returns the launcher of this process.
func Launched() Launcher {
	for _, l := range launchers {
		if size, err := strconv.Atoi(os.Getenv(l.size)); err == nil {
			found := Launcher{Name: l.name, Size: size, Grace: l.grace, library: l.library}
			found.Rank, _ = strconv.Atoi(os.Getenv(l.rank))
			return found
		}
	}
	return Launcher{}
}

// Libraries returns the names of the libraries to try, in order.
func (l Launcher) Libraries() []string {
	if l.library == "" {
		return []string{Standard, OpenMPI}
	}
	return []string{l.library}
}

// Check returns an error unless the library's world has as many processes as the launcher started. If the library is not the launcher's, each
// process is a world of its own.
func (l Launcher) Check(size int, library string) error {
	if l.Size == size {
		return nil
	}
	advice := "it is the library of another MPI; name the folder of the launcher's library in LD_LIBRARY_PATH"
	if l.library == "" {
		advice = "give srun the --mpi that this library understands, such as --mpi=pmi2 or --mpi=pmix"
	}
	return fmt.Errorf("%s has started %d processes, but %s makes a world of %d: %s", l.Name, l.Size, library, size, advice)
}
