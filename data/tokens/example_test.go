package tokens_test

import (
	"fmt"
	"log"

	"steepest/data/tokens"
)

// Encode converts a text to GPT-2's tokens. Decode returns the same bytes.
func ExampleEncoding() {
	gpt2, err := tokens.NewEncoding("gpt2")
	if err != nil {
		log.Fatal(err)
	}
	ids := gpt2.Encoder().Encode(nil, []byte("Light is a wave."))
	fmt.Println(ids)
	text, err := gpt2.Decode(nil, ids...)
	fmt.Printf("%s %v\n", text, err)
	// Output:
	// [15047 318 257 6769 13]
	// Light is a wave. <nil>
}
