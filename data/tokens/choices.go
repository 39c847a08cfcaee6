package tokens

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"

	"steepest/data"
)

// Choices are questions with several endings. One ending of each question is right, as in HellaSwag (Zellers et al., HellaSwag: Can a Machine
// Really Finish Your Sentence?, 2019). Choices are stored in the format of llm.c's evaluation files:
//
//	header     256 int32: magic 20240522, version 1, number of questions, bytes of the longest question
//	question   uint16: 65535, bytes of the question with these three numbers, its index, the right ending, number of endings,
//	           tokens of the context, the context; then for each ending its tokens and the ending
type Choices struct {
	questions []byte
	starts    []int // of each question
}

// The header of an evaluation, and the number that begins a question.
const (
	choicesMagic   = 20240522
	choicesVersion = 1
	beginsQuestion = math.MaxUint16
)

// ReadChoices reads questions from an evaluation file of llm.c, whose tokens must be of the given encoding, or from HellaSwag's JSON Lines,
// compressed or not. Each line has the members ctx, endings and label. A space separates the context from an ending.
func ReadChoices(path string, e *Encoding) (*Choices, error) {
	if e.Len() > beginsQuestion {
		return nil, fmt.Errorf("tokens: questions have tokens of 16 bits, and the encoding %s has %d", e.Name, e.Len())
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, _ := data.Unpack(f)
	magic, _ := text.Peek(4) // an error comes back with the first read
	c := &Choices{}
	if len(magic) == 4 && binary.LittleEndian.Uint32(magic) == choicesMagic {
		err = c.readFile(text, path, e)
	} else {
		err = c.readLines(text, path, e)
	}
	if err == nil && c.Len() == 0 {
		err = &data.ParseError{File: path, What: "the file has no question", Fix: "give HellaSwag's JSON Lines or an evaluation of llm.c"}
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Len returns the number of questions.
func (c *Choices) Len() int { return len(c.starts) }

// Question returns the tokens of the context and of each ending of question i, and the index of the right ending. No text is empty.
func (c *Choices) Question(i int) (context []uint32, endings [][]uint32, right int) {
	q := c.questions[c.starts[i]:]
	word := func(k int) int { return int(binary.LittleEndian.Uint16(q[2*k:])) }
	at := 5
	tokens := func() []uint32 {
		t := make([]uint32, word(at))
		narrow.decode(t, q[2*at+2:])
		at += 1 + len(t)
		return t
	}
	context = tokens()
	for range word(4) {
		endings = append(endings, tokens())
	}
	return context, endings, word(3)
}

// readFile reads an evaluation file of llm.c.
func (c *Choices) readFile(r io.Reader, path string, e *Encoding) error {
	bad := func(what string, args ...any) error {
		return &data.ParseError{File: path, What: fmt.Sprintf(what, args...), Fix: "the file is cut or damaged: fetch or write it again"}
	}
	var header [headerBytes]byte
	if _, err := io.ReadFull(r, header[:]); errors.Is(err, io.ErrUnexpectedEOF) {
		return bad("an evaluation has a header of %d bytes, and the file ends within it", headerBytes)
	} else if err != nil {
		return data.ReadError(path, err)
	}
	version, n := binary.LittleEndian.Uint32(header[4:]), int(int32(binary.LittleEndian.Uint32(header[8:])))
	if version != choicesVersion {
		return bad("the version of the evaluation is %d, and %d is known", version, choicesVersion)
	}
	var begin [6]byte
	for i := 0; ; i++ {
		_, err := io.ReadFull(r, begin[:])
		switch {
		case err == io.EOF && i == n:
			return nil
		case err == io.EOF, errors.Is(err, io.ErrUnexpectedEOF):
			return bad("its header says %d questions, and the file ends within number %d", n, i)
		case err != nil:
			return data.ReadError(path, err)
		case i >= n:
			return bad("its header says %d questions, and more follow", n)
		}
		size, index := int(binary.LittleEndian.Uint16(begin[2:])), int(binary.LittleEndian.Uint16(begin[4:]))
		if first := binary.LittleEndian.Uint16(begin[:]); first != beginsQuestion || index != i || size < len(begin) {
			return bad("question %d begins with %d, %d and %d, want %d, its bytes and %d", i, first, size, index, beginsQuestion, i)
		}
		start := len(c.questions)
		c.starts = append(c.starts, start)
		c.questions = append(c.questions, begin[:]...)
		c.questions = append(c.questions, make([]byte, size-len(begin))...)
		if _, err := io.ReadFull(r, c.questions[start+len(begin):]); err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
			return bad("the file ends within question %d", i)
		} else if err != nil {
			return data.ReadError(path, err)
		}
		if what := faultOf(c.questions[start:], e); what != "" {
			return bad("question %d %s", i, what)
		}
	}
}

// faultOf describes the fault in the bytes of a question; "" if there is none.
func faultOf(q []byte, e *Encoding) string {
	words := make([]uint32, len(q)/2)
	narrow.decode(words, q)
	if len(words) < 6 || len(q)%2 != 0 {
		return fmt.Sprintf("has %d bytes, too few or half a number", len(q))
	}
	right, endings := words[3], words[4]
	if right >= endings {
		return fmt.Sprintf("has the right ending %d of %d", right, endings)
	}
	words = words[5:]
	for part := range 1 + endings {
		if len(words) == 0 || words[0] == 0 || int(words[0]) >= len(words) {
			return fmt.Sprintf("ends within part %d of its context and its endings, or the part is empty", part)
		}
		for _, token := range words[1 : 1+words[0]] {
			if int(token) >= e.Len() {
				return fmt.Sprintf("has the token %d, and the encoding %s has %d", token, e.Name, e.Len())
			}
		}
		words = words[1+words[0]:]
	}
	if len(words) > 0 {
		return fmt.Sprintf("goes on for %d numbers behind its endings", len(words))
	}
	return ""
}

// readLines reads HellaSwag's JSON Lines.
func (c *Choices) readLines(text *bufio.Reader, path string, e *Encoding) error {
	encoder := e.Encoder()
	var line []byte
	for n := 1; ; n++ {
		var err error
		line, err = readLine(text, line[:0])
		if err != nil && err != io.EOF {
			return data.ReadError(path, err)
		}
		if len(bytes.TrimSpace(line)) > 0 {
			if what := c.addLine(line, encoder); what != "" {
				return &data.ParseError{File: path, Line: n, What: what,
					Fix: `write a question such as {"ctx": "The sky", "endings": ["is blue.", "sings."], "label": 0} in each line`}
			}
		}
		if err == io.EOF {
			return nil
		}
	}
}

// addLine adds the question of a line, or describes its fault.
func (c *Choices) addLine(line []byte, e *Encoder) (fault string) {
	var q struct {
		Context string      `json:"ctx"`
		Endings []string    `json:"endings"`
		Label   json.Number `json:"label"` // a number, or one as a string
	}
	if err := json.Unmarshal(line, &q); err != nil {
		return fmt.Sprintf("the line is no question: %v", err)
	}
	right, err := strconv.Atoi(q.Label.String())
	switch {
	case err != nil || right < 0 || right >= len(q.Endings):
		return fmt.Sprintf("the label is %q, and there are %d endings", q.Label, len(q.Endings))
	case c.Len() > math.MaxUint16:
		return fmt.Sprintf("more than %d questions do not fit into the format", math.MaxUint16+1)
	}
	words := []uint32{beginsQuestion, 0, uint32(c.Len()), uint32(right), uint32(len(q.Endings))}
	for i, part := range append([]string{q.Context}, q.Endings...) {
		if i > 0 {
			part = " " + part
		}
		count := len(words)
		words = e.Encode(append(words, 0), []byte(part))
		words[count] = uint32(len(words) - count - 1)
		if words[count] == 0 {
			return "the context is empty"
		}
	}
	if words[1] = uint32(2 * len(words)); words[1] > math.MaxUint16 {
		return fmt.Sprintf("the question has %d tokens, more than fit into the format", len(words))
	}
	c.starts = append(c.starts, len(c.questions))
	c.questions = narrow.encode(c.questions, words)
	return ""
}
