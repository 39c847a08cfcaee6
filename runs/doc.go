// Package runs stores runs as folders of plain files, which any tool can read.
//
// A folder holds runs, each in its own folder:
//
//	config.json    what the run is: method, problem, seed, budget
//	system.json    who made it: version, Go, processor, instructions, command, start, folder of the checkpoints
//	record.jsonl   what it measured, one JSON object per line
//	status.json    how it ended; missing while it runs
//	lock           locked by the writing process as long as it lives
//
// The state of a run follows from these files:
//
//	status.json exists   finished, interrupted, diverged or failed
//	lock is held         running
//	neither              died
//
// A run that resumes from a checkpoint, or goes back to one, appends a line such as {"from":100,"evaluated":90}. Lines before it that
// belong to later steps were made again after it. Readers drop them, and so see a single curve.
//
// A line is written to the file when it is added. If the disk is full, lines wait in memory. So a disk that is full for a while loses no
// line, and the run never waits for the disk.
package runs
