// Package solver minimizes regularized linear models to a certified accuracy, with no step size to choose.
//
// Fit looks at the rows, the loss and the penalties, and takes one of these methods:
//
//	Newton                   smooth losses with few columns, several scores or a small penalty; Cholesky factors of Hessians, or
//	                         preconditioned conjugate gradients where these cost less; begun on samples of the rows
//	dual coordinate descent  many columns, or the hinge loss (Hsieh et al. 2008; Yu, Huang, Lin 2011)
//
// Each keeps the lowest F(x) and the highest dual value D(u) that it has seen. Their difference bounds F(x) − F* whatever the method
// is, and ends the run. Problems with an ℓ1 penalty go to optimum.Find.
package solver
