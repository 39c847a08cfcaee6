package gpt

import "fmt"

// Windows are the pieces of a text that a model learns from. A window has T tokens to predict and the token before them.
type Windows interface {
	// Len returns the number of windows.
	Len() int
	// At stores window i in dst, whose length is T + 1. It may be called from several goroutines.
	At(dst []uint32, i int) error
}

// Token is the type of tokens in memory.
type Token interface {
	~uint8 | ~uint16 | ~uint32 | ~int32 | ~int
}

// Cut returns the windows of a text in memory: window i has the tokens i·T to i·T + T, inclusive. Tokens after the last whole window are
// not used. T = length is at least 1. The text must not change while the windows are in use.
func Cut[E Token](text []E, length int) Windows {
	if length < 1 {
		panic(fmt.Sprintf("gpt: windows of %d tokens, want at least 1", length))
	}
	return windows[E]{text, length}
}

type windows[E Token] struct {
	text   []E
	length int
}

func (w windows[E]) Len() int { return max(0, len(w.text)-1) / w.length }

func (w windows[E]) At(dst []uint32, i int) error {
	for j, token := range w.text[i*w.length:][:w.length+1] {
		if token < 0 || uint64(token) > 1<<32-1 {
			return fmt.Errorf("gpt: the token at place %d is %d; tokens are numbers from 0 to 2³²−1", i*w.length+j, token)
		}
		dst[j] = uint32(token)
	}
	return nil
}

// Part returns the windows [lo, hi) of w.
func Part(w Windows, lo, hi int) Windows {
	if lo < 0 || lo > hi || hi > w.Len() {
		panic(fmt.Sprintf("gpt: windows %d to %d of %d", lo, hi, w.Len()))
	}
	return part{w, lo, hi}
}

type part struct {
	of     Windows
	lo, hi int
}

func (p part) Len() int                     { return p.hi - p.lo }
func (p part) At(dst []uint32, i int) error { return p.of.At(dst, p.lo+i) }
