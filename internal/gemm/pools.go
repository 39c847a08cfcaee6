package gemm

import (
	"sync"

	"steepest/internal/simd"
)

// pools keep memory for later products, in float32 and in float64.
type pools struct{ of32, of64 sync.Pool }

// poolOf returns the pool for T.
func poolOf[T simd.Float](p *pools) *sync.Pool {
	if _, is32 := any(T(0)).(float32); is32 {
		return &p.of32
	}
	return &p.of64
}
