package simd

// networkKernel is a kernel of neural networks as dispatch knows it.
type networkKernel int

const (
	addGradientsKernel networkKernel = iota
	expKernel
	expSumKernel
	geluKernel
	geluGradientKernel
	maximumKernel
	momentsKernel
	normalizeKernel
	sigmoidKernel
	softplusKernel
	tanhKernel
	unnormalizeKernel
)
