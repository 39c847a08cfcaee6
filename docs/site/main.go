// Command site makes a static site of the README, the book and the other pages of the documentation, and of the lecture:
//
//	go run . -out ../../site
//
// Each page is one file that asks for nothing from other servers. Pages keep their places, so that links between them hold in the site as
// they do in the repository.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"path/filepath"

	"steepest/lecture"
)

func main() {
	root := flag.String("root", "../..", "the root of the repository")
	out := flag.String("out", "../../site", "the folder to write")
	flag.Parse()
	if err := build(*root, *out, lecture.Scenes()); err != nil {
		log.Fatal(err)
	}
}

// build writes the site: the pages of a repository, the scenes of the lecture, and the index of the search.
func build(root, out string, scenes []lecture.Scene) error {
	pages, err := readPages(root)
	if err != nil {
		return err
	}
	for i := range pages {
		if err := pages[i].write(out, pages); err != nil {
			return err
		}
	}
	if err := writeIndex(filepath.Join(out, "search.js"), pages); err != nil {
		return err
	}
	return writeLecture(filepath.Join(out, lecturePage), scenes)
}

// lecturePage is the file of the scenes.
const lecturePage = "lecture.html"

// writeLecture runs the scenes and writes their page, in English and Russian.
func writeLecture(path string, scenes []lecture.Scene) error {
	played := []lecture.Played{}
	for _, s := range scenes {
		outcome, err := s.Run(context.Background())
		if err != nil {
			return err
		}
		played = append(played, lecture.Played{Scene: s, Outcome: outcome})
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := lecture.HTML(f, played); err != nil {
		return err
	}
	return f.Close()
}
