// Package optim turns a gradient estimate into a step.
//
// Every method of the lecture is one sentence, x ← x − T(ĝ), and what differs between methods is T. A Transform is one
// such T with its state, and a rule is a Chain of transforms. The rules with names stand in optim/rules, which reads like the
// lecture's table of methods, and in optim/matrix:
//
//	Adam = AdaptiveMoments → LearningRate
//	AdamW = AdaptiveMoments → Decay → LearningRate
//	Muon = Average → LMO{spectral} → ScaleByShape → Decay → LearningRate
//
// A chain costs one pass over memory. The vectors are cut into tiles of about a thousand elements, and each tile goes
// through the whole chain while it is in the cache; only a transform that needs a sum over what comes before it splits
// the pass in two. The loops over the elements of a tile are kernels of internal/simd, which states the formula that a
// transform's coefficients enter. A step allocates nothing, and its bits do not depend on the number of workers.
//
// Nor do they depend on whether the compiler may fuse x·y + z, as it does for GOAMD64=v3 and arm64: products that enter sums are rounded
// explicitly, here and in all rules. The exception are singular values in float64, which are gonum's: of muon, normuon and scion with
// polar=exact, and of steepest in spectral, nuclear and Schatten norms. The bits of an elementwise chain do not depend on the vector
// instructions of the processor either. Those of rules for matrices do, as their products of matrices are summed in the order and by the
// instructions of the processor. On another architecture the functions of package math differ in their last bits, and with them what takes
// powers, exponentials or logarithms.
//
// Steps of methods that do not depend on the scale of the gradient are the same from the smallest to the largest of numbers, with two
// exceptions. An ε is absolute where that of the reference is. And elementwise methods that keep squares keep them in the type of x: where
// the square of an element overflows, from 1.8e19 on in float32 and from 1.3e154 on in float64, its step is 0.
//
// Where references disagree, as PyTorch, optax and Keras do on the place of ε, the choice is a typed option of the rule
// and a Preset reproduces each reference's numbers.
package optim
