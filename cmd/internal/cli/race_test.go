//go:build race

package cli

// slower is about how many times as long a program computes under the race detector.
const slower = 5
