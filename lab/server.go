package lab

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net"
	"net/http"
	"path"
	"strings"
	"time"

	"steepest/lecture"
	"steepest/report"
)

//go:embed assets
var assets embed.FS

// Options says what a lab serves.
type Options struct {
	// Dir is the folder of the runs, which may appear later; "" for none.
	Dir string
	// Listen is the address that the server listens on, such as localhost:7077.
	Listen string
	// Token must be in every request; "" requires none.
	Token string
}

// Serve serves the pages on a listener until the context ends.
func Serve(ctx context.Context, l net.Listener, o Options) error {
	server := newServer(ctx, o).http(ctx, o)
	stopped := context.AfterFunc(ctx, func() { server.Close() })
	defer stopped()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("lab: %w", err)
	}
	return nil
}

// http returns the server with its limits.
func (s *server) http(ctx context.Context, o Options) *http.Server {
	return &http.Server{
		Handler: guard(s.routes(), o.Listen, o.Token), ReadHeaderTimeout: headerTime, ReadTimeout: 2 * headerTime, WriteTimeout: answerTime,
		IdleTimeout: time.Minute, MaxHeaderBytes: mostHeader, ConnState: limit(),
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
}

// server answers requests.
type server struct {
	runs       *watch
	playground *playground
	theatre    *theatre
}

func newServer(ctx context.Context, o Options) *server {
	return &server{runs: newWatch(ctx, o.Dir), playground: newPlayground(), theatre: newTheatre()}
}

// routes returns the handler of all requests. GET requests change nothing.
func (s *server) routes() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/runs", http.StatusSeeOther) })
	m.HandleFunc("GET /runs", page("runs"))
	m.HandleFunc("GET /assets/{name}", asset)
	m.HandleFunc("GET /api/runs", s.list)
	m.HandleFunc("GET /api/plot", s.plot)
	m.HandleFunc("GET /api/changes", s.runs.audience.join)
	m.HandleFunc("GET /download/{name}", s.download)
	m.HandleFunc("GET /playground", page("playground"))
	s.playground.routes(m)
	s.theatre.routes(m)
	return m
}

var pages = template.Must(template.ParseFS(assets, "assets/*.html"))

// page returns a handler for a page. All pages share a frame.
func page(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = pages.ExecuteTemplate(w, name+".html", nil) // the client has gone
	}
}

// shared holds the assets of reports and of the lecture that the pages here use, too.
var shared = map[string]func(name string) []byte{
	"report.css": report.Asset, "chart.js": report.Asset, "uPlot.min.css": report.Asset, "uPlot.iife.min.js": report.Asset,
	"lecture.css": lecture.Asset, "language.js": lecture.Asset,
}

// asset serves a style sheet or a script.
func asset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	kind, ok := map[string]string{".css": "text/css", ".js": "text/javascript"}[path.Ext(name)]
	if !ok {
		http.NotFound(w, r)
		return
	}
	var text []byte
	if of := shared[name]; of != nil {
		text = of(name)
	} else {
		var err error
		if text, err = assets.ReadFile("assets/" + name); err != nil {
			http.NotFound(w, r)
			return
		}
	}
	w.Header().Set("Content-Type", kind+"; charset=utf-8")
	_, _ = w.Write(text) // the client has gone
}

// answer writes JSON in which every < is escaped.
func answer(w http.ResponseWriter, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text) // the client has gone
}

// refuse answers an invalid request with an error.
func refuse(w http.ResponseWriter, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": err.Error()}) // the client has gone
}

// attach writes a file for download.
func attach(w http.ResponseWriter, name, kind string, write func(io.Writer) error) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+strings.ReplaceAll(name, `"`, "")+`"`)
	if err := write(w); err != nil {
		panic(http.ErrAbortHandler) // abort, so that the client does not keep half a file
	}
}
