//go:build !purego && !noasm

package simd

import "golang.org/x/sys/cpu"

// useAVX2 is what dispatch looks at. GODEBUG=cpu.avx2=off turns it off for a whole program.
var useAVX2 = cpu.X86.HasAVX2 && cpu.X86.HasFMA

func init() {
	if useAVX2 {
		implementations = append(implementations, implementation{"avx2", &useAVX2})
	}
}
