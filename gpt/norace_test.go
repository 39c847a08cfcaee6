//go:build !race

package gpt

const raceDetector = false
