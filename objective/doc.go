// Package objective defines the problems to minimize: finite sums f(x) = (1/n) Σᵢ fᵢ(x) whose loss and gradient can be
// evaluated on batches of terms. It also gives the facts that an honest experiment needs about a problem: its constants, its
// dual and its minimizer, computed from the data instead of assumed.
//
// There are four kinds of problems:
//
//	Linear         linear models, dense or sparse: least squares with one or several targets, logistic and softmax regression,
//	               the hinge losses and Huber's, with ℓ1 and ℓ2 penalties; FromSet makes one from a data set
//	Factorization  a matrix as the product of two matrices of low rank
//	Function       small test functions for plots
//	Funcs          a user's own functions
//
// Networks, in package nn, implement FiniteSum too. All problems are in float64; Single returns them in float32. Package
// optimum finds x* and f* with a certificate.
package objective
