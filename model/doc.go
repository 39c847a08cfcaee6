// Package model saves trained models for prediction: the parameters and everything else that leads from a row of data to a
// prediction, as one JSON file. The file names the features and classes, so that columns are found by name and predictions are in
// the words of the data.
package model
