// Package lecture reproduces the lecture that the library implements, "Stochastic gradient descent" by D. Merkulov and P. Ostroukhov.
// Each claim and each figure of the slides is a scene, which is computed, drawn and judged.
//
// A [Scene] states the claim, in English and in Russian. Run returns its [Outcome]: a figure, animated if that of the lecture is, and
// a [Verdict], which lists measurements next to the values that the claim gives for them. A verdict contains no number that was fixed in
// advance, except those that the lecture or a paper printed. Tests flip the sign of each method and of each prediction, and check that the
// verdict changes. Every scene draws its random numbers from a seed, and needs no network.
package lecture
