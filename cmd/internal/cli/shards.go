package cli

import (
	"fmt"
	"os"
	"strings"

	"steepest/data/tokens"
	"steepest/internal/printable"
)

// streamJSON describes shards of tokens.
type streamJSON struct {
	Name      string `json:"name"`
	Shards    int    `json:"shards"`
	Tokens    int64  `json:"tokens"`
	Bits      int    `json:"bits"`
	Least     uint32 `json:"least_token"`
	Most      uint32 `json:"most_token"`
	Encoding  string `json:"encoding,omitempty"`
	Documents int64  `json:"documents,omitempty"`
	Text      string `json:"begins,omitempty"`
}

// shardsOf returns the streams of tokens of a path: a shard, or a folder or pattern of shards. Training and validation are separate
// streams. It returns nil if the path is something else.
func shardsOf(path string) ([][]string, error) {
	train, validation, err := tokens.Find(path)
	if info, statErr := os.Stat(path); statErr == nil && info.IsDir() && err != nil {
		return nil, badData("name a file in it", "%s is a folder, without .bin files of tokens", path)
	}
	if err != nil || !tokens.IsShard(append(train, validation...)[0]) {
		return nil, nil
	}
	var streams [][]string
	for _, paths := range [][]string{train, validation} {
		if paths != nil {
			streams = append(streams, paths)
		}
	}
	return streams, nil
}

// describeShards prints a description of streams of tokens.
func (c *dataCmd) describeShards(w *world, streams [][]string) error {
	var all []streamJSON
	for _, paths := range streams {
		s, err := survey(paths)
		if err != nil {
			return badData("", "%w", err)
		}
		all = append(all, s)
	}
	if c.JSON {
		return writeJSON(w.stdout, all)
	}
	for i, s := range all {
		if i > 0 {
			fmt.Fprintln(w.stdout)
		}
		if _, err := fmt.Fprint(w.stdout, s); err != nil {
			return err
		}
	}
	return nil
}

// survey describes the stream of several shards.
func survey(paths []string) (out streamJSON, err error) {
	stream, err := tokens.Open(paths...)
	if err != nil {
		return out, err
	}
	defer stream.Close()
	found, err := stream.Survey(stream.Len())
	if err != nil {
		return out, err
	}
	out = streamJSON{Name: paths[0], Shards: len(paths), Tokens: stream.Len(), Bits: stream.Bits(), Least: found.Least, Most: found.Most, Documents: found.Documents}
	if found.Encoding == nil {
		return out, nil
	}
	out.Encoding = found.Encoding.Name
	head := make([]uint32, min(stream.Len(), 40))
	if err := stream.Read(head, 0); err != nil {
		return out, err
	}
	text, err := found.Encoding.Decode(nil, head...)
	out.Text = strings.ToValidUTF8(string(text), "\ufffd")
	return out, err
}

// String formats the description for people.
func (s streamJSON) String() string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-12s %s\n", name, printable.Text(fmt.Sprintf(format, args...)))
	}
	name := s.Name
	if s.Shards > 1 {
		name += fmt.Sprintf(" and so on, %d shards", s.Shards)
	}
	line("name", "%s", name)
	line("tokens", "%d of %d bits, from %d to %d", s.Tokens, s.Bits, s.Least, s.Most)
	switch {
	case s.Encoding != "":
		line("encoding", "%s, as far as the tokens show", s.Encoding)
		line("documents", "%d begin", s.Documents)
		line("begins", "%q", s.Text)
	case s.Tokens > 0:
		line("encoding", "neither gpt2 nor bytes, whose tokens are lower")
	}
	return b.String()
}
