package tokens

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tiktoken-go/tokenizer/codec"

	"steepest/data"
)

// encoder returns an Encoder of an encoding.
func encoder(t testing.TB, name string) *Encoder {
	t.Helper()
	e, err := NewEncoding(name)
	if err != nil {
		t.Fatal(err)
	}
	return e.Encoder()
}

// TestGolden: the tokens of difficult texts are those of tiktoken.
func TestGolden(t *testing.T) {
	raw, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden []struct {
		File   string
		Text   string
		Repeat int
		Tokens []uint32
		Count  int
		SHA256 string
	}
	if err := json.Unmarshal(raw, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden) < 100 {
		t.Fatalf("only %d texts", len(golden))
	}
	e := encoder(t, "gpt2")
	for range 2 { // without and with cached words
		for _, g := range golden {
			text := []byte(strings.Repeat(g.Text, g.Repeat))
			if g.File != "" {
				plain, _ := data.Unpack(bytes.NewReader(opticks))
				if text, err = io.ReadAll(plain); err != nil {
					t.Fatal(err)
				}
			}
			got := e.Encode(nil, text)
			if g.Tokens != nil && !slices.Equal(got, g.Tokens) {
				t.Errorf("%q × %d: %d, want %d", g.Text, g.Repeat, got, g.Tokens)
			}
			sum := sha256.New()
			if err := binary.Write(sum, binary.LittleEndian, got); err != nil {
				t.Fatal(err)
			}
			if h := hex.EncodeToString(sum.Sum(nil)); len(got) != g.Count || h != g.SHA256 {
				t.Errorf("%q × %d: %d tokens with the sum %s, want %d with %s", g.Text, g.Repeat, len(got), h, g.Count, g.SHA256)
			}
		}
	}
}

// alphabet lists characters of all classes and widths, contractions, bytes that are not UTF-8, and pieces of <|endoftext|>.
var alphabet = []string{
	" ", " ", " ", "\n", "\r\n", "\t", "\v", "\u0085", "\u00a0", "\u3000", "\u2028", "a", "s", "t", "re", "ll", "The", "é", "ж", "中", "日本", "𐐷", "1", "23", "²", "Ⅷ", "٣",
	"'", "'", "'s", "'ll", "’", "!", "...", "|", "<|", "|>", "<|endoftext|>", "\x00", "\x7f", "🙂", "👩‍👩‍👧", "\u0301", "\ufffd", "\xff", "\xe4\xb8", "\xf0\x90", "\x80", "token", "ization",
}

// mixture returns a random text.
func mixture(random *rand.Rand, n int) []byte {
	var b []byte
	few := alphabet
	if random.IntN(2) == 0 { // valid UTF-8
		few = slices.DeleteFunc(slices.Clone(few), func(s string) bool { return !utf8.ValidString(s) })
	}
	if random.IntN(3) == 0 { // long runs
		i := random.IntN(len(few) - 3)
		few = few[i : i+3]
	}
	for range random.IntN(n) + 1 {
		b = append(b, few[random.IntN(len(few))]...)
	}
	return b
}

