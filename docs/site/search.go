package main

import (
	"encoding/json"
	"os"
	"strings"
)

// found holds the parts of a section that the search looks through and shows.
type found struct {
	Page    string `json:"page"`
	Title   string `json:"title"`
	Address string `json:"address"`
	Text    string `json:"text"`
}

// writeIndex writes all sections of all pages as a script, which pages load when somebody searches. It is a script and not a file of data, because
// browsers load no data for pages that are files.
func writeIndex(path string, pages []page) error {
	var index []found
	for _, p := range pages {
		for _, s := range p.sections {
			index = append(index, found{p.Title, s.Title, p.Address() + "#" + s.ID, strings.Join(strings.Fields(s.Text), " ")})
		}
	}
	text, err := json.Marshal(index)
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte("window.pages = "+string(text)+";\n"), 0o666)
}
