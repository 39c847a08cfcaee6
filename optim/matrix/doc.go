// Package matrix has the methods that treat a parameter as a matrix: Muon and its relatives, Shampoo, SOAP and steepest descent in a
// norm. Their transforms work on whole tensors. Their rules choose parameters by role, and leave the rest to AdamW or another suitable
// method.
package matrix
