package simd

import "testing"

// TestPanelsStayInside runs the kernels on memory that begins or ends at a forbidden page.
func TestPanelsStayInside(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		for _, atEnd := range []bool{false, true} {
			const steps, count = 3, 2
			c, x := guarded[float32](t, count*StepBF16, atEnd), guarded[float32](t, Edge*steps*Edge, atEnd)
			a, b := guarded[BF16](t, steps*StepBF16, atEnd), guarded[BF16](t, count*steps*StepBF16, atEnd)
			PackStrip(a, x, steps*Edge, 1, 1)
			PackPanels(b, StepBF16, x, steps*Edge, steps, 1)
			TransposeTiles(a, b[:len(a)])
			MultiplyPanels(c, Edge, StepBF16, a, b, steps*StepBF16, count, false)
			MultiplyPanels(c, count*Edge, Edge, a, b, steps*StepBF16, count, true)
			block, step := guarded[float32](t, StepBF16, atEnd), guarded[BF16](t, StepBF16, atEnd)
			SumPanels(step, guarded[BF16](t, StepBF16, atEnd), block, 1, block, 1)
			CopyTransposed(guarded[float32](t, 37*50, atEnd), 50, guarded[float32](t, 50*37, atEnd), 37, 50, 37)
		}
	})
}
