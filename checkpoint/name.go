package checkpoint

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The kinds of checkpoints.
const (
	regular = "step"
	best    = "best"
)

// temporary is the suffix of a folder that is being written or removed.
const temporary = ".tmp"

// name is the name of a checkpoint's folder.
type name struct {
	number int // counts the saves into the folder
	kind   string
	step   int
}

func (n name) String() string { return fmt.Sprintf("%06d-%s-%d", n.number, n.kind, n.step) }

// parseName reads a name exactly as String writes it.
func parseName(text string) (n name, ok bool) {
	fields := strings.Split(text, "-")
	if len(fields) != 3 || fields[1] != regular && fields[1] != best {
		return name{}, false
	}
	n.kind = fields[1]
	n.number, _ = strconv.Atoi(fields[0])
	n.step, _ = strconv.Atoi(fields[2])
	return n, n.String() == text
}

// list returns the names of the checkpoints of one kind in the folder at path, oldest first.
func list(sys files, path, kind string) ([]name, error) {
	entries, err := sys.list(path)
	if err != nil {
		return nil, err
	}
	var names []name
	for _, entry := range entries {
		if n, ok := parseName(entry); ok && n.kind == kind {
			names = append(names, n)
		}
	}
	slices.SortFunc(names, func(a, b name) int { return a.number - b.number })
	return names, nil
}
