package simd

// networkKernel identifies a kernel of neural networks to dispatch.
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
	softmaxGradientKernel
	softplusKernel
	tanhKernel
	unnormalizeKernel
)
