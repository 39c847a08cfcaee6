package simd

import (
	"os"
	"regexp"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

func TestLargePages(t *testing.T) {
	for _, n := range []int{0, 1, largePage/4 - 1, largePage / 4, 5*largePage/4 + 7} {
		v := make([]uint32, n)
		for i := range v {
			v[i] = uint32(i)
		}
		LargePages(v)
		for i, e := range v {
			if e != uint32(i) {
				t.Fatalf("element %d of %d has become %d", i, n, e)
			}
		}
	}
}

// TestLargePagesAreLarge counts what the system says, where it is one that can.
func TestLargePagesAreLarge(t *testing.T) {
	probe, err := unix.Mmap(-1, 0, 2*largePage, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Munmap(probe)
	for i := range probe {
		probe[i] = 1
	}
	if unix.Madvise(probe, unix.MADV_COLLAPSE) != nil {
		return
	}
	before := largeKilobytes(t)
	v := make([]byte, 16*largePage)
	for i := range v {
		v[i] = 1
	}
	LargePages(v)
	if got := largeKilobytes(t) - before; got < 8*largePage>>10 {
		t.Errorf("of %d kB, %d have come to lie on large pages", len(v)>>10, got)
	}
	v[0]++ // so that it lives until now
}

func largeKilobytes(t *testing.T) int {
	maps, err := os.ReadFile("/proc/self/smaps_rollup")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`AnonHugePages:\s*(\d+)`).FindSubmatch(maps)
	kilobytes, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	return kilobytes
}
