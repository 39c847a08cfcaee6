package data

// Set is a supervised data set: a matrix of examples by rows and a label for each.
type Set struct {
	Name string
	X    Matrix
	// Y holds the labels as the file states them: any finite value, one a row. It is nil where CSVOptions.Expect found none.
	Y []float64
	// Label names the column of the labels; "" where the format has no names.
	Label string
	// Missing are the marks for missing values that were given beside the usual ones.
	Missing []string
	// Features names the columns of X; nil where the format has no names.
	Features []string
	// Skipped names the columns of the file that were not read, because CSVOptions.Expect did not ask for them.
	Skipped []string
	// ClassNames names the labels 0, 1, ..., k−1 of a file whose labels are words; nil where the labels are numbers.
	ClassNames []string
	// Dialect is how the set was read from a CSV file; nil for other formats.
	Dialect *Dialect
}
