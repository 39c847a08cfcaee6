// Package objective states what is minimized: a finite sum f(x) = (1/n) Σᵢ fᵢ(x) whose terms can be asked for one batch
// at a time, and around it what an honest experiment needs to know about the problem — its constants, its dual, its
// minimizer — computed from the data instead of assumed.
//
// Four kinds of problem are here. Linear is the family of linear models, dense or sparse: least squares, with one target or
// several, logistic and softmax regression, the hinge losses and Huber's, with ℓ1 and ℓ2 penalties. FromSet makes one of a
// data set. Factorization writes a matrix as the product of two of low rank. Function holds the small test functions that one
// draws. Funcs makes a problem of a user's own functions. Networks implement FiniteSum in package nn. All are in float64, and
// Single has them in float32. Package optimum finds x* and f* with a certificate.
package objective
