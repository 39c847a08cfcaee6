// Package solver minimizes regularized linear models to a certified accuracy. There is no step size to choose.
//
// Fit chooses one of these methods from the rows, the loss and the penalties:
//
//	Newton                   smooth losses with few columns, several scores or a small λ₂; Cholesky factors of Hessians, or
//	                         preconditioned conjugate gradients if they cost less; it starts on samples of the rows
//	dual coordinate descent  many columns, or the hinge loss (Hsieh et al. 2008; Yu, Huang, Lin 2011), with shrinking
//	interior point method    the hinge loss with few columns, after some passes of dual coordinate descent (Ferris, Munson 2002)
//	coordinate descent       an ℓ1 penalty and a smooth loss of one score, on quadratic models: of a Hessian as a matrix where there are
//	                         few columns, and else on working sets (Massias, Gramfort, Salmon 2018), with conjugate gradients between
//	                         the sweeps
//
// Each method keeps the lowest F(x) and the highest dual value D(u) that it has seen. Their difference bounds F(x) − F*, for any method,
// and the run ends when it is small enough. Other problems are passed to optimum.Find.
package solver
