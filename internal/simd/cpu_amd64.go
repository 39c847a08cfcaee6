//go:build !purego && !noasm

package simd

import "golang.org/x/sys/cpu"

// The switches of dispatch; useAMX is another. GODEBUG=cpu.amxtile=off, cpu.avx512f=off or cpu.avx2=off turns one off for a whole
// program, together with those that need it.
var (
	useAVX2   = cpu.X86.HasAVX2 && cpu.X86.HasFMA && cpu.X86.HasBMI2
	useAVX512 = useAVX2 && cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL
	useBF16   = useAVX512 && cpu.X86.HasAVX512BF16
)

func init() {
	if useAVX2 {
		implementations = append(implementations, implementation{"avx2", &useAVX2})
	}
	if useAVX512 {
		implementations = append(implementations, implementation{"avx512", &useAVX512})
	}
	if useAMX {
		implementations = append(implementations, implementation{"amx", &useAMX})
	}
}
