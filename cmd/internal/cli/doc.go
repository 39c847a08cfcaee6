// Package cli is the command line of the programs. Each subcommand has a file that parses flags, calls the library and prints. The package
// does no mathematics and knows no method by name.
package cli
