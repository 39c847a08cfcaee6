// Package methods is the one table of the named methods. A row has the name of a method, its formula, source and options, the
// search space for tuning, and the golden numbers of its test. Programs, races and the documentation read this table and do not
// know methods by name.
package methods
