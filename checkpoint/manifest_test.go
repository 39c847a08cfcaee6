package checkpoint

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"steepest/internal/mutate"
)

var sampleManifest = manifest{
	step:    1000,
	meta:    content{12, strings.Repeat("0a", 32)},
	tensors: []content{{345, strings.Repeat("f1", 32)}},
}

// twoParts is the manifest of a checkpoint that two ranks have written.
var twoParts = manifest{
	step:    1000,
	meta:    sampleManifest.meta,
	tensors: []content{sampleManifest.tensors[0], {678, strings.Repeat("e2", 32)}},
}

// The form of the file is that of earlier checkpoints. A change needs another version.
func TestManifestForm(t *testing.T) {
	want := "steepest checkpoint 1\nstep 1000\n" +
		"meta.json 12 " + strings.Repeat("0a", 32) + "\n" +
		"tensors.safetensors 345 " + strings.Repeat("f1", 32) + "\n"
	want += fmt.Sprintf("manifest %x\n", sha256.Sum256([]byte(want)))
	if got := string(sampleManifest.encode()); got != want {
		t.Errorf("the manifest is\n%s\nand not\n%s", got, want)
	}
	want = "steepest checkpoint 2\nstep 1000\n" +
		"meta.json 12 " + strings.Repeat("0a", 32) + "\n" +
		"tensors-00001-of-00002.safetensors 345 " + strings.Repeat("f1", 32) + "\n" +
		"tensors-00002-of-00002.safetensors 678 " + strings.Repeat("e2", 32) + "\n"
	want += fmt.Sprintf("manifest %x\n", sha256.Sum256([]byte(want)))
	if got := string(twoParts.encode()); got != want {
		t.Errorf("the manifest of two ranks is\n%s\nand not\n%s", got, want)
	}
	if m, err := parseManifest([]byte(want)); err != nil || !reflect.DeepEqual(m, twoParts) {
		t.Errorf("the manifest of two ranks is read as %v, %v", m, err)
	}
}

func TestParseManifestRefuses(t *testing.T) {
	whole := string(sampleManifest.encode())
	body := whole[:strings.LastIndex(whole, "manifest")]
	for what, text := range map[string]string{
		"another version":          strings.Replace(body, " 1\n", " 2\n", 1),
		"no file of tensors":       body[:strings.Index(body, "tensors")],
		"a key twice":              strings.Replace(body, "step 1000\n", "step 1000\nstep 1000\n", 1),
		"an unknown key":           body + "extra 1\n",
		"a file twice":             body + body[strings.Index(body, "meta"):],
		"a path":                   strings.Replace(body, "meta.json", "../meta.json", 1),
		"files in another order":   strings.Replace(strings.Replace(body, "meta.json", "tensors.safetensors", 1), "tensors.safetensors 345", "meta.json 345", 1),
		"a negative step":          strings.Replace(body, "1000", "-1", 1),
		"a leading zero":           strings.Replace(body, "1000", "01000", 1),
		"a plus sign":              strings.Replace(body, "1000", "+1000", 1),
		"a step beyond int":        strings.Replace(body, "1000", "99999999999999999999", 1),
		"a size that is no number": strings.Replace(body, "345", "many", 1),
		"two spaces":               strings.Replace(body, "step ", "step  ", 1),
		"line ends of Windows":     strings.ReplaceAll(body, "\n", "\r\n"),
		"no step":                  strings.Replace(body, "step 1000\n", "", 1),
		"nothing":                  "",
	} {
		signed := fmt.Appendf([]byte(text), "manifest %x\n", sha256.Sum256([]byte(text)))
		if m, err := parseManifest(signed); err == nil {
			t.Errorf("a manifest with %s is read as %v", what, m)
		}
	}
}

// A manifest with a valid checksum but sizes larger than the files is refused before its sizes are used.
func TestManifestWithWrongSizes(t *testing.T) {
	damaged(t, func(sys *memory, file string, _ *node) {
		n := sys.find("run/000002-step-20/" + manifestName)
		m, err := parseManifest(n.data)
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int64{-1, 0, 1, 1 << 40, 1<<63 - 1} {
			changed := m
			switch file {
			case metaName:
				changed.meta.size = size
			case tensorsName:
				changed.tensors = []content{{size, m.tensors[0].sha256}}
			default:
				continue
			}
			n.data = changed.encode()
			mustFallBack(t, sys, file, fmt.Sprintf("the size %d in the manifest", size))
		}
	})
}

func FuzzParseManifest(f *testing.F) {
	f.Add(sampleManifest.encode())
	f.Add(twoParts.encode())
	f.Add([]byte(manifestVersion))
	f.Fuzz(checkManifest)
}

func TestParseManifestMutations(t *testing.T) {
	seeds := []string{string(sampleManifest.encode()), string(twoParts.encode()), manifestVersion}
	mutate.Try(t, "checkpoint/FuzzParseManifest", seeds, func(t *testing.T, text string, _ *rand.Rand) { checkManifest(t, []byte(text)) })
}

// checkManifest reads a text as it is, and with a right checksum.
func checkManifest(t *testing.T, text []byte) {
	for _, text := range [][]byte{text, fmt.Appendf(text, "manifest %x\n", sha256.Sum256(text))} {
		if m, err := parseManifest(text); err == nil && !bytes.Equal(m.encode(), text) {
			t.Errorf("%q is read as %v", text, m)
		}
	}
}
