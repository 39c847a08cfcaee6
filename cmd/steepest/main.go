// Steepest compares the methods of stochastic optimization on a problem, or minimizes one with one of them.
//
// What a command answers goes to the standard output; progress, errors and the names of written files go to the standard
// error. The exit code is 0 for success, 1 for a failure of the machine such as a full disk, 2 for a wrong command line
// or configuration, 3 for data that cannot be read or used, 4 for a divergence, 70 for a fault of the program itself, 130 after an
// interruption by SIGINT (Ctrl-C), 143 after one by SIGTERM, and 129 after one by SIGHUP, when the terminal is closed.
package main

import (
	"os"

	"steepest/cmd/internal/cli"
)

func main() { os.Exit(cli.Main(nil)) }
