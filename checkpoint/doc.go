// Package checkpoint stores training runs, so that a run that is killed at any moment can continue with the same bits. It is safe
// against a killed process, a power failure, a full disk and a damaged file.
//
// A folder holds the checkpoints of one run. Each is a folder named by its number, its kind and its step:
//
//	run/
//	  lock                       names the process that writes here
//	  000016-step-900/           the checkpoint before
//	  000017-best-950/           the best so far
//	  000018-step-1000/          the newest
//	    meta.json                numbers and configuration of the run
//	    tensors.safetensors      vectors and matrices
//	    manifest                 size and SHA-256 of these files, and its own SHA-256
//
// The numbers count saves. So a run that goes back to an earlier step, or saves a step again, never overwrites anything, and the
// highest number is always the latest.
//
// A save writes a temporary folder, makes it durable, reads it back, and renames it. Only then does it remove older checkpoints. So
// after a crash at least the last checkpoint whose save had returned is intact. Loading verifies every byte against the manifest. If
// a checkpoint is damaged, it takes the one before.
//
// Several processes may save together, as [Ranks]. Then a checkpoint has a file of tensors for each rank, such as
// tensors-00002-of-00004.safetensors. Its manifest names all of them, and rank 0 writes the manifest last, when all ranks have written
// their files. The number of ranks that load it does not matter, and may be one.
package checkpoint
