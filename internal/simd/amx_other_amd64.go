//go:build !linux && !purego && !noasm

package simd

var useAMX = false
