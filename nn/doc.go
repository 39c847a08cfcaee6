// Package nn holds what networks are made of: layers with their forward pass and the way of a gradient back through them,
// and the multilayer perceptron as a finite sum that any method minimizes.
//
// A layer is a pair of functions on slices, for it has no state: Linear and LinearGradient, Activate and
// ActivateGradient, LayerNorm and LayerNormGradient, CrossEntropy and CrossEntropyGradient. A batch is a matrix with an
// example in each row, stored by rows; a gradient has the shape of what it belongs to, so that dx stands for ∂f/∂x. The
// gradients of parameters are added to what is there, because a batch may come in pieces and a parameter may be used
// twice; those of activations are stored. Arguments of lengths that do not fit panic.
//
// Products of matrices spread over the processors, the other loops run on the caller's goroutine. No result depends on
// the number of processors, and nothing allocates memory after the first call.
package nn
