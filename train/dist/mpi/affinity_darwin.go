package mpi

// affinity returns nil, because macOS binds no process to processors.
func affinity() []int { return nil }
