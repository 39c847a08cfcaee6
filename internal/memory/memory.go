// Package memory reports how much memory there is, so that sizes can be checked before anything is allocated.
package memory

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"strings"

	"steepest/internal/decimal"
)

// Available returns the bytes that the process may still allocate: the least of the machine's memory, the limit of its control group and the
// limit of its address space (ulimit -v), or +Inf if none is known. Cached pages of files count as available, since the system gives them up.
func Available() float64 {
	free := math.Inf(1)
	if kib, ok := entry("/proc/meminfo", "MemAvailable:"); ok {
		free = 1024 * kib
	}
	const group = "/sys/fs/cgroup/"
	limit, limited := numberIn(group + "memory.max")
	used, known := numberIn(group + "memory.current")
	if limited && known {
		active, _ := entry(group+"memory.stat", "active_file")
		inactive, _ := entry(group+"memory.stat", "inactive_file")
		free = min(free, max(0, limit-used+active+inactive))
	}
	if limit, ok := field("/proc/self/limits", "Max address space", 3); ok {
		if kib, ok := entry("/proc/self/status", "VmSize:"); ok {
			free = min(free, max(0, limit-1024*kib))
		}
	}
	return free
}

// Resident returns the bytes of memory that the process holds, or 0 if unknown.
func Resident() float64 {
	kib, _ := entry("/proc/self/status", "VmRSS:")
	return 1024 * kib
}

// entry returns the number after a one-word name at the start of a line of a file.
func entry(path, name string) (v float64, ok bool) { return field(path, name+" ", 1) }

// field returns the number in field at (from 0) of the line of a file that starts with name.
func field(path, name string, at int) (v float64, ok bool) {
	f, err := os.Open(path)
	if err != nil {
		return 0, false
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := strings.ReplaceAll(lines.Text(), "\t", " ")
		if fields := strings.Fields(line); strings.HasPrefix(line, name) && len(fields) > at {
			return decimal.ParseFinite(fields[at])
		}
	}
	return 0, false
}

// numberIn returns the number that a file holds.
func numberIn(path string) (v float64, ok bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	return decimal.ParseFinite(strings.TrimSpace(string(text)))
}

// Text writes a number of bytes with three digits.
func Text(bytes float64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}
	i := 0
	for ; bytes >= 1024 && i+1 < len(units); i++ {
		bytes /= 1024
	}
	return fmt.Sprintf("%.3g %s", bytes, units[i])
}