// as returns the tokens of the codec, and whether got has the same. Texts that the codec loses count as the same: tiktoken-go 0.10.0 replaces bytes
// that are not UTF-8 by U+FFFD, and drops U+007F.
func as(t *testing.T, reference *codec.Codec, text []byte, got []uint32) (want []uint, same bool) {
	t.Helper()
	if !utf8.Valid(text) || bytes.IndexByte(text, 0x7f) >= 0 {
		return nil, true
	}
	want, _, err := reference.Encode(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return want, slices.EqualFunc(got, want, func(a uint32, b uint) bool { return uint(a) == b })
}

// TestCodec: all texts have the tokens of tiktoken-go, whose pattern is a regular expression, and decode to themselves.
func TestCodec(t *testing.T) {
	e, reference := encoder(t, "gpt2"), codec.NewR50kBase()
	random := rand.New(rand.NewPCG(1, 2))
	for k := range 4000 {
		text := mixture(random, 60)
		if k%100 == 0 {
			text = mixture(random, 3000)
		}
		got := e.Encode(nil, text)
		if want, same := as(t, reference, text, got); !same {
			t.Fatalf("%.200q: %.200d, want %.200d", text, got, want)
		}
		if back, err := e.Decode(nil, got...); err != nil || !bytes.Equal(back, text) {
			t.Fatalf("%q became %q, %v", text, back, err)
		}
	}
}

// TestClasses: each character has the class that the codec's regular expression sees.
func TestClasses(t *testing.T) {
	of := classes()
	for r, want := range map[rune]class{
		'a': letter, 'é': letter, '中': letter, 'ª': letter, '1': digit, '²': digit, 'Ⅷ': digit, '٣': digit, ' ': space, '\n': space, '\u0085': space,
		'\u00a0': space, '\u3000': space, '\u200b': sign, '\u180e': sign, '!': sign, '\u0301': sign, utf8.RuneError: sign, '\x1c': sign, '_': sign,
	} {
		if of[r] != want {
			t.Errorf("%U has class %d, want %d", r, of[r], want)
		}
	}
}

// TestMergeLong: both ways to merge give the same tokens.
func TestMergeLong(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	m := encoder(t, "gpt2").merge
	for range 2000 {
		piece := mixture(random, 40)
		if len(piece) > scanned || m.ids[string(piece)] != 0 {
			continue
		}
		if long, short := m.encodeLong(nil, piece), m.encode(nil, piece); !slices.Equal(long, short) {
			t.Fatalf("%q: %d and %d", piece, long, short)
		}
	}
}

// TestLastCut: the parts of a text have the tokens of the whole, whatever follows the text.
func TestLastCut(t *testing.T) {
	e := encoder(t, "gpt2")
	random := rand.New(rand.NewPCG(5, 6))
	cuts := 0
	for range 20000 {
		text := mixture(random, 12)
		follows := mixture(random, 12)
		for _, i := range []int{lastCut(text), lastPlace(text, 0, cutsHere)} {
			if i == 0 {
				continue
			}
			cuts++
			whole := slices.Concat(text, follows)
			apart := e.Encode(e.Encode(nil, whole[:i]), whole[i:])
			if want := e.Encode(nil, whole); !slices.Equal(apart, want) {
				t.Fatalf("%q cut at %d: %d, want %d", whole, i, apart, want)
			}
			if k := max(0, i-len(EndOfText)+1); strings.Contains(string(whole[k:min(len(whole), i+len(EndOfText)-1)]), EndOfText) {
				t.Fatalf("%q is cut at %d", whole, i)
			}
		}
	}
	if cuts < 20000 {
		t.Errorf("only %d cuts", cuts)
	}
}

// TestBytes: a byte is a token.
func TestBytes(t *testing.T) {
	e := encoder(t, "bytes")
	if got := e.Encode(nil, []byte("a\xff\x00")); !slices.Equal(got, []uint32{97, 255, 0}) || e.Len() != 257 || e.EndOfText != 256 {
		t.Errorf("%d of %d, end %d", got, e.Len(), e.EndOfText)
	}
	if text, err := e.Decode(nil, 256, 97); string(text) != "<|endoftext|>a" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := e.Decode(nil, 1, 257); err == nil {
		t.Error("a token that does not exist was decoded")
	}
	if _, err := NewEncoding("gpt3"); err == nil {
		t.Error("an encoding that does not exist was made")
	}
}

// FuzzEncode: every text has the tokens of tiktoken-go and decodes to itself.
func FuzzEncode(f *testing.F) {
	for _, s := range alphabet {
		f.Add([]byte(s), uint8(1))
		f.Add([]byte(s+" "+s), uint8(100))
	}
	reference := codec.NewR50kBase()
	e := encoder(f, "gpt2")
	f.Fuzz(func(t *testing.T, text []byte, repeat uint8) {
		text = bytes.Repeat(text, int(repeat))
		got := e.Encode(nil, text)
		if want, same := as(t, reference, text, got); !same {
			t.Fatalf("%q: %d, want %d", text, got, want)
		}
		if back, err := e.Decode(nil, got...); err != nil || !bytes.Equal(back, text) {
			t.Fatalf("%q became %q, %v", text, back, err)
		}
		if i := lastCut(text); i > 0 && !slices.Equal(e.Encode(e.Encode(nil, text[:i]), text[i:]), got) {
			t.Fatalf("%q cut at %d", text, i)
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	text, err := os.ReadFile(os.Getenv("STEEPEST_BENCH_TEXT"))
	if err != nil {
		b.Skip("STEEPEST_BENCH_TEXT names a text to encode")
	}
	e := encoder(b, "gpt2")
	var dst []uint32
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		dst = e.Encode(dst[:0], text)
	}
}
