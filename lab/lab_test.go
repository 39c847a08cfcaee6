package lab

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"steepest/runs"
)

// evil holds names that could break a page, a file or a terminal.
var evil = []string{"</script><script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "a\x00\x1b[31m\n\r\t", "&amp;'`", "\u202egnp.exe", "{{.}}", "../../etc/passwd", "__proto__"}

// keep makes a folder of runs, with seeds 1 and 2 for each method.
func keep(t *testing.T, methods ...string) string {
	t.Helper()
	dir := t.TempDir()
	for k, method := range methods {
		for seed := range 2 {
			w, err := runs.Create(dir, method, uint64(seed+1), map[string]any{"method": method, "entrant": method, "seed": seed + 1, "options": map[string]any{"lr": 0.1}},
				runs.System{Started: time.Date(2026, 1, 1, 0, k, seed, 0, time.UTC)})
			if err != nil {
				t.Fatal(err)
			}
			for step := range 5 {
				w.Add(map[string]any{"step": step, "epochs": float64(step) / 2, "loss": 10 - step + seed, "excess": 1 / float64(step+1), method: step})
			}
			if err := w.Close(context.Background(), runs.Ending{Status: runs.Finished, Message: method}, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// serve serves a folder as the program does, behind the guard.
func serve(t *testing.T, dir, token string) *httptest.Server {
	t.Helper()
	_, server := serveWhole(t, dir, token)
	return server
}

func serveWhole(t *testing.T, dir, token string) (*server, *httptest.Server) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	o := Options{Dir: dir, Listen: "127.0.0.1:7077", Token: token}
	s := newServer(ctx, o)
	server := httptest.NewUnstartedServer(nil)
	server.Config = s.http(ctx, o)
	server.Start()
	t.Cleanup(func() { cancel(); server.CloseClientConnections(); server.Close() })
	return s, server
}

// get asks for a path, with headers, and returns the code and the answer.
func get(t *testing.T, server *httptest.Server, method, path string, header map[string]string) (int, string, http.Header) {
	t.Helper()
	r, err := http.NewRequest(method, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.URL.Opaque = path // as it is, with its dots
	for name, value := range header {
		if name == "Host" {
			r.Host = value
		}
		r.Header.Set(name, value)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text), answer.Header
}

// contents returns the names and texts of all files in a folder.
func contents(t *testing.T, dir string) (text string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		content, _ := os.ReadFile(path)
		text += path + string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

var paths = []string{"/", "/runs", "/assets/lab.css", "/assets/chart.js", "/api/runs", "/api/plot", "/download/runs.csv", "/download/runs.jsonl", "/download/runs.svg", "/download/runs.html",
	"/lecture", "/assets/lecture.css", "/assets/scenes.js", "/playground", "/assets/playground.js", "/api/playground/about?function=booth", "/api/playground/relief?function=booth&box=0,1,0,1", "/api/playground/path?function=booth&start=1,1&method=adam"}

// TestAttacks: requests with another host name, from pages of other sites, or for files outside the folder are refused and change nothing.
func TestAttacks(t *testing.T) {
	dir := keep(t, "adam")
	if err := os.WriteFile(filepath.Join(filepath.Dir(dir), "secret.txt"), []byte("root:x:0"), 0o600); err != nil {
		t.Fatal(err)
	}
	server, before := serve(t, dir, ""), contents(t, dir)
	port := server.URL[strings.LastIndexByte(server.URL, ':'):]
	for _, path := range paths {
		for _, test := range []struct {
			name   string
			method string
			header map[string]string
			ok     bool
		}{
			{"plain", "GET", nil, true},
			{"localhost", "GET", map[string]string{"Host": "localhost" + port}, true},
			{"[::1]", "GET", map[string]string{"Host": "[::1]"}, true},
			{"own page", "GET", map[string]string{"Origin": server.URL, "Sec-Fetch-Site": "same-origin"}, true},
			{"a link elsewhere", "GET", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, true},
			{"another name", "GET", map[string]string{"Host": "evil.example"}, false},
			{"a name like ours", "GET", map[string]string{"Host": "localhost.evil.example"}, false},
			{"an address that is not ours", "GET", map[string]string{"Host": "10.0.0.1"}, false},
			{"another origin", "GET", map[string]string{"Origin": "http://evil.example"}, false},
			{"the null origin", "GET", map[string]string{"Origin": "null"}, false},
			{"another port", "GET", map[string]string{"Origin": "http://127.0.0.1:1"}, false},
			{"a script elsewhere", "GET", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, false},
			{"a post from elsewhere", "POST", map[string]string{"Sec-Fetch-Site": "cross-site"}, false},
			{"a post", "POST", nil, false},
			{"a deletion", "DELETE", map[string]string{"Sec-Fetch-Site": "same-origin"}, false},
		} {
			code, text, header := get(t, server, test.method, path, test.header)
			if ok := code < 400; ok != test.ok {
				t.Errorf("%s, %s: %d %s", path, test.name, code, text)
			}
			if !strings.Contains(header.Get("Content-Security-Policy"), "default-src 'none'; script-src 'self'") || header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s, %s: headers %v", path, test.name, header)
			}
		}
	}
	for _, path := range []string{
		"/assets/../lab.go", "/assets/%2e%2e/server.go", "/assets/..%2fserver.go", "/assets/%2e%2e%2f%2e%2e%2fsecret.txt", "/download/../secret.txt", "/download/%2e%2e%2fsecret.txt",
		"/download/..", "/../../../../etc/passwd", "/assets/runs.html", "/assets/", "/assets/%00.css", "//evil.example/", "/download/runs.csv/../../secret.txt",
	} {
		code, text, header := get(t, server, "GET", path, nil)
		if strings.Contains(text, "root:") || strings.Contains(text, "package lab") || code == http.StatusOK || strings.HasPrefix(header.Get("Location"), "//") {
			t.Errorf("%s: %d %s %s", path, code, header.Get("Location"), text)
		}
	}
	if contents(t, dir) != before {
		t.Error("a request has changed a file")
	}
	for _, query := range []string{"smooth=1", "smooth=-1", "smooth=NaN", "smooth=x"} {
		if code, text, _ := get(t, server, "GET", "/api/plot?"+query, nil); code != http.StatusBadRequest || !strings.Contains(text, "smooth is") {
			t.Errorf("%s: %d %s", query, code, text)
		}
	}
}

// answered returns the runs as the lab lists them.
func answered(t *testing.T, server *httptest.Server, query string) (a struct {
	Folder bool
	All    int
	Rows   []row
	Keys   []string
}) {
	t.Helper()
	_, text, _ := get(t, server, "GET", "/api/runs?"+query, nil)
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		t.Fatal(err)
	}
	if a.Rows == nil || a.Keys == nil {
		t.Errorf("%q: null where a page wants a list: %s", query, text)
	}
	return a
}

// TestFewRuns: the lists of a single run, of no match and of an empty folder are empty, and not null.
func TestFewRuns(t *testing.T) {
	server := serve(t, keep(t, "adam"), "")
	if a := answered(t, server, "where=seed1"); len(a.Rows) != 1 || len(a.Keys) != 0 {
		t.Errorf("one run: %+v", a)
	}
	if a := answered(t, server, "where=none"); len(a.Rows) != 0 || a.All != 2 {
		t.Errorf("no match: %+v", a)
	}
	if a := answered(t, serve(t, t.TempDir(), ""), ""); !a.Folder || a.All != 0 {
		t.Errorf("an empty folder: %+v", a)
	}
}

// TestFind: a condition may leave out the prefix of a key, and compares numbers as numbers.
func TestFind(t *testing.T) {
	server := serve(t, keep(t, "adam", "sgd"), "")
	for query, want := range map[string]int{"adam": 2, "lr=0.1": 4, "lr=1e-1": 4, "options.lr=0.10": 4, "lr=0.2": 0, "lr=0.*": 4, "seed=2": 2, "adam seed=2": 1} {
		if a := answered(t, server, "where="+url.QueryEscape(query)); len(a.Rows) != want {
			t.Errorf("%q finds %d runs, want %d", query, len(a.Rows), want)
		}
	}
}

// TestFolderComesAndGoes: a folder may appear after the lab, vanish, and be another one at the same path.
func TestFolderComesAndGoes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "runs")
	s, server := serveWhole(t, dir, "")
	look := func() (bool, []string) {
		s.runs.mutex.Lock()
		s.runs.looked = time.Time{}
		s.runs.mutex.Unlock()
		a := answered(t, server, "")
		var names []string
		for _, r := range a.Rows {
			names = append(names, r.Name)
		}
		return a.Folder, names
	}
	if folder, names := look(); folder || names != nil {
		t.Errorf("before: %v, %q", folder, names)
	}
	for _, method := range []string{"adam", "sgd"} {
		if err := os.Rename(keep(t, method), dir); err != nil {
			t.Fatal(err)
		}
		if folder, names := look(); !folder || len(names) != 2 || !strings.Contains(names[0], method) {
			t.Errorf("%s: %v, %q", method, folder, names)
		}
		if method == "adam" { // another folder replaces it at once
			if err := os.Rename(dir, dir+".old"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if folder, names := look(); folder || names != nil {
		t.Errorf("afterwards: %v, %q", folder, names)
	}
}

// TestLimits: the server does not read an endless body and does not wait for endless headers, and the number of clients is limited.
func TestLimits(t *testing.T) {
	server := serve(t, keep(t, "adam"), "")
	if c := server.Config; c.ReadHeaderTimeout <= 0 || c.ReadHeaderTimeout > 10*time.Second || c.ReadTimeout <= 0 || c.WriteTimeout <= 0 || c.MaxHeaderBytes > 1<<16 {
		t.Errorf("limits %+v", c)
	}
	conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /api/runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n")
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || answer.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("a large body: %v, %v", answer, err)
	}
	large := strings.Repeat("x", 1<<17)
	if code, _, _ := get(t, server, "GET", "/runs", map[string]string{"X-Large": large}); code != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a large header: %d", code)
	}
}

// TestChanges: clients are told of a change, clients that do not read delay no other, and clients above the limit are refused.
func TestChanges(t *testing.T) {
	dir := keep(t, "adam")
	s, server := serveWhole(t, dir, "")
	s.runs.audience.most = 256
	var clients []*bufio.Reader
	for range 256 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "GET /api/changes HTTP/1.1\r\nHost: localhost\r\n\r\n")
		clients = append(clients, bufio.NewReader(conn))
	}
	next := func(r *bufio.Reader) string {
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(line, "data: ") {
				return line
			}
		}
	}
	for _, c := range clients {
		next(c)
	}
	if code, _, header := get(t, server, "GET", "/api/changes", nil); code != http.StatusServiceUnavailable || header.Get("Retry-After") == "" {
		t.Errorf("one client too many: %d", code)
	}
	seen := next(clients[0]) // of the first look
	w, err := runs.Create(dir, "new", 1, map[string]any{"method": "new"}, runs.System{})
	if err != nil {
		t.Fatal(err)
	}
	defer runtime.KeepAlive(w) // or its lock would be collected
	w.Add(map[string]any{"step": 0, "loss": 1})
	if now := next(clients[0]); now == seen { // the others do not read
		t.Errorf("no change after %q", seen)
	}
	if _, text, _ := get(t, server, "GET", "/api/runs?where=new", nil); !strings.Contains(text, `"status":"running"`) || !strings.Contains(text, `"all":3`) {
		t.Errorf("runs: %s", text)
	}
}

// TestToken: requests without the token are refused. A request with the token gets a cookie that is sent to this server alone.
func TestToken(t *testing.T) {
	server := serve(t, keep(t, "adam"), "secret")
	for _, path := range append(paths, "/api/changes", "/runs?token=", "/runs?token=wrong", "/runs?token=secrets") {
		if code, _, _ := get(t, server, "GET", path, nil); code != http.StatusForbidden {
			t.Errorf("%s: %d", path, code)
		}
	}
	code, _, header := get(t, server, "GET", "/runs?token=secret&x=1", nil)
	cookie := header.Get("Set-Cookie")
	if code != http.StatusSeeOther || header.Get("Location") != "/runs?x=1" || !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Strict") {
		t.Errorf("%d, %v", code, header)
	}
	for _, path := range []string{"//evil.example?token=secret", "/%5cevil.example?token=secret", "/\\evil.example?token=secret"} {
		if _, _, header := get(t, server, "GET", path, nil); strings.HasPrefix(header.Get("Location"), "//") || strings.HasPrefix(header.Get("Location"), "/\\") {
			t.Errorf("%s leads to %s", path, header.Get("Location"))
		}
	}
	if code, _, _ := get(t, server, "GET", "/runs", map[string]string{"Cookie": "steepest=secret"}); code != http.StatusOK {
		t.Errorf("with the cookie: %d", code)
	}
}

