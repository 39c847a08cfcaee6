package data

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// TestRoom: before they allocate, readers compare the size with the free memory.
func TestRoom(t *testing.T) {
	was, few := available, fewBytes
	defer func() { available, fewBytes = was, few }()
	free := 10000.0
	available, fewBytes = func() float64 { return free }, 1000
	var wide, long, words, sparse strings.Builder
	for i := range 400 {
		fmt.Fprintf(&long, "%d,1,2,3\n", i)
		fmt.Fprintf(&sparse, "1 1:1 2:1 %d:1\n", i+3)
		fmt.Fprintf(&words, "w%d,%d\n", i, i%2)
	}
	wide.WriteString(strings.Repeat("1,", 1500) + "1\n")
	for _, c := range []struct {
		name, text string
		o          Options
		want       string
	}{
		{"words.csv", words.String(), Options{CSV: CSVOptions{Categorical: []string{"1"}, Dense: true}},
			"words.csv: the numbers of 400 rows and 400 features take 1.22 MiB of memory, and 9.77 KiB are there; read a part of the file, or leave out columns of a table by Drop"},
	} {
		if _, err := Read(c.name, strings.NewReader(c.text), c.o); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v\nwant %s", c.name, err, c.want)
		}
	}
	free = 100 // in addition to the bytes of the values
	for _, c := range []struct{ name, text, want string }{
		{"f.svm", sparse.String(), "f.svm: the values of the first 400 rows take 15.8 KiB of memory, and 14.2 KiB are there; read a part of the file, or leave out columns of a table by Drop"},
		{"long.csv", long.String(), "long.csv: the numbers of the first 400 rows take 10.5 KiB of memory, and 9.47 KiB are there; read a part of the file, or leave out columns of a table by Drop"},
		{"wide.csv", wide.String(), "wide.csv: the numbers of the first 1 rows take 13.2 KiB of memory, and 11.8 KiB are there; read a part of the file, or leave out columns of a table by Drop"},
	} {
		if _, err := Read(c.name, strings.NewReader(c.text), Options{}); err == nil || err.Error() != c.want {
			t.Errorf("%v\nwant %s", err, c.want)
		}
	}
	free = 10000
	for _, c := range []struct {
		code byte
		want string
	}{
		{8, "f: the 20000 elements that its header says take 19.5 KiB of memory, and 9.77 KiB are there"},
		{9, "f: the 20000 elements that its header says take 156 KiB of memory, and 9.77 KiB are there"},
	} {
		in, err := openIDX("f", bytes.NewReader(idx(c.code, []uint32{20000}, make([]byte, 20000))))
		if err != nil {
			t.Fatal(err)
		}
		if c.code == unsignedBytes {
			_, err = in.bytes()
		} else {
			_, err = in.tensor()
		}
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("IDX: %v, want %s", err, c.want)
		}
	}
	free = 1e9
	for name, text := range map[string]string{"long.csv": long.String(), "wide.csv": wide.String(), "f.svm": sparse.String()} {
		if _, err := Read(name, strings.NewReader(text), Options{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
