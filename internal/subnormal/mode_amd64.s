//go:build !purego && !noasm

#include "textflag.h"

// func mxcsr() Mode
TEXT ·mxcsr(SB), NOSPLIT, $0-4
	STMXCSR ret+0(FP)
	RET

// func set(m Mode)
TEXT ·set(SB), NOSPLIT, $0-4
	LDMXCSR m+0(FP)
	RET
