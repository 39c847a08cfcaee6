#!/usr/bin/env bash
# One character vanishes in tiktoken-go/tokenizer 0.10.0, the usual byte-pair encoder of GPT models for Go.
#
# A byte-level encoding has a token for each byte, so that any text comes back from its tokens. The codec r50k_base of this package
# makes no token at all of the delete character U+007F: encoded alone it is an empty list, and within a text the text comes back
# without it. There is no error. OpenAI's own encoder makes the token 221 of it. All other code points come back.
#
# Guess before the run: every code point comes back, as the vocabulary has a token for each byte.
# Seen with tokenizer 0.10.0 on Go 1.26.8: U+007F alone gives [] <nil>, "a\x7fb" comes back as "ab"; no other code point is lost.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"
	"unicode/utf8"

	"github.com/tiktoken-go/tokenizer"
)

func main() {
	codec, err := tokenizer.Get(tokenizer.R50kBase)
	if err != nil {
		panic(err)
	}
	back := func(text string) string {
		tokens, _, err := codec.Encode(text)
		if err != nil {
			panic(err)
		}
		again, err := codec.Decode(tokens)
		if err != nil {
			panic(err)
		}
		return again
	}
	alone, _, err := codec.Encode("\x7f")
	fmt.Println("U+007F alone:", alone, err)
	fmt.Printf("%q comes back as %q\n", "a\x7fb", back("a\x7fb"))
	var lost []string
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if text := string(r); utf8.ValidRune(r) && back(text) != text {
			lost = append(lost, fmt.Sprintf("%U", r))
		}
	}
	fmt.Println("code points that do not come back:", lost)
	if len(alone) != 0 || err != nil || back("a\x7fb") != "ab" || len(lost) != 1 {
		fmt.Println("this has changed")
		os.Exit(1)
	}
}
GO
go mod init finding >/dev/null 2>&1
go mod edit -require=github.com/tiktoken-go/tokenizer@v0.10.0
go mod tidy >/dev/null 2>&1
go version
go list -m github.com/tiktoken-go/tokenizer
go run .
