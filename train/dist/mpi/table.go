//go:build linux || darwin

package mpi

import (
	"fmt"
	"os"
	"reflect"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"

	"steepest/train/dist"
)

// table holds the functions and the constants of an MPI library that a group needs.
type table struct {
	name string // of the library

	initThread, size, rank, dup, allToAll, allReduce, send, receive, test, finalize uintptr
	prepareAllToAll, start, free                                                    uintptr // for an operation that is made again and again
	yield, exit                                                                     uintptr // of the C library

	// A communicator, types, an operation and no hints: integers in the standard, addresses in Open MPI.
	world, bytes, float, double, sum, noHints uintptr
	anySource, serialized, inPlace            int
}

// iallreduce is the environment variable that says which algorithm Open MPI takes for MPI_Iallreduce.
const iallreduce = "OMPI_MCA_coll_libnbc_iallreduce_algorithm"

// load fills the table from a library.
func load(library string) (t *table, err error) {
	handle, err := purego.Dlopen(library, purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return nil, err
	}
	t = &table{name: library}
	symbols := map[string]*uintptr{
		"MPI_Init_thread": &t.initThread, "MPI_Comm_size": &t.size, "MPI_Comm_rank": &t.rank, "MPI_Comm_dup": &t.dup,
		"MPI_Ialltoallv": &t.allToAll, "MPI_Iallreduce": &t.allReduce, "MPI_Isend": &t.send, "MPI_Irecv": &t.receive,
		"MPI_Alltoallv_init": &t.prepareAllToAll, "MPI_Start": &t.start, "MPI_Request_free": &t.free,
		"MPI_Test": &t.test, "MPI_Finalize": &t.finalize, "sched_yield": &t.yield, "exit": &t.exit,
	}
	if library == dist.OpenMPI {
		// The default algorithm of MPI_Iallreduce sends the whole vector to one rank and back. Rabenseifner's is as fast as MPI_Allreduce.
		if _, given := os.LookupEnv(iallreduce); !given {
			if err := os.Setenv(iallreduce, "3"); err != nil {
				return nil, err
			}
		}
		t.anySource, t.serialized, t.inPlace = -1, 2, 1
		symbols["ompi_mpi_comm_world"], symbols["ompi_mpi_byte"] = &t.world, &t.bytes
		symbols["ompi_mpi_float"], symbols["ompi_mpi_double"], symbols["ompi_mpi_op_sum"] = &t.float, &t.double, &t.sum
		symbols["ompi_mpi_info_null"] = &t.noHints
	} else { // MPI 5.0, appendix A
		t.anySource, t.serialized, t.inPlace = -1, 2048, 1
		t.world, t.bytes, t.float, t.double, t.sum, t.noHints = 0x101, 0x247, 0x210, 0x214, 0x21, 0x130
	}
	for name, to := range symbols {
		if *to, err = purego.Dlsym(handle, name); err != nil {
			return nil, fmt.Errorf("%s has no %s: %w", library, name, err)
		}
	}
	return t, nil
}

// call calls a function of the library. Most errors make the library end the process; the others are returned.
func call(f uintptr, args ...uintptr) error {
	if code, _, _ := purego.SyscallN(f, args...); int32(code) != 0 {
		return fmt.Errorf("mpi: error %d of the library", int32(code))
	}
	return nil
}

// at returns the address of memory that is pinned already.
func at[T any](pinned *T) uintptr { return uintptr(unsafe.Pointer(pinned)) }

// pinned returns arguments as machine words, and pins the memory that they point to.
func pinned(pins *runtime.Pinner, args ...any) []uintptr {
	words := make([]uintptr, len(args), len(args)+1)
	for i, arg := range args {
		switch arg := arg.(type) {
		case int:
			words[i] = uintptr(arg)
		case uintptr:
			words[i] = arg
		default:
			pins.Pin(arg)
			words[i] = reflect.ValueOf(arg).Pointer()
		}
	}
	return words
}
