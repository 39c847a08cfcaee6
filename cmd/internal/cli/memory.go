package cli

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
)

// refuseSize returns an error if something takes more bytes than there are.
func refuseSize(what string, bytes float64) error {
	if free := availableMemory(); bytes > free {
		return usage("take a smaller one", "%s take %s of memory, and %s are there", what, inBytes(bytes), inBytes(free))
	}
	return nil
}

// refuseBatch is refuseSize for the indices of a batch.
func refuseBatch(size int) error {
	return refuseSize(fmt.Sprintf("the indices of a batch of %d terms", size), 4*float64(size))
}

// recordBytes is what a race keeps of a run at the least: a few measured points.
const recordBytes = 1 << 10

// vectors is how many vectors of the size of x a run is taken to need: x, the gradient, the state of a method, an average.
const vectors = 10

// refuseUnknowns is refuseSize for a model of so many unknowns.
func refuseUnknowns(what string, unknowns float64) error {
	return refuseSize(fmt.Sprintf("%s makes %.3g unknowns, which", what, unknowns), 8*vectors*unknowns)
}

// availableMemory returns the bytes that the process may still take, by the machine and by the limit of its control group; +Inf where
// neither is known.
func availableMemory() float64 {
	free := math.Inf(1)
	if f, err := os.Open("/proc/meminfo"); err == nil {
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			fields := strings.Fields(lines.Text())
			if len(fields) == 3 && fields[0] == "MemAvailable:" {
				if kib, err := strconv.ParseFloat(fields[1], 64); err == nil {
					free = 1024 * kib
				}
			}
		}
	}
	limit, used := numberIn("/sys/fs/cgroup/memory.max"), numberIn("/sys/fs/cgroup/memory.current")
	if !math.IsNaN(limit) && !math.IsNaN(used) {
		free = min(free, max(0, limit-used))
	}
	return free
}

// numberIn returns the number that a file holds; NaN if it holds none.
func numberIn(path string) float64 {
	text, err := os.ReadFile(path)
	if err != nil {
		return math.NaN()
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(string(text)), 64)
	if err != nil {
		return math.NaN()
	}
	return v
}

// inBytes writes a number of bytes with three digits.
func inBytes(bytes float64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}
	i := 0
	for ; bytes >= 1024 && i+1 < len(units); i++ {
		bytes /= 1024
	}
	return fmt.Sprintf("%.3g %s", bytes, units[i])
}