// TestNames: names of any characters come through JSON, CSV, SVG and HTML unchanged, and none becomes markup or code of a page.
func TestNames(t *testing.T) {
	server := serve(t, keep(t, evil...), "")
	var list struct{ Rows []row }
	_, text, _ := get(t, server, "GET", "/api/runs", nil)
	if err := json.Unmarshal([]byte(text), &list); err != nil || len(list.Rows) != 2*len(evil) {
		t.Fatal(err, text)
	}
	var named []string
	for _, r := range list.Rows {
		named = append(named, r.Config["method"])
	}
	for _, name := range evil {
		if !slices.Contains(named, name) {
			t.Errorf("%q is not among %q", name, named)
		}
	}
	for _, path := range []string{"/api/runs", "/api/plot", "/api/plot?group=method"} {
		if _, text, _ := get(t, server, "GET", path, nil); strings.ContainsAny(text, "<>&") || !json.Valid([]byte(text)) {
			t.Errorf("%s: %s", path, text)
		}
	}
	for _, path := range []string{"/download/runs.html", "/download/runs.svg"} {
		_, text, header := get(t, server, "GET", path, nil)
		for _, part := range []string{"<script>alert", "<img src=x", "onerror=alert(1)>"} {
			if strings.Contains(text, part) {
				t.Errorf("%s holds %s", path, part)
			}
		}
		if !strings.HasPrefix(header.Get("Content-Disposition"), "attachment") {
			t.Errorf("%s: %v", path, header)
		}
	}
	_, text, _ = get(t, server, "GET", "/download/runs.csv", nil)
	if rows, err := csv.NewReader(strings.NewReader(text)).ReadAll(); err != nil || len(rows) != 1+10*len(evil) {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}

// record returns a run with the given configuration and losses, one loss a step.
func record(name string, status runs.Status, config map[string]string, losses ...float64) *runs.Run {
	r := &runs.Run{Name: name, Status: status, Config: config}
	var text bytes.Buffer
	for step, loss := range losses {
		fmt.Fprintf(&text, "{\"step\":%d,\"loss\":%v}\n", step, loss)
	}
	r.Record.Read(text.Bytes())
	return r
}

// TestBands: medians and deciles over seeds, for runs of equal and of different lengths, and if a run has diverged.
func TestBands(t *testing.T) {
	inf := math.Inf(1)
	for _, test := range []struct {
		name           string
		runs           []*runs.Run
		x              []float64
		low, mid, high []float64
	}{
		{"one", []*runs.Run{record("a", "finished", nil, 3, 2, 1)}, []float64{0, 1, 2}, nil, []float64{3, 2, 1}, nil},
		{"three", []*runs.Run{record("a", "finished", nil, 0, 1), record("b", "finished", nil, 10, 1), record("c", "finished", nil, 2, 4)},
			[]float64{0, 1}, []float64{.4, 1}, []float64{2, 1}, []float64{8.4, 3.4}},
		{"one is shorter", []*runs.Run{record("a", "running", nil, 4), record("b", "finished", nil, 2, 8)}, []float64{0, 1}, []float64{2.2, 8}, []float64{3, 8}, []float64{3.8, 8}},
		{"one has diverged", []*runs.Run{record("a", "diverged", nil, 4), record("b", "finished", nil, 2, 8)}, []float64{0, 1}, []float64{2.2, inf}, []float64{3, inf}, []float64{3.8, inf}},
	} {
		x, band := (&group{runs: test.runs}).band("step", "loss", 0, mostPoints)
		near := func(a, b []float64) bool {
			return slices.EqualFunc(a, b, func(v, w float64) bool { return v == w || math.Abs(v-w) < 1e-12 })
		}
		if !near(x, test.x) || !near(band.Low, test.low) || !near(band.Mid, test.mid) || !near(band.High, test.high) {
			t.Errorf("%s: %v, %v", test.name, x, band)
		}
	}
	if x, y := []float64{0, 2, 2, 4}, []float64{0, 1, 5, 7}; interpolated(x, y, 1) != .5 || interpolated(x, y, 2) != 5 || interpolated(x, y, 3) != 6 || interpolated(x, y, 4) != 7 ||
		!math.IsNaN(interpolated(x, y, -1)) || !math.IsNaN(interpolated(x, y, 4.1)) {
		t.Error("interpolated")
	}
	long := make([]float64, 54321)
	for i := range long {
		long[i] = float64(i)
	}
	if got := thinned(long, mostPoints); len(got) != mostPoints || got[0] != 0 || got[mostPoints-1] != 54320 || !slices.IsSorted(got) {
		t.Error("thinned")
	}
}

// TestSmoothing: weights fall by the factor, and add up to 1.
func TestSmoothing(t *testing.T) {
	v, factor := []float64{3, 1, 4, 1, 5, 9, 2, 6}, .9
	got := smoothed(v, factor)
	for k := range v {
		sum, weights := 0.0, 0.0
		for i := range k + 1 {
			w := math.Pow(factor, float64(k-i))
			sum, weights = sum+w*v[i], weights+w
		}
		if math.Abs(got[k]-sum/weights) > 1e-14 {
			t.Errorf("point %d: %v, want %v", k, got[k], sum/weights)
		}
	}
}

// TestGroups: the runs of all seeds are one curve, and the name of a curve holds only the settings in which it differs from others.
func TestGroups(t *testing.T) {
	of := func(method, lr, seed string) *runs.Run {
		return record(method+lr+seed, "finished", map[string]string{"method": method, "options.lr": lr, "options.eps": lr, "seed": seed, "race": seed}, 1)
	}
	list := []*runs.Run{of("sgd", "1", "2"), of("sgd", "1", "1"), of("adam", "2", "1"), of("adam", "1", "1")}
	for _, test := range []struct {
		keys []string
		want string
	}{
		{nil, "adam, lr=1:1 adam, lr=2:1 sgd:2"},
		{[]string{"method"}, "adam:2 sgd:2"},
		{[]string{"options.lr"}, "1:3 2:1"},
		{[]string{"method", "seed"}, "adam, seed=1:2 sgd, seed=1:1 sgd, seed=2:1"},
		{[]string{"name"}, "adam11:1 adam21:1 sgd11:1 sgd12:1"},
		{[]string{"nothing"}, "—:4"},
	} {
		var parts []string
		for _, g := range grouped(list, test.keys) {
			parts = append(parts, fmt.Sprintf("%s:%d", g.name, len(g.runs)))
		}
		if got := strings.Join(parts, " "); got != test.want {
			t.Errorf("%v: %s, want %s", test.keys, got, test.want)
		}
	}
	on := func(problem, lr string) *runs.Run {
		return record("adam"+problem+lr, "finished", map[string]string{"method": "adam", "options.lr": lr, "problem.name": problem}, 1)
	}
	var names []string
	for _, g := range grouped([]*runs.Run{on("digits", "1"), on("digits", "2"), on("wine", "1")}, nil) {
		names = append(names, g.name)
	}
	if got := strings.Join(names, "; "); got != "adam on wine; adam on digits, lr=2; adam on digits, lr=1" {
		t.Errorf("two problems: %s", got)
	}
}
