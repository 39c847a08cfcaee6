// Package data brings examples into memory: a matrix with a row for each example, and a label for each row.
//
// Open reads a file into a Set. The rest of the module knows no file formats: it sees a Matrix, which is a *Dense, a *CSR or a *Bytes.
// The formats are LIBSVM, CSV, VW and IDX, plain or compressed with gzip, bzip2 or zstd, and Parquet. Text is read as a stream, so
// reading takes little memory besides the result. OpenCache keeps the rows on the disk instead.
//
// Readers are strict. A file is read exactly, or refused with a *ParseError that says where the file is wrong, why, and how to mend it.
// No row is dropped, and no value is guessed unless the caller asks for it. Columns of words become features if the caller says that
// they are categories (CSVOptions.Categorical).
//
// Some real data sets are embedded in the package (Embedded, Load), so that examples and tests run anywhere. Prepare, Binary,
// Standardize and similar functions prepare features and labels. They return the parameters of the transformation, with which a test
// set is transformed in the same way.
package data
