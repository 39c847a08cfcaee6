// Package data brings examples into memory: a matrix with a row for each example, and a label for each row.
//
// Every method in this module consumes the same shapes, Dense, CSR and Bytes, so this package is the one place that knows
// how files look: LIBSVM, CSV, VW and IDX, plain or packed with gzip, bzip2 or zstd, and Parquet. Text is read as a stream, so beyond the
// result it takes the same small memory for any file. Readers are strict: a file is read exactly, or refused with a
// *ParseError that says where, what, and what to do about it. No row is dropped, and no value is guessed unless the
// caller asks for it. Columns of words become features where the caller says that they are categories (CSVOptions.Categorical).
//
// Real data sets travel inside the package (Embedded, Load), so that examples and tests run anywhere.
// Labels and features are prepared by plain functions (Binary, Standardize, ...). These return the parameters of the transformation, so
// that it can be applied to the test set, too.
package data
