package checkpoint

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"steepest/internal/mutate"
)

// The file is byte for byte that of the reference writer, which testdata/reference.py calls.
func TestReference(t *testing.T) {
	want, err := os.ReadFile("testdata/reference.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	tensors, err := unpack(want)
	if err != nil {
		t.Fatal(err)
	}
	s := Snapshot{Tensors: map[string]Tensor{
		"weight": {[]int{2, 3}, []float32{0, 1, 2, 3, 4, 0.5}},
		"mean/x": {[]int{2}, []float64{1e-300, -0.1}},
		"seen":   {[]int{1, 3}, []int64{-1, 2, 1 << 40}},
		"rows":   {[]int{1}, []uint32{1 << 31}},
		"scalar": {nil, []float64{2.5}},
		"empty":  {[]int{0, 4}, []float32{}},
		"größe":  {[]int{1}, []float32{-7}},
	}}
	if back := (Snapshot{Tensors: tensors}); !same(back, s) {
		t.Errorf("read %v, not %v", back, s)
	}
	var got bytes.Buffer
	if err := pack(s.Tensors).Serialize(&got); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("written\n%q\nand not\n%q", got.Bytes(), want)
	}
}

// container returns a file of safetensors with a header and zeros as data.
func container(header string, size int) []byte {
	file := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(file, header...), make([]byte, size)...)
}

func TestUnpackRefuses(t *testing.T) {
	const x, y = `"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`, `"x":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}`
	for what, file := range map[string][]byte{
		"nothing":                {},
		"a header beyond":        binary.LittleEndian.AppendUint64(nil, 1<<62),
		"no tensors":             container(`{}`, 0),
		"data that is cut":       container(`{`+x+`}`, 7),
		"data too many":          container(`{`+x+`}`, 9),
		"a name twice":           container(`{`+x+`,`+y+`}`, 16),
		"an overlap":             container(`{`+x+`,"y":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}`, 12),
		"a hole":                 container(`{"y":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}`, 12),
		"offsets back":           container(`{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,-8]}}`, 8),
		"a wrong shape":          container(`{"x":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}`, 8),
		"a shape beyond uint64":  container(`{"x":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`, 0),
		"a shape beyond int":     container(`{"x":{"dtype":"F32","shape":[0,9223372036854775808],"data_offsets":[0,0]}}`, 0),
		"a type of no tensor":    container(`{"x":{"dtype":"F16","shape":[4],"data_offsets":[0,8]}}`, 8),
		"a type of no processor": container(`{"x":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}`, 8),
		"no JSON":                container(`{`+x, 8),
		"null":                   container(`null`, 0),
	} {
		if tensors, err := unpack(file); err == nil {
			t.Errorf("a file with %s is read as %v", what, tensors)
		}
	}
	if _, err := unpack(container(`{`+x+`}`, 8)); err != nil {
		t.Errorf("the file without a fault: %v", err)
	}
}

// manifestOf returns the manifest of a checkpoint with these files.
func manifestOf(meta, tensors []byte) []byte {
	of := func(data []byte) content { return content{int64(len(data)), fmt.Sprintf("%x", sha256.Sum256(data))} }
	return manifest{7, of(meta), []content{of(tensors)}}.encode()
}

// unpack returns the tensors of a checkpoint with one file.
func unpack(data []byte) (map[string]Tensor, error) {
	sys := newMemory()
	folder := newFolder()
	sys.root.entries["one"] = folder
	folder.entries[manifestName] = &node{data: manifestOf(nil, data)}
	folder.entries[metaName] = &node{}
	folder.entries[tensorsName] = &node{data: data}
	s, err := read(sys, "one", nil)
	if err != nil {
		return nil, err
	}
	return s.Tensors, nil
}

// FuzzRead reads checkpoints with arbitrary files, once with an arbitrary manifest and once with a manifest that fits the files.
func FuzzRead(f *testing.F) {
	var tensors bytes.Buffer
	if err := pack(example(1).Tensors).Serialize(&tensors); err != nil {
		f.Fatal(err)
	}
	f.Add(sampleManifest.encode(), []byte(`{"save": 1}`), tensors.Bytes())
	f.Add([]byte{}, []byte{}, container(`{"x":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}`, 8))
	f.Fuzz(checkRead)
}

func TestReadMutations(t *testing.T) {
	var tensors bytes.Buffer
	if err := pack(example(1).Tensors).Serialize(&tensors); err != nil {
		t.Fatal(err)
	}
	seeds := []string{tensors.String(), string(container(`{"x":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}`, 8))}
	mutate.Try(t, "checkpoint/FuzzRead", seeds, func(t *testing.T, tensors string, _ *rand.Rand) {
		checkRead(t, sampleManifest.encode(), []byte(`{"save": 1}`), []byte(tensors))
	})
}

func checkRead(t *testing.T, manifest, meta, tensors []byte) {
	sys := newMemory()
	folder := newFolder()
	sys.root.entries["one"] = folder
	folder.entries[manifestName] = &node{data: manifest}
	folder.entries[metaName] = &node{data: meta}
	folder.entries[tensorsName] = &node{data: tensors}
	_, _ = read(sys, "one", nil)

	folder.entries[manifestName] = &node{data: manifestOf(meta, tensors)}
	s, err := read(sys, "one", nil)
	if err != nil {
		return
	}
	var again bytes.Buffer
	if err := pack(s.Tensors).Serialize(&again); err != nil {
		t.Fatal(err)
	}
	back, err := unpack(again.Bytes())
	if err != nil || !same(*s, Snapshot{Step: s.Step, Meta: s.Meta, Tensors: back}) {
		t.Fatalf("%v is read, and %v after it was written again: %v", *s, back, err)
	}
}
