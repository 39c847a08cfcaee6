// Package runs keeps runs as folders of plain files, which any tool reads and no server writes.
//
// A folder holds runs, each in a folder of its own:
//
//	config.json    what the run is: method, problem, seed, budget
//	system.json    who made it: version, Go, processor, instructions, command, start, place of the checkpoints
//	record.jsonl   what it measured, a line of JSON each
//	status.json    how it ended; it is not there before
//	lock           locked by the process that writes, as long as that lives
//
// So a run without a status is running while its lock is held, and has died else. A run that goes on from a checkpoint, or goes back to one,
// appends a line such as {"from":100,"evaluated":90}: what stands before that line and is of later steps is of a stretch that was made again.
// Readers drop it, and see one curve.
//
// A line reaches the file when it is added. While the disk takes none, lines wait in memory, so that a disk that is full for a while
// loses no line and the run never waits for it.
package runs
