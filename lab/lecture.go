package lab

import (
	"bytes"
	"context"
	"errors"
	"html/template"
	"io/fs"
	"net/http"
	"sync"
	"time"

	"steepest/lecture"
)

// theatre plays the scenes of the lecture on request, one at a time, and keeps their outcomes: a scene has the same outcome every time.
type theatre struct {
	stage chan struct{} // holds a value while a scene is played or its figure is drawn

	mutex  sync.Mutex
	played map[string]*lecture.Outcome
	files  map[string]figure // by address
}

// figure is a file.
type figure struct {
	kind string
	text []byte
}

func newTheatre() *theatre {
	return &theatre{stage: make(chan struct{}, 1), played: make(map[string]*lecture.Outcome), files: make(map[string]figure)}
}

func (t *theatre) routes(m *http.ServeMux) {
	m.HandleFunc("GET /lecture", t.page)
	m.HandleFunc("POST /lecture/{scene}", t.play)
	m.HandleFunc("GET /lecture/{scene}/{file}", t.file)
}

// page serves all scenes, with the outcomes of the scenes that were played.
func (t *theatre) page(w http.ResponseWriter, _ *http.Request) {
	var played []lecture.Played
	for _, s := range lecture.Scenes() {
		played = append(played, lecture.Played{Scene: s, Outcome: t.outcome(s.Name)})
	}
	var body bytes.Buffer
	if err := lecture.Body(&body, played, address); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = pages.ExecuteTemplate(w, "lecture.html", template.HTML(body.String())) // the client has gone
}

// address returns the address of a figure.
func address(scene, file string) string { return "/lecture/" + scene + "/" + file }

func (t *theatre) outcome(scene string) *lecture.Outcome {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return t.played[scene]
}

// play plays a scene, draws its figures in the language of the reader, and answers with its section of the page. Other scenes wait meanwhile.
// It stops when the client is gone.
func (t *theatre) play(w http.ResponseWriter, r *http.Request) {
	s, err := lecture.Find(r.PathValue("scene"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // there is nothing more to read, and a scene may take longer than the limit
	language := "en"
	if r.URL.Query().Get("lang") == "ru" {
		language = "ru"
	}
	outcome, err := t.perform(r.Context(), s, language)
	switch {
	case r.Context().Err() != nil:
		return // the client has gone, or the lab ends
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = lecture.Section(w, lecture.Played{Scene: *s, Outcome: outcome}, address) // the client has gone
}

// perform plays a scene, unless it was played before, and draws its figures in a language.
func (t *theatre) perform(ctx context.Context, s *lecture.Scene, language string) (*lecture.Outcome, error) {
	if err := t.enter(ctx); err != nil {
		return nil, err
	}
	defer t.leave()
	outcome := t.outcome(s.Name)
	if outcome == nil {
		var err error
		if outcome, err = s.Run(ctx); err != nil {
			return nil, err
		}
		t.mutex.Lock()
		t.played[s.Name] = outcome
		t.mutex.Unlock()
	}
	for _, format := range []string{".svg", ".gif"} {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if _, err := t.draw(outcome, s.Name, language+format); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return outcome, nil
}

// enter waits for the stage.
func (t *theatre) enter(ctx context.Context) error {
	select {
	case t.stage <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t *theatre) leave() { <-t.stage }

// draw draws a figure, unless it was drawn before. The caller holds the stage.
func (t *theatre) draw(o *lecture.Outcome, scene, file string) (f figure, err error) {
	if f, drawn := t.drawn(scene, file); drawn {
		return f, nil
	}
	var text bytes.Buffer
	if f.kind, err = o.File(&text, file); err != nil {
		return f, err
	}
	f.text = text.Bytes()
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.files[address(scene, file)] = f
	return f, nil
}

// drawn returns a figure that was drawn before.
func (t *theatre) drawn(scene, file string) (f figure, ok bool) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	f, ok = t.files[address(scene, file)]
	return f, ok
}

// file answers with a figure of a scene that was played. In a language other than that of the play, the figure may have to be drawn first; then
// file waits for the stage.
func (t *theatre) file(w http.ResponseWriter, r *http.Request) {
	scene, file := r.PathValue("scene"), r.PathValue("file")
	f, drawn := t.drawn(scene, file)
	if outcome := t.outcome(scene); !drawn && outcome != nil {
		if t.enter(r.Context()) != nil {
			return // the client has gone
		}
		var err error
		f, err = t.draw(outcome, scene, file)
		t.leave()
		drawn = err == nil
	}
	if !drawn {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", f.kind)
	_, _ = w.Write(f.text) // the client has gone
}
