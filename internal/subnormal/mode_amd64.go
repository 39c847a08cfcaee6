//go:build !purego && !noasm

package subnormal

// The bits of MXCSR (Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1, section 10.2.3).
const (
	exceptions Mode = 1<<6 - 1     // flags that instructions set
	flush      Mode = 1<<15 | 1<<6 // zeros for subnormal results (FZ) and operands (DAZ)
)

// Current returns the Mode of the thread.
func Current() Mode { return mxcsr() &^ exceptions }

func mxcsr() Mode

func set(m Mode)
