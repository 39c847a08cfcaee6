//go:build linux || darwin

// Steepest-mpi is steepest whose minimize and pretrain several processes make together, as mpirun, mpiexec or srun start them. It needs the MPI
// library of the launcher when it runs, and the C library, to which steepest itself is not linked.
package main

import (
	"os"
	"syscall"
	"time"

	"steepest/cmd/internal/cli"
	"steepest/train/dist"
	"steepest/train/dist/mpi"
)

func main() {
	os.Exit(cli.Main(func(l dist.Launcher, patience time.Duration) (cli.Group, error) { return mpi.Open(l, patience) }, syscall.SIGUSR1))
}
