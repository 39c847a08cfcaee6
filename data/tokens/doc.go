// Package tokens turns text into tokens, stores them in shards on the disk, and reads the shards as one stream:
//
//	inputs ── Tokenizer ──▶ batches of tokens ── Writer ──▶ shards ── Stream ──▶ Windows of T+1 tokens
//
// A shard is a file in the format of llm.c and modded-nanogpt:
//
//	┌───────────────────┬──────────────────────────────────────────┐
//	│ header, 1024 bytes│ tokens, uint16 or uint32, little-endian  │
//	└───────────────────┴──────────────────────────────────────────┘
//
// Each document begins with the end-of-text token, and documents continue across shards, as in FineWeb's shards. The windows of a stream
// are the terms of a finite sum. Package train chooses the windows of a step.
package tokens
