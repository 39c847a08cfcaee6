//go:build race

package gpt

const raceDetector = true
