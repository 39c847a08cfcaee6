package tfevents

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"testing"
	"time"
)

//go:embed testdata/golden.tfevents
var golden []byte

var moment = time.UnixMicro(1767323045_250000)

// events are those of testdata/golden.py.
var events = []Event{
	{moment, 0, Current},
	started("lr", "0.5"), started("nesterov", "true"), started("centered", "false"), started("method", "größe"), started("batch", "0"),
	{moment, 7, Scalars{{"loss", .1}, {"class 1.loss", -3e-9}, {"größe", float32(math.Inf(1))}}},
	{moment, 1 << 40, Scalars{{"loss", 0}}},
	{moment, 4, Restart{}},
	{moment, 0, End{Success, moment}},
	{moment, 0, End{Failure, moment}},
	{moment, 0, End{Unknown, moment}},
}

func started(name, value string) Event {
	return Event{moment, 0, Start{map[string]string{name: value}, "adam 12", "/saved#adam/1", moment}}
}

// TestGolden: the bytes are those that TensorBoard's own classes write.
func TestGolden(t *testing.T) {
	rest := golden
	for _, e := range events {
		want := rest[:min(len(rest), len(e.Append(nil)))]
		if got := e.Append(nil); !bytes.Equal(got, want) {
			t.Errorf("%+v:\n%q, want\n%q", e, got, want)
		}
		rest = rest[len(want):]
	}
	if len(rest) > 0 {
		t.Errorf("%d bytes more are expected", len(rest))
	}
}

// TestFirst: written events are read back, wherever the file ends. Of a Start only the Model is read, and of an End the Status.
func TestFirst(t *testing.T) {
	var file []byte
	for _, e := range events {
		file = e.Append(file)
	}
	for _, want := range events {
		switch c := want.Content.(type) {
		case Start:
			want.Content = Start{Model: c.Model}
		case End:
			want.Content = End{Status: c.Status}
		}
		e, n, err := First(file)
		if err != nil || !e.Time.Equal(moment) || fmt.Sprintf("%d %#v", e.Step, e.Content) != fmt.Sprintf("%d %#v", want.Step, want.Content) {
			t.Errorf("%+v, %v, want %+v", e, err, want)
		}
		for cut := range n {
			if _, _, err := First(file[:cut]); !errors.Is(err, io.ErrUnexpectedEOF) && !(cut == 0 && err == io.EOF) {
				t.Fatalf("cut at %d: %v", cut, err)
			}
		}
		for i := range n { // a bit turned
			turned := slices.Clone(file[:n])
			turned[i] ^= 4
			if _, _, err := First(turned); err == nil {
				t.Fatalf("byte %d is another, and there is no error", i)
			}
		}
		file = file[n:]
	}
}

// TestChecksum: CRC-32C of the examples of RFC 3720, B.4, before the mask.
func TestChecksum(t *testing.T) {
	up, down := make([]byte, 32), make([]byte, 32)
	for i := range up {
		up[i], down[i] = byte(i), byte(31-i)
	}
	for _, test := range []struct {
		data []byte
		crc  uint32
	}{{make([]byte, 32), 0x8a9136aa}, {bytes.Repeat([]byte{0xff}, 32), 0x62a8ab43}, {up, 0x46dd794e}, {down, 0x113fdb5c}} {
		rotated := checksum(test.data) - 0xa282ead8
		if got := rotated>>17 | rotated<<15; got != test.crc {
			t.Errorf("%v: %08x, want %08x", test.data, got, test.crc)
		}
	}
}

// TestNames: any text of a user is text in the file.
func TestNames(t *testing.T) {
	for _, name := range []string{"", "\xff\xfe", "</script>", "\x00\n\x1b"} {
		e := Event{moment, 1, Scalars{{name, 1}}}
		got, _, err := First(e.Append(nil))
		if s, ok := got.Content.(Scalars); err != nil || !ok || s[0].Tag != string(bytes.ToValidUTF8([]byte(name), []byte("\ufffd"))) {
			t.Errorf("%q: %+v, %v", name, got, err)
		}
	}
}

// FuzzFirst: any bytes give an event or an error, and First does not read beyond them.
func FuzzFirst(f *testing.F) {
	f.Add(golden)
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, n, err := First(data); err == nil && n > len(data) {
			t.Errorf("%d of %d bytes", n, len(data))
		}
		_, _ = parse(data)
	})
}
