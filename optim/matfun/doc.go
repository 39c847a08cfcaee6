// Package matfun computes the functions of matrices that optimizers step with: polar factors, inverse p-th roots, eigenvectors and
// orthonormal bases.
//
// The polar factor of G = UΣVᵀ is UVᵀ, which is where −1 times the gradient of steepest descent in the spectral norm points.
// An Iteration gets to it by matrix products alone: each step applies an odd polynomial to the singular values and leaves
// the singular vectors,
//
//	X ← p(X) = aX + bXXᵀX + cXXᵀXXᵀX = U p(Σ) Vᵀ,
//
// so that all there is to know of an Iteration is what its polynomials do to numbers in [0, 1]. Newton and Schulz gave the
// first one, Jordan a faster one that does not converge, and Polar Express, the composition nearest to 1 of all, is computed
// here for any interval. The exact factor, by the singular value decomposition, is the reference for them.
//
// The inverse root A^(−1/p) is that of Shampoo's statistics, which are sums of GGᵀ: symmetric, often singular but for a ridge,
// and of a large condition. The eigendecomposition is the safe way to it; Newton's iteration makes it by products alone.
//
// Matrices are stored by rows without gaps, in float32 or float64. The Workspace on which everything is a method keeps its
// memory, so that later calls of the same size allocate nothing, and a Batch spreads many matrices over the processors. Results
// have the same bits for any number of processors, and no finite matrix makes a NaN: what cannot be computed is an error.
package matfun
