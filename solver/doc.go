// Package solver minimizes regularized linear models to a certified accuracy, with no step size to choose.
//
// Fit looks at the rows, the loss and the penalties, and takes one of these methods:
//
//	Newton                   smooth losses with few columns, several scores or a small λ₂; Cholesky factors of Hessians, or
//	                         preconditioned conjugate gradients where these cost less; begun on samples of the rows
//	dual coordinate descent  many columns, or the hinge loss (Hsieh et al. 2008; Yu, Huang, Lin 2011)
//	coordinate descent       an ℓ1 penalty and a smooth loss of one score, on quadratic models: of a Hessian as a matrix where there are
//	                         few columns, and else on working sets with extrapolation (Massias, Gramfort, Salmon 2018)
//
// Each keeps the lowest F(x) and the highest dual value D(u) that it has seen. Their difference bounds F(x) − F* whatever the method
// is, and ends the run. Other problems go to optimum.Find.
package solver
