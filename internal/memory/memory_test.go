package memory

import (
	"os"
	"path/filepath"
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

func TestField(t *testing.T) {
	path := filepath.Join(t.TempDir(), "limits")
	text := "VmSize:\t  12 kB\nVmSizes: 5\nMax address space  2048  unlimited  bytes\nMax processes  unlimited\nactive_file 7\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		at   int
		want float64
		ok   bool
	}{
		{"VmSize: ", 1, 12, true}, {"active_file ", 1, 7, true}, {"Max address space", 3, 2048, true}, {"Max address space", 4, 0, false},
		{"Max processes", 2, 0, false}, {"Max processes", 3, 0, false}, {"inactive_file ", 1, 0, false},
	} {
		if v, ok := field(path, c.name, c.at); v != c.want || ok != c.ok {
			t.Errorf("%q, %d: %v %v", c.name, c.at, v, ok)
		}
	}
}

func TestResident(t *testing.T) {
	if held := Resident(); runtime.GOOS == "linux" && !(held > 1<<20 && held < 1<<40) {
		t.Errorf("the process holds %v bytes", held)
	}
}
