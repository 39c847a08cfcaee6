package memory

import (
	"runtime"
	"testing"
)

func TestText(t *testing.T) {
	for bytes, want := range map[float64]string{0: "0 B", 1023: "1.02e+03 B", 1024: "1 KiB", 3 << 29: "1.5 GiB", 1 << 62: "4 EiB"} {
		if got := Text(bytes); got != want {
			t.Errorf("%v bytes are %s, want %s", bytes, got, want)
		}
	}
}

func TestAvailable(t *testing.T) {
	if free := Available(); runtime.GOOS == "linux" && !(free > 1<<20 && free < 1<<60) {
		t.Errorf("%v bytes are there", free)
	}
}
