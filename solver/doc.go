// Package solver minimizes regularized linear models to a certified accuracy, with no step size to choose.
//
// Fit looks at the rows, the loss and the penalties, and takes one of these methods:
//
//	Newton                   few columns, a smooth loss: Hessians as matrices, Cholesky factors, a line search on the scores
//	dual coordinate descent  many columns, or the hinge loss (Hsieh et al. 2008; Yu, Huang, Lin 2011)
//
// Each keeps the lowest F(x) and the highest dual value D(u) that it has seen. Their difference bounds F(x) − F* whatever the method
// is, and ends the run. Other problems go to optimum.Find.
package solver
