// Package lecture is the lecture that the library implements, "Stochastic gradient descent" by D. Merkulov and P. Ostroukhov, as
// scenes: each claim and each figure of its slides is computed anew, drawn, and judged.
//
// A [Scene] states the claim, in English and in Russian. Run makes its [Outcome]: a figure, moving where the lecture's is, and
// a [Verdict], which is a list of measurements beside what the claim says they are. Nothing in a verdict is written down
// beforehand but what the lecture or a paper printed: the tests turn the sign of each method and of each prediction, and see
// the verdict change. Every scene draws its random numbers from a seed, and needs no network.
package lecture
