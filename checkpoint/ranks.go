package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Ranks are processes that save together. Each writes its part of a checkpoint into a file of its own. All of them call the same methods
// of their Folders in the same order.
type Ranks interface {
	// Rank returns the number of this process, from 0 to below Size.
	Rank() int
	Size() int
	// Texts returns the text that each rank gives. After an error the ranks are of no more use.
	Texts(text string) ([]string, error)
}

// alone is a single process.
type alone struct{}

func (alone) Rank() int                           { return 0 }
func (alone) Size() int                           { return 1 }
func (alone) Texts(text string) ([]string, error) { return []string{text}, nil }

// OpenTogether is Open for several ranks, which must all see the same folder at path. Rank 0 holds the lock. An error of one rank is an
// error of all, which names the rank.
func OpenTogether(path string, keep int, ranks Ranks) (*Folder, error) {
	f, holder, err := &Folder{sys: disk{}, path: path, ranks: ranks}, []byte(nil), error(nil)
	if f.leads() {
		if f, err = Open(path, keep); err == nil {
			f.ranks = ranks
			holder, err = os.ReadFile(filepath.Join(path, lockName))
		}
	}
	holders, err := agree(ranks, string(holder), err)
	if err == nil {
		var seen []byte
		if seen, err = os.ReadFile(filepath.Join(path, lockName)); errors.Is(err, fs.ErrNotExist) || err == nil && string(seen) != holders[0] {
			host, _ := os.Hostname()
			err = fmt.Errorf("checkpoint: %s on %s is not the folder in which rank 0 (%s) saves; each rank saves its part of the state, so choose a folder that all machines share",
				path, host, holders[0])
		}
		_, err = agree(ranks, "", err)
	}
	if err != nil {
		if f != nil && f.lock != nil {
			f.Close()
		}
		return nil, err
	}
	return f, nil
}

// leads reports whether this process is rank 0, which names and completes checkpoints.
func (f *Folder) leads() bool { return f.ranks.Rank() == 0 }

// agree returns the text of each rank, or the error of the first rank that has one.
func agree(ranks Ranks, text string, failed error) ([]string, error) {
	type answer struct{ Text, Fault string }
	own := answer{Text: text}
	if failed != nil {
		own.Fault = failed.Error()
	}
	line, err := json.Marshal(own)
	if err != nil {
		return nil, err
	}
	lines, err := ranks.Texts(string(line))
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(lines))
	for rank, line := range lines {
		var a answer
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			return nil, fmt.Errorf("rank %d does not answer in the form of a checkpoint: %w", rank, err)
		}
		switch texts[rank] = a.Text; {
		case a.Fault == "":
		case rank == ranks.Rank():
			return nil, failed
		default:
			return nil, fmt.Errorf("rank %d: %s", rank, a.Fault)
		}
	}
	return texts, nil
}
