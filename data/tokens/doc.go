// Package tokens makes text into tokens, keeps them in shards on the disk, and reads these as one stream.
//
// A shard is a file of llm.c and modded-nanogpt: a header of 1024 bytes and then the tokens, uint16 or uint32, little-endian. Each
// document begins with the token of the end of a text, and documents go on across the borders of shards, as in FineWeb's. A stream of
// shards is cut into windows, the terms of a finite sum; which of them a step takes is the business of package train.
package tokens
