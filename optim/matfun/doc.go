// Package matfun computes the functions of matrices that optimizers need: polar factors, inverse p-th roots, eigenvectors and
// orthonormal bases.
//
// The polar factor of G = UΣVᵀ is UVᵀ. For a gradient G, −UVᵀ is the direction of steepest descent in the spectral norm. An
// Iteration computes it by matrix products alone: each step applies an odd polynomial to the singular values and keeps the
// singular vectors,
//
//	X ← p(X) = aX + bXXᵀX + cXXᵀXXᵀX = U p(Σ) Vᵀ,
//
// so an Iteration is described by the effect of its polynomials on numbers in [0, 1]. The first such iteration is due to
// Newton and Schulz. Jordan's is faster but does not converge. Polar Express is the composition nearest to 1 of all, and is
// computed here for any interval. The exact factor, from the singular value decomposition, is their reference.
//
// The inverse root A^(−1/p) serves Shampoo. Its statistics A are sums of GGᵀ: symmetric, ill-conditioned, and often singular
// without a ridge. The eigendecomposition is the safe way to compute the root; Newton's iteration uses products alone.
//
// Matrices are stored by rows without gaps, in float32 or float64. All functions are methods of a Workspace, which keeps its
// memory, so that later calls of the same size allocate nothing. A Batch spreads many matrices over the processors. Results
// have the same bits for any number of processors. No finite matrix leads to a NaN: a function that cannot compute its result
// returns an error.
package matfun
