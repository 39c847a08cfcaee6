package data

// Set is a supervised data set: a matrix of examples by rows and a label for each.
type Set struct {
	Name string
	// Format is that of the file; "" for an embedded set, and for one that was made otherwise.
	Format Format
	X      Matrix
	// Y holds the labels as the file states them: any finite value, one a row. It is nil where CSVOptions.Expect found none.
	Y []float64
	// Weights are those of the rows, from 0 on; nil where all are 1.
	Weights []float64
	// Features names the columns of X, by CSVOptions.Expect if that has names; nil where the format has none.
	Features []string
	// Columns are the columns of a CSV or Parquet file that became X and Y; nil for other formats.
	Columns *Columns
	// Skipped names the columns of the file that were not read.
	Skipped []string
	// Unknown counts the cells whose category CSVOptions.Expect does not know.
	Unknown int
	// Missing counts the numbers that the file lacks: NaN in X, or a mean where CSVOptions.ImputeMean asks for it.
	Missing int
	// ClassNames names the labels 0, 1, ..., k−1 of a file whose labels are words; nil where the labels are numbers.
	ClassNames []string
	// Respelled are labels such as TRUE that count as the class of another spelling, which came first.
	Respelled []string
	// Hashing is how the names of a VW file became columns; nil for other formats.
	Hashing *VWOptions
	// Dialect is how the set was read from a CSV file; nil for other formats.
	Dialect *Dialect
}
