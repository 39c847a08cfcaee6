//go:build !purego && !noasm

package simd

import (
	"golang.org/x/sys/cpu"
	"golang.org/x/sys/unix"
)

// useAMX is set if the processor has tiles and Linux lets this process use them. A process must ask, because the tile registers are so
// large that not every thread reserves memory to save them.
var useAMX = useBF16 && cpu.X86.HasAMXTile && cpu.X86.HasAMXBF16 && mayUseTiles()

func mayUseTiles() bool {
	const requestPermission, tileData = 0x1023, 18 // ARCH_REQ_XCOMP_PERM and XFEATURE_XTILEDATA of Linux's asm/prctl.h and fpu/types.h
	_, _, errno := unix.RawSyscall(unix.SYS_ARCH_PRCTL, requestPermission, tileData, 0)
	return errno == 0
}
