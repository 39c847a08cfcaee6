package dist

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

// Launcher is what has started this process as one of several.
type Launcher struct {
	// Name is how users call it; "" for a process alone.
	Name string
	// Rank is the number of this process, and Size how many the launcher says that there are, Local of them on this machine; 0 where it does
	// not say.
	Rank, Size, Local int
	// Grace is how long a launcher leaves its processes after a signal that ends them; 0 where that is long enough.
	Grace time.Duration

	library string // what its processes need
}

// The libraries by the names under which a linker finds them.
const (
	Standard = "libmpi_abi.so.1" // of MPI 5's binary interface: MPICH 5, Intel MPI
	OpenMPI  = "libmpi.so.40"
)

// launchers are those that are known, by the variables that only the processes of a launcher have.
var launchers = []struct {
	name, rank, size, local, library string
	grace                            time.Duration
}{
	{"mpirun of Open MPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE", OpenMPI, 250 * time.Millisecond},
	{"mpiexec of MPICH or Intel MPI", "PMI_RANK", "PMI_SIZE", "MPI_LOCALNRANKS", Standard, 0},
	{"srun", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "", "", 0},
}

// Launched returns what has started this process.
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

// Libraries returns what to load, the first that there is.
func (l Launcher) Libraries() []string {
	if l.library == "" {
		return []string{Standard, OpenMPI}
	}
	return []string{l.library}
}

// Check compares the world that the library has made with what the launcher says. Where library and launcher are not of one another, each
// process is a world of its own.
func (l Launcher) Check(size int, library string) error {
	if l.Size != size {
		return fmt.Errorf("%s has started %d processes, and %s makes a world of %d of them: it is the library of another MPI; name that of the launcher in LD_LIBRARY_PATH", l.Name, l.Size, library, size)
	}
	return nil
}
