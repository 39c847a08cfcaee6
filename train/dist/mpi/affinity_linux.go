package mpi

import "golang.org/x/sys/unix"

// mostProcessors is more than a Linux kernel can be built for.
const mostProcessors = 1 << 16

// affinity returns the numbers of the processors that this process may use; nil if the kernel does not say.
func affinity() (processors []int) {
	set := unix.NewCPUSet(mostProcessors)
	if unix.SchedGetaffinityDynamic(0, set) != nil {
		return nil
	}
	for i := range mostProcessors {
		if set.IsSet(i) {
			processors = append(processors, i)
		}
	}
	return processors
}
