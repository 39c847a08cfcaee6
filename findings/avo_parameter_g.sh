#!/usr/bin/env bash
# A function of avo 0.6.0, a generator of Go's assembly, whose parameter is named g.
#
# Vectors of gradients are often named g. avo takes the name, loads the parameter, and writes `MOVQ g+0(FP), AX`. In Go's assembler g is a
# register, that of the running goroutine, so `g+0(FP)` is the sum of two registers. The error names neither the parameter nor the register. avo, which
# knows the registers of the processor, does not refuse the name.
#
# Guess before the run: names before +0(FP) are labels that only go vet checks, so any name of a Go parameter assembles.
# Seen with avo 0.6.0 on Go 1.26.8:
# parameter grad: 42
# parameter g: (register+register) not supported on this architecture
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir generator
cat >generator/main.go <<'GO'
package main

import (
	"os"

	. "github.com/mmcloughlin/avo/build"
)

func main() {
	name := os.Getenv("PARAMETER")
	TEXT("Same", NOSPLIT, "func("+name+" uint64) uint64")
	v := Load(Param(name), GP64())
	Store(v, ReturnIndex(0))
	RET()
	Generate()
}
GO
cat >main.go <<'GO'
package main

import "fmt"

func main() { fmt.Println(Same(42)) }
GO
go mod init finding >/dev/null 2>&1
go mod edit -require=github.com/mmcloughlin/avo@v0.6.0 -require=golang.org/x/tools@v0.52.0 # avo's own x/tools does not build with Go 1.26
go mod tidy >/dev/null 2>&1
go version
go list -m github.com/mmcloughlin/avo
for name in grad g; do
	PARAMETER=$name go run ./generator -out same_amd64.s -stubs same.go -pkg main
	grep -q "$name+0(FP)" same_amd64.s
	said=$(GOARCH=amd64 go build -o program . 2>&1) && said=$(./program)
	echo "parameter $name: $(grep -o '(register+register).*\|^[0-9]*$' <<<"$said" | head -1)"
done | tee seen
diff seen - <<'WANT'
parameter grad: 42
parameter g: (register+register) not supported on this architecture
WANT
