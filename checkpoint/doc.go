// Package checkpoint stores runs of training, so that a run that is killed at any moment goes on with the same bits. It holds
// against a killed process, a power failure, a full disk and a damaged file.
//
// A folder holds the checkpoints of one run. Each is a folder named by its number, its kind and its step:
//
//	run/
//	  lock                       names the process that writes here
//	  000016-step-900/           the checkpoint before
//	  000017-best-950/           the best so far
//	  000018-step-1000/          the newest
//	    meta.json                numbers and configuration, as the holder gave them
//	    tensors.safetensors      vectors and matrices
//	    manifest                 size and SHA-256 of both files, and its own SHA-256
//
// The numbers count saves. A run that goes back to an earlier step, or saves a step again, thus never overwrites anything, and
// the highest number is always the latest.
//
// A save writes a temporary folder, makes it durable, reads it back, and renames it. Only then does it remove what is older. A
// crash therefore leaves at least the last checkpoint whose save had returned. Loading verifies every byte against the manifest,
// and takes the checkpoint before where one is damaged.
package checkpoint
