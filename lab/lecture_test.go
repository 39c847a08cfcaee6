package lab

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"steepest/lecture"
)

// TestLecture: a scene is played when our page asks for it by POST, and its figures and verdict are kept.
func TestLecture(t *testing.T) {
	whole, server := serveWhole(t, "", "")
	_, page, _ := get(t, server, "GET", "/lecture", nil)
	if got := strings.Count(page, "<section "); got != len(lecture.Scenes()) || strings.Contains(page, "<figure>") || strings.Contains(page, " style=") {
		t.Errorf("%d sections before a scene is played", got)
	}
	figures := []string{"/lecture/epoch/en.svg", "/lecture/epoch/ru.svg", "/lecture/epoch/en.gif"}
	for _, path := range append(figures, "/lecture/epoch", "/lecture/nothing/en.svg") {
		if code, _, _ := get(t, server, "GET", path, nil); code < 400 {
			t.Errorf("%s before the scene is played: %d", path, code)
		}
	}
	for _, header := range []map[string]string{{"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}, {"Host": "evil.example"}} {
		if code, _, _ := get(t, server, "POST", "/lecture/epoch", header); code != http.StatusForbidden {
			t.Errorf("%v may ask: %d", header, code)
		}
	}
	if _, now, _ := get(t, server, "GET", "/lecture", nil); now != page {
		t.Error("the page has changed, and no scene has been played")
	}
	if code, text, _ := get(t, server, "POST", "/lecture/epohc", nil); code != http.StatusNotFound || !strings.Contains(text, "epoch") {
		t.Errorf("a scene that there is not: %d %s", code, text)
	}
	code, text, _ := get(t, server, "POST", "/lecture/epoch?lang=ru", map[string]string{"Origin": server.URL})
	if code != http.StatusOK || !strings.HasPrefix(text, `<section id="epoch">`) || !strings.Contains(text, `<div class="verdict">`) || !strings.Contains(text, figures[2]) {
		t.Errorf("%d %s", code, text)
	}
	for _, path := range figures {
		want := map[string]string{".svg": "image/svg+xml", ".gif": "image/gif"}[path[len(path)-4:]]
		if code, _, header := get(t, server, "GET", path, nil); code != http.StatusOK || header.Get("Content-Type") != want {
			t.Errorf("%s: %d %v", path, code, header)
		}
	}
	if err := whole.theatre.enter(context.Background()); err != nil { // as if a scene were being played
		t.Fatal(err)
	}
	if code, _, _ := get(t, server, "GET", figures[0], nil); code != http.StatusOK {
		t.Errorf("a figure that is drawn, while another scene is played: %d", code)
	}
	whole.theatre.leave()
	for _, path := range []string{"/lecture/epoch/de.svg", "/lecture/epoch/en.png", "/lecture/epoch/en", "/lecture/epoch/..%2fen.svg"} {
		if code, _, _ := get(t, server, "GET", path, nil); code != http.StatusNotFound {
			t.Errorf("%s: %d", path, code)
		}
	}
	if _, now, _ := get(t, server, "GET", "/lecture", nil); strings.Count(now, "<figure>") != 1 {
		t.Error("the page does not show what has been played")
	}
}

// TestSceneThatIsLeft: when the reader of a scene leaves, the scene ends and the next one can begin. A reader who waits for a scene may
// leave too.
func TestSceneThatIsLeft(t *testing.T) {
	theatre := newTheatre()
	long, short := find(t, "newton"), find(t, "frontier")
	gone, leave := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() {
		_, err := theatre.perform(gone, long, "en")
		ended <- err
	}()
	for len(theatre.stage) == 0 {
		time.Sleep(time.Millisecond)
	}
	waiting, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := theatre.perform(waiting, short, "en"); err != context.Canceled {
		t.Errorf("two scenes are played at once, or %v", err)
	}
	leave()
	if err := <-ended; err == nil || theatre.outcome("newton") != nil {
		t.Errorf("a scene that is left goes on to its end: %v", err)
	}
	if o, err := theatre.perform(context.Background(), short, "en"); err != nil || theatre.outcome("frontier") != o {
		t.Errorf("the next one: %v", err)
	}
}

func find(t *testing.T, name string) *lecture.Scene {
	t.Helper()
	s, err := lecture.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
