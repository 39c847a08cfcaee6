// Package optim turns a gradient estimate into a step.
//
// Every method of the lecture is x ← x − T(ĝ), and methods differ in T. A Transform is one such T with its state, and a rule
// is a Chain of transforms. The named rules are in optim/rules, which reads like the lecture's table of methods, and in
// optim/matrix:
//
//	Adam = AdaptiveMoments → LearningRate
//	AdamW = AdaptiveMoments → Decay → LearningRate
//	Muon = Average → LMO{spectral} → ScaleByShape → Decay → LearningRate
//
// A chain costs one pass over memory. The vectors are cut into tiles of about a thousand elements, and each tile goes
// through the whole chain while it is in the cache. Only a transform that needs a sum over its whole input splits the pass
// in two. The loops over the elements of a tile are kernels of internal/simd, where the formulas are stated. A step
// allocates nothing, and its bits do not depend on the number of workers.
//
// The bits do not depend on whether the compiler may fuse x·y + z (as for GOAMD64=v3 and arm64) either: products that enter sums are
// rounded explicitly, here and in all rules. The exception is singular values in float64, which gonum computes: in muon, normuon and scion
// with polar=exact, and in steepest with spectral, nuclear and Schatten norms. The bits of an elementwise chain do not depend on the
// vector instructions of the processor. The bits of rules for matrices do, because their matrix products are summed in the order of the
// processor's instructions. On another architecture the functions of package math differ in their last bits, and so do methods that use
// powers, exponentials or logarithms.
//
// Methods that do not depend on the scale of the gradient make the same steps from the smallest to the largest numbers, with two
// exceptions. An ε is absolute if the reference's ε is. And elementwise methods that keep squares keep them in the type of x: where
// the square of an element overflows, from 1.8e19 on in float32 and from 1.3e154 on in float64, its step is 0.
//
// Where references disagree, as PyTorch, optax and Keras do on the place of ε, the choice is a typed option of the rule, and
// a Preset reproduces each reference's numbers.
package optim
