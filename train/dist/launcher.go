package dist

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

// Launcher is the program that has started this process as one of several.
type Launcher struct {
	// Name is its usual name; "" for a single process.
	Name string
	// Rank is the number of this process, Size the number of processes, and Local the number of those on this machine; 0 if the launcher does
	// not say.
	Rank, Size, Local int
	// Grace is the time that the launcher leaves its processes after a signal that ends them; 0 if that is long enough.
	Grace time.Duration

	library string // the MPI library of its processes
}

// The names under which the dynamic linker finds the libraries.
const (
	Standard = "libmpi_abi.so.1" // of MPI 5's binary interface: MPICH 5, Intel MPI
	OpenMPI  = "libmpi.so.40"
)

// launchers lists the known launchers, with environment variables that only their processes have.
var launchers = []struct {
	name, rank, size, local, library string
	grace                            time.Duration
}{
	{"mpirun of Open MPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE", OpenMPI, 250 * time.Millisecond},
	{"mpiexec of MPICH or Intel MPI", "PMI_RANK", "PMI_SIZE", "MPI_LOCALNRANKS", Standard, 0},
	{"srun", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "", "", 0},
}

// Launched returns the launcher of this process.
func Launched() Launcher {
	for _, l := range launchers {
		if size, err := strconv.Atoi(os.Getenv(l.size)); err == nil {
			found := Launcher{Name: l.name, Size: size, Grace: l.grace, library: l.library}
			found.Rank, _ = strconv.Atoi(os.Getenv(l.rank))
			found.Local, _ = strconv.Atoi(os.Getenv(l.local))
			return found
		}
	}
	return Launcher{}
}

// Libraries returns the libraries to try, in order.
func (l Launcher) Libraries() []string {
	if l.library == "" {
		return []string{Standard, OpenMPI}
	}
	return []string{l.library}
}

// Check compares the size of the library's world with the launcher's. If the library does not belong to the launcher, each process is a
// world of its own.
func (l Launcher) Check(size int, library string) error {
	if l.Size == size {
		return nil
	}
	advice := "it is the library of another MPI; name that of the launcher in LD_LIBRARY_PATH"
	if l.library == "" {
		advice = "give srun the --mpi that this library understands, such as --mpi=pmi2 or --mpi=pmix"
	}
	return fmt.Errorf("%s has started %d processes, and %s makes a world of %d of them: %s", l.Name, l.Size, library, size, advice)
}
