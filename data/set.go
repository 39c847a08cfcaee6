package data

// Set is a supervised data set: a matrix with a row for each example, and a label for each row.
type Set struct {
	Name string
	// Format is the format of the file; "" for an embedded set, and for a set that was not read from a file.
	Format Format
	X      Matrix
	// Y holds the label of each row, as the file states it: any finite number. It is nil if a file read with CSVOptions.Expect has no labels.
	Y []float64
	// Weights holds the weight of each row, at least 0; nil if all are 1.
	Weights []float64
	// Features names the columns of X, as CSVOptions.Expect does if it has names; nil if the file has no names.
	Features []string
	// Columns are the columns of a CSV or Parquet file that became X and Y; nil for other formats.
	Columns *Columns
	// Skipped names the columns of the file that were not read.
	Skipped []string
	// Unknown counts the cells whose category CSVOptions.Expect does not know.
	Unknown int
	// Missing counts the numbers that the file lacks: NaN in X, or the mean of the column if CSVOptions.ImputeMean is set.
	Missing int
	// MissingWords counts the cells of categories that the file lacks. They are the category "".
	MissingWords int
	// ClassNames holds the words for the labels 0, 1, ..., k−1 if the labels of the file are words; nil if they are numbers.
	ClassNames []string
	// Respelled lists labels such as TRUE that count as the class of an earlier spelling, such as true.
	Respelled []string
	// Hashing says how the names of a VW file became columns; nil for other formats.
	Hashing *VWOptions
	// ZeroBased says that the features of a LIBSVM file are counted from 0.
	ZeroBased bool
	// Dialect says how a CSV file was read; nil for other formats.
	Dialect *Dialect
}

// FirstFeature returns the number of the first column where features have no names: 0 for hashed names, as in Vowpal Wabbit, and for a LIBSVM
// file that counts from 0, else 1. The arguments are Set.Hashing and Set.ZeroBased, or those of a model.
func FirstFeature(hashing *VWOptions, zeroBased bool) int {
	if hashing != nil || zeroBased {
		return 0
	}
	return 1
}
