// Package methods is the one table of the named methods: how a method is called, what it computes, where it comes from, what can
// be set, what is worth searching, and which golden numbers hold it. Programs, races and the documentation read this table and
// know no method by name.
package methods
