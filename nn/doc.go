// Package nn holds the layers of networks, with their forward and backward passes, and the multilayer perceptron as a finite
// sum that any method can minimize.
//
// A layer has no state; it is a pair of functions on slices: Linear and LinearGradient, Activate and ActivateGradient,
// LayerNorm and LayerNormGradient, CrossEntropy and CrossEntropyGradient. A batch is a matrix with an example in each row,
// stored by rows. dx stands for ∂f/∂x and has the shape of x. Gradients of parameters are added to the destination, because a
// batch may come in pieces and a parameter may be used twice; gradients of activations are stored. The functions panic if
// lengths do not fit.
//
// Matrix products use all processors; the other loops run on the caller's goroutine. No result depends on the number of
// processors, and nothing allocates memory after the first call.
package nn
