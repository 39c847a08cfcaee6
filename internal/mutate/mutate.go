// Package mutate tests parsers on mutations of valid texts. It changes texts as a fuzzer does, but without tracing coverage, and so at
// the parser's own speed: some thousands of texts in each run of the tests, or tens of millions on request. Texts that a fuzzer has
// found (go test -fuzz) are seeds too, so mutate continues where the fuzzer stopped.
package mutate

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// count is the number of texts of a test, unless STEEPEST_TEST_MUTATIONS sets another number.
const count = 10_000

// longest is the largest number of bytes of a text.
const longest = 1 << 12

// Try calls check with mutations of the seeds, on all processors. Text i and the random numbers of its call depend only on the seeds and
// on i. If check panics, Try names the text. The seeds also include the texts in go's cache for the fuzz target, such as
// "data/FuzzReadCSV".
func Try(t *testing.T, target string, seeds []string, check func(t *testing.T, text string, r *rand.Rand)) {
	n := count
	if asked := os.Getenv("STEEPEST_TEST_MUTATIONS"); asked != "" {
		var err error
		if n, err = strconv.Atoi(asked); err != nil {
			t.Fatal(err)
		}
	}
	seeds = slices.Concat(seeds, found(target))
	t.Logf("%d mutations of %d texts", n, len(seeds))
	for w := range runtime.GOMAXPROCS(0) {
		t.Run(strconv.Itoa(w), func(t *testing.T) {
			t.Parallel()
			var text string
			defer func() {
				if fault := recover(); fault != nil {
					t.Errorf("%q: panic: %v", text, fault)
					panic(fault)
				}
			}()
			for i := w; i < n; i += runtime.GOMAXPROCS(0) {
				r := rand.New(rand.NewPCG(uint64(i), 0))
				text = mutation(seeds, r)
				check(t, text, r)
			}
		})
	}
}

// found returns the texts in go's cache for a fuzz target: the first values of the files of its corpus.
func found(target string) (texts []string) {
	cache := os.Getenv("GOCACHE")
	if cache == "" {
		user, _ := os.UserCacheDir()
		cache = filepath.Join(user, "go-build")
	}
	files, _ := filepath.Glob(filepath.Join(cache, "fuzz", "steepest/"+target, "*"))
	for _, name := range files {
		file, _ := os.ReadFile(name)
		_, values, _ := strings.Cut(string(file), "(")
		value, _, _ := strings.Cut(values, ")\n")
		if text, err := strconv.Unquote(value); err == nil && len(text) <= longest {
			texts = append(texts, text)
		}
	}
	return texts
}

// words are texts that have a meaning in some format.
var words = []string{
	`"`, `""`, "'", ",", ";", ":", "|", ".", "-", "+", "#", "=", "%", "&", `\`, "/", "(", ")", "[", "]", "{", "}", " ", "\t", "\n", "\r", "\r\n",
	"0", "1", "-1", "e", "1e999", "1e-999", "0x1p4", "18446744073709551616", "nan", "inf", "null", "true", "?", "\x00", "\xff", "\ufeff",
}

// mutation changes one of the seeds from one to eight times.
func mutation(seeds []string, r *rand.Rand) string {
	text := []byte(seeds[r.IntN(len(seeds))])
	for range 1 << r.IntN(4) {
		at := r.IntN(len(text) + 1)
		end := min(len(text), at+1<<r.IntN(8))
		switch other := seeds[r.IntN(len(seeds))]; r.IntN(7) {
		case 0:
			if at < end {
				text[at] ^= 1 << r.IntN(8)
			}
		case 1:
			if at < end {
				text[at] = byte(r.IntN(256))
			}
		case 2:
			text = slices.Insert(text, at, []byte(words[r.IntN(len(words))])...)
		case 3:
			text = slices.Delete(text, at, end)
		case 4: // repeat a piece
			text = slices.Insert(text, r.IntN(len(text)+1), slices.Clone(text[at:end])...)
		case 5: // the end of another seed
			text = append(text[:at], other[r.IntN(len(other)+1):]...)
		case 6: // a piece of another seed
			from := r.IntN(len(other) + 1)
			text = slices.Insert(text, at, []byte(other[from:min(len(other), from+1<<r.IntN(6))])...)
		}
	}
	return string(text[:min(len(text), longest)])
}
