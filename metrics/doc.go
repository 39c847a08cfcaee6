// Package metrics says what predictions are worth: the numbers by which people compare models, as scikit-learn defines them.
//
// Training minimizes a loss with a penalty, on the training set. What a user wants to know is another thing: how often a
// model is right on rows that it has not seen, how well it ranks them, how far off it is. Those numbers are only worth
// printing if they mean what they mean elsewhere, so this package follows scikit-learn where definitions differ (ties,
// clipping, constant truth, missing classes) and is held against it to 12 digits. It takes plain slices and knows nothing of
// the model that filled them.
//
// A row's class is an index 0…k−1. Probabilities and scores of k classes are row-major: row i holds elements ik…(i+1)k−1. No
// function changes its arguments, and each takes time O(n log n) or less for n rows. Sums are pairwise, so that ten million
// rows cost no digits.
//
// A metric that the rows leave undefined is NaN: any mean over no rows, an AUC without both classes, R² of fewer than two
// rows. A NaN among the predictions that a metric reads gives NaN, so a model that diverged shows. Slices whose lengths do not fit, and
// classes outside 0…k−1, are mistakes of the caller and panic.
package metrics
