package main

import (
	"slices"
	"strings"

	"steepest/bench/stream"
	"steepest/optim"
)

// need says which vectors a transform needs that its slots do not tell. u is the update, g the gradient and x the parameters.
type need struct {
	sums  string // vectors that the sums before its first tile read
	reads string // vectors that its tiles read but do not write
	idle  string // vectors that its tiles leave alone, lookahead's in most steps
}

// needs holds the transforms that do not just read and write the vectors of their state.
var needs = map[string]need{
	"anchor":      {reads: "anchor.x"},
	"cautious":    {sums: "u g", reads: "g"},
	"clip-norm":   {sums: "u"},
	"clip-rms":    {sums: "u"},
	"d-adapt-sgd": {sums: "u d-adapt-sgd.s", reads: "d-adapt-sgd.start"},
	"dog":         {sums: "u x dog.start", idle: "dog.start"},
	"fromage":     {sums: "u x"},
	"lookahead":   {idle: "lookahead.slow"},
	"mechanic":    {sums: "g x mechanic.sum"},
	"normalize":   {sums: "u"},
	"prodigy":     {sums: "u x prodigy.start prodigy.s", idle: "prodigy.start"},
	"relative":    {sums: "x"},
	"stable-adam": {sums: "u stable-adam.v"},
	"trust":       {sums: "u x"},
}

// vectors is a set of vectors. The update is not among them unless it is stored between two passes.
type vectors map[string]bool

func (v vectors) add(names string) {
	for _, name := range strings.Fields(names) {
		v[name] = true
	}
}

// passesOf returns the passes that a step of a rule must make. The first one sees whether the gradient is finite, and the last one moves
// x. If a transform needs sums over the update, the transforms before it store the update in a pass of their own, and the sums are taken
// of tiles that are still in the cache. Other sums take a pass that reads their vectors.
func passesOf(rule optim.Rule) ([]stream.Pass, error) {
	chain, err := rule.Chain().Transforms()
	if err != nil {
		return nil, err
	}
	passes := []stream.Pass{{Reads: 1}}
	reads, writes := vectors{"g": true}, vectors{}
	for i, t := range chain {
		n := needs[t.Name]
		switch ofUpdate := i > 0 && slices.Contains(strings.Fields(n.sums), "u"); {
		case ofUpdate:
			reads.add(strings.TrimPrefix(n.sums, "u"))
			passes = append(passes, stream.Pass{Reads: len(reads), Writes: len(writes) + 1})
			reads, writes = vectors{"u": true}, vectors{}
		case n.sums != "":
			passes = append(passes, stream.Pass{Reads: len(strings.Fields(n.sums))})
		}
		reads.add(n.reads)
		for _, slot := range t.Slots {
			name := t.Name + "." + slot.Name
			if !slices.Contains(strings.Fields(n.idle), name) {
				reads.add(name)
				if !slices.Contains(strings.Fields(n.reads), name) {
					writes.add(name)
				}
			}
		}
	}
	reads.add("x")
	writes.add("x")
	return append(passes, stream.Pass{Reads: len(reads), Writes: len(writes)}), nil
}
