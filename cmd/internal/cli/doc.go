// Package cli is the command line of the programs: a file for each subcommand, which parses, calls and prints. It does no
// mathematics, and knows no method by name.
package cli
