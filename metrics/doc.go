// Package metrics measures the quality of predictions, by the metrics with which people compare models, as scikit-learn defines
// them.
//
// Training minimizes a loss with a penalty on the training set. A user asks other questions: how often is the model right on
// rows that it has not seen, how well does it rank them, how large are its errors? Such numbers are useful only if they are
// comparable. So this package follows scikit-learn where definitions differ (ties, clipping, constant truth, missing classes),
// and is tested against it to 12 digits. It takes plain slices and does not depend on the model that filled them.
//
// A row's class is an index 0…k−1. Probabilities and scores of k classes are row-major: row i holds elements ik…(i+1)k−1. No
// function changes its arguments, and each takes time O(n log n) or less for n rows. Sums are pairwise, so that ten million
// rows cost no digits.
//
// A metric that is undefined for the rows is NaN: any mean over no rows, an AUC without both classes, R² of fewer than two
// rows. A NaN among the predictions gives NaN, so a model that diverged is noticed. Functions panic if lengths do not fit or a
// class is outside 0…k−1.
package metrics
