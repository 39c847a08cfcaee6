//go:build linux || darwin

// Steepest-mpi is steepest for several processes, which mpirun, mpiexec or srun start: they share the work of minimize and pretrain. It
// loads the MPI library of the launcher and is linked to the C library; steepest itself is linked to no library.
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
