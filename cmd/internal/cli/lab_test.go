package cli

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// said is a standard error that may be read while it is written.
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

// TestLab: the address that is printed leads to the pages, on loopback without a token and elsewhere with it alone, until the program is
// interrupted.
func TestLab(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "runs")
	if code, text := try(t, dir, "minimize", "gd", "--function", "booth", "--steps", "3", "--quiet", "--runs", dir); code != 0 {
		t.Fatal(text)
	}
	for _, test := range []struct {
		listen string
		token  bool
	}{{"127.0.0.1:0", false}, {"0.0.0.0:0", true}} {
		ctx, cancel := context.WithCancel(context.Background())
		var stderr said
		done := make(chan int)
		go func() { done <- run(ctx, []string{"lab", dir, "--listen", test.listen}, io.Discard, &stderr) }()
		var address string
		for address == "" {
			if found := regexp.MustCompile(`the lab is at (http://\S+)\n`).FindStringSubmatch(stderr.String()); found != nil {
				address = strings.Replace(found[1], "[::]", "127.0.0.1", 1)
			}
			time.Sleep(time.Millisecond)
		}
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
		cancel()
		if code := <-done; code != exitInterrupted && code != exitOK {
			t.Errorf("exit code %d: %s", code, stderr.String())
		}
	}
	for _, args := range [][]string{{"lab", "nowhere"}, {"lab", "--listen", "here"}, {"lab", "--listen", "127.0.0.1:99999"}} {
		if code, text := try(t, dir, args...); code != exitUsage && code != exitData || strings.Count(text, "\n") > 2 {
			t.Errorf("%v: %d %s", args, code, text)
		}
	}
}
