// Package model keeps what a run has found, so that it can predict: the parameters with all that stands between a row of data and
// a prediction, as one file of JSON. A file names its features and classes, so that columns are found by name and answers are
// given in the words of the data.
package model
