// Steepest compares the methods of stochastic optimization on a problem, or minimizes one with one of them.
//
// Results go to the standard output. Progress, errors and the names of written files go to the standard error. steepest help lists the
// commands, and steepest help exit-codes says what the program returns to the shell.
package main

import (
	"os"

	"steepest/cmd/internal/cli"
)

func main() { os.Exit(cli.Main(nil)) }
