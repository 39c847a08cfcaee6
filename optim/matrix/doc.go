// Package matrix has the methods that see a parameter as a matrix: Muon and its relatives, Shampoo, SOAP and steepest descent in a
// norm. Their transforms work on whole tensors; their rules say by the role of a parameter which they take, and leave the rest to
// AdamW or to what suits it.
package matrix
