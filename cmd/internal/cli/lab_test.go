package cli

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// said is a buffer for the standard error that can be read while it is written.
type said struct {
	mutex sync.Mutex
	text  strings.Builder
}

func (s *said) Write(p []byte) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.text.Write(p)
}

func (s *said) String() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.text.String()
}

// startLab starts the lab, and returns its address and a function that interrupts it and returns its exit code and its messages.
func startLab(args ...string) (address string, end func() (int, string)) {
	ctx, cancel := context.WithCancel(context.Background())
	var stderr said
	done := make(chan int)
	go func() { done <- run(ctx, append([]string{"lab"}, args...), io.Discard, &stderr) }()
	for address == "" {
		if found := regexp.MustCompile(`the lab is at (http://\S+)\n`).FindStringSubmatch(stderr.String()); found != nil {
			address = strings.Replace(found[1], "[::]", "127.0.0.1", 1)
		}
		time.Sleep(time.Millisecond)
	}
	return address, func() (int, string) {
		cancel()
		return <-done, stderr.String()
	}
}

// TestLab: the printed address leads to the pages until the program is interrupted. On loopback no token is needed; other addresses work
// only with the token.
func TestLab(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "runs")
	if code, text := try(t, dir, "minimize", "gd", "--function", "booth", "--steps", "3", "--quiet", "--runs", dir); code != 0 {
		t.Fatal(text)
	}
	for _, test := range []struct {
		listen string
		token  bool
	}{{"127.0.0.1:0", false}, {"0.0.0.0:0", true}} {
		address, end := startLab(dir, "--listen", test.listen)
		if test.token != strings.Contains(address, "token=") {
			t.Errorf("--listen %s prints %s", test.listen, address)
		}
		first := http.StatusOK
		if test.token {
			first = http.StatusForbidden
		}
		for at, want := range map[string]int{strings.SplitN(address, "?", 2)[0] + "api/runs": first, address: http.StatusOK} {
			cookies, _ := cookiejar.New(nil)
			client := &http.Client{Jar: cookies}
			answer, err := client.Get(at)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode != want {
				t.Errorf("%s answers %d, want %d", at, answer.StatusCode, want)
			}
		}
		if code, text := end(); code != exitInterrupted && code != exitOK {
			t.Errorf("exit code %d: %s", code, text)
		}
	}
	for _, args := range [][]string{{"lab", "nowhere"}, {"lab", "--listen", "here"}, {"lab", "--listen", "127.0.0.1:99999"}} {
		if code, text := try(t, dir, args...); code != exitUsage && code != exitData || strings.Count(text, "\n") > 2 {
			t.Errorf("%v: %d %s", args, code, text)
		}
	}
}

// TestPlayground: a path comes with the arguments of the program that makes the same numbers, to the bit.
func TestPlayground(t *testing.T) {
	dir := t.TempDir()
	address, end := startLab("--listen", "127.0.0.1:0")
	defer end()
	for _, query := range []string{
		"function=rosenbrock&start=-1.2,1&method=adam:lr=0.1",
		"function=rosenbrock&start=-1.2,1&method=nag-gs:lr=0.003,mu=150,gamma=150",
		"function=himmelblau&start=0.5,-1&method=steepest:norm=l1,lr=0.05",
		"function=beale&start=1,1&method=heavy-ball:lr=cosine(0.01,0,30)",
		"function=quadratic&kappa=30&start=1,1&method=gd:lr=theory",
		"function=quadratic&kappa=30&noise=0.5&batch=4&seed=3&start=1,1&method=sgd:lr=invsqrt(0.01),average=uniform",
		"function=booth&noise=2&seed=2&start=-8,6&method=adam:lr=0.3%2Bcautious",
		"function=booth&noise=2&start=-8,6&method=gd:lr=0.05",
		"function=booth&noise=2&start=-8,6&method=saga:lr=0.01,batch=3",
	} {
		var path struct {
			Args       []string
			X, Y, Loss []float64
		}
		answer, err := http.Get(address + "api/playground/path?steps=20&" + query)
		if err != nil {
			t.Fatal(err)
		}
		err = json.NewDecoder(answer.Body).Decode(&path)
		answer.Body.Close()
		if err != nil || len(path.Loss) != 21 {
			t.Fatalf("%s: %d points, %v", query, len(path.Loss), err)
		}
		record, saved := filepath.Join(dir, "record.jsonl"), filepath.Join(dir, "model.json")
		if code, text := try(t, dir, append(path.Args, "--every", "1", "--record", record, "--model", saved, "--quiet")...); code != 0 {
			t.Fatal(path.Args, text)
		}
		text, err := os.ReadFile(record)
		if err != nil {
			t.Fatal(err)
		}
		for step, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
			var point struct {
				Step int
				Loss float64
			}
			if err := json.Unmarshal([]byte(line), &point); err != nil || point.Step != step || point.Loss != path.Loss[step] {
				t.Fatalf("%s: step %d: the lab has %v, and the program %s", query, step, path.Loss[step], line)
			}
		}
		m, err := readModel(saved)
		if err != nil {
			t.Fatal(err)
		}
		if x := m.X(); x[0] != path.X[20] || x[1] != path.Y[20] {
			t.Errorf("%s: the lab ends at (%v, %v), and the program at %v", query, path.X[20], path.Y[20], x)
		}
	}
}
