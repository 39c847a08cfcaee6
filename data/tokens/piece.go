package tokens

import (
	"sync"
	"unicode"
	"unicode/utf8"
)

// class is the class of a character in GPT-2's pattern:
//
//	's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
type class uint8

const (
	sign   class = iota // everything else
	letter              // \p{L}
	digit               // \p{N}
	space               // \s
)

// classes returns the classes of all characters, by the Unicode tables of Go.
var classes = sync.OnceValue(func() *[utf8.MaxRune + 1]class {
	of := new([utf8.MaxRune + 1]class)
	for c, table := range map[class]*unicode.RangeTable{letter: unicode.L, digit: unicode.N, space: unicode.White_Space} {
		for _, r := range table.R16 {
			for x := uint32(r.Lo); x <= uint32(r.Hi); x += uint32(r.Stride) {
				of[x] = c
			}
		}
		for _, r := range table.R32 {
			for x := r.Lo; x <= r.Hi; x += r.Stride {
				of[x] = c
			}
		}
	}
	return of
})

// classAt returns the class and the length of the character at the start of a text. A byte that is not UTF-8 is a sign.
func classAt(of *[utf8.MaxRune + 1]class, text []byte) (class, int) {
	if b := text[0]; b < utf8.RuneSelf {
		return of[b], 1
	}
	r, size := utf8.DecodeRune(text)
	return of[r], size
}

// run returns the end of the characters of a class that begin at i.
func run(of *[utf8.MaxRune + 1]class, text []byte, i int, c class) int {
	for i < len(text) {
		if b := text[i]; b < utf8.RuneSelf {
			if of[b] != c {
				break
			}
			i++
			continue
		}
		next, size := classAt(of, text[i:])
		if next != c {
			break
		}
		i += size
	}
	return i
}

// nextPiece returns the end of the piece of a text that begins at i, as GPT-2's pattern cuts it. It looks at nothing before i.
func nextPiece(text []byte, i int) int {
	of := classes()
	if end := contraction(text, i); end > 0 {
		return end
	}
	start := i
	if text[i] == ' ' && i+1 < len(text) {
		start++
	}
	if c, size := classAt(of, text[start:]); c != space {
		return run(of, text, start+size, c)
	}
	end := run(of, text, i, space)
	if end == len(text) {
		return end // \s+(?!\S) at the end of the text
	}
	_, last := utf8.DecodeLastRune(text[i:end])
	if end-last > i {
		return end - last // \s+(?!\S) leaves the last space to the next piece
	}
	return end // \s+
}

// contraction returns the end of 's, 't, 're, 've, 'm, 'll or 'd at i, or 0 if there is none.
func contraction(text []byte, i int) int {
	if text[i] != '\'' || i+1 == len(text) {
		return 0
	}
	switch text[i+1] {
	case 's', 't', 'm', 'd':
		return i + 2
	}
	if i+2 < len(text) {
		switch string(text[i+1 : i+3]) {
		case "re", "ve", "ll":
			return i + 3
		}
	}
	return 0
}

// lastCut returns a late position at which a text can be cut and both sides encoded separately, whatever follows the text, or 0 if there is
// none. No piece of GPT-2's pattern crosses these positions:
//
//	before white space    a piece has white space only at its start, or consists of it
//	between two classes   except after white space, which looks ahead, and from signs to letters, which may be a contraction
//
// lastCut takes the last position before white space in the second half of the text, or else the last position of either kind. It does not cut
// before |, so that <|endoftext|> stays whole.
func lastCut(text []byte) int {
	if at := lastPlace(text, len(text)/2, beforeSpace); at > 0 {
		return at
	}
	return lastPlace(text, 0, cutsHere)
}

// beforeSpace and cutsHere report whether a text can be cut before its first byte, given the classes of the characters before and after.
func beforeSpace(_, after class, _ []byte) bool { return after == space }

func cutsHere(before, after class, text []byte) bool {
	return after == space || after != before && !(before == sign && after == letter) && text[0] != '|'
}

// lastPlace returns the last position above least that fits, or 0 if there is none. It is not after white space.
func lastPlace(text []byte, least int, fits func(before, after class, rest []byte) bool) int {
	of := classes()
	for i := len(text); i > least; {
		r, size := utf8.DecodeLastRune(text[:i])
		if before := of[r]; i < len(text) && before != space && utf8.FullRune(text[i:]) {
			if after, _ := classAt(of, text[i:]); fits(before, after, text[i:]) {
				return i
			}
		}
		i -= size
	}
	return 0
}
