module steepest/internal/simd/_asm

go 1.26.0

// avo v0.6.0 by itself asks for an x/tools that does not build with Go 1.26; hence the later one below.
require github.com/mmcloughlin/avo v0.6.0

require (
	golang.org/x/mod v0.42.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/tools v0.52.0 // indirect
)
