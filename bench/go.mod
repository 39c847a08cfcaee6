module steepest/bench

go 1.26.0

require (
	gonum.org/v1/gonum v0.17.0
	steepest v0.0.0
)

require (
	github.com/edsrzf/mmap-go v1.2.0 // indirect
	github.com/maruel/safetensors v1.2.0 // indirect
	github.com/parquet-go/bitpack v1.0.0 // indirect
	github.com/parquet-go/parquet-go v0.32.0 // indirect
	golang.org/x/text v0.28.0 // indirect
	golang.org/x/tools v0.51.0 // indirect
)

require (
	github.com/klauspost/compress v1.20.3 // indirect
	golang.org/x/sys v0.48.0
)

replace steepest => ../
