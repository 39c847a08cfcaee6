// Package steepest holds the texts that go with every copy of the module: its licence, and the notices of others' work in the program.
// The library is in the packages beside this one; docs/architecture.md is the map.
package steepest

import _ "embed"

// License is the licence of the module, BSD-3-Clause.
//
//go:embed LICENSE
var License string

// Notice holds the licences of the modules, files and data that the program is linked with.
//
//go:embed NOTICE
var Notice string
