//go:build !purego && !noasm

package simd

import (
	"golang.org/x/sys/cpu"
	"golang.org/x/sys/unix"
)

// useAMX is on where the system lets this process use tiles, for which it must ask: their registers are so large that not all
// threads have room for them.
var useAMX = useBF16 && cpu.X86.HasAMXTile && cpu.X86.HasAMXBF16 && mayUseTiles()

func mayUseTiles() bool {
	const requestPermission, tileData = 0x1023, 18 // ARCH_REQ_XCOMP_PERM and XFEATURE_XTILEDATA of Linux's asm/prctl.h and fpu/types.h
	_, _, errno := unix.RawSyscall(unix.SYS_ARCH_PRCTL, requestPermission, tileData, 0)
	return errno == 0
}
