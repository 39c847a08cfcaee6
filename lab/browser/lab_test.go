package browser

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take for an answer.
const patience = 20 * time.Second

// lab is a running steepest lab, with a browser.
type lab struct {
	address string
	browser context.Context
}

var started = sync.OnceValues(func() (*lab, error) {
	dir, err := os.MkdirTemp("", "steepest-lab")
	if err != nil {
		return nil, err
	}
	program := filepath.Join(dir, "steepest")
	build := exec.Command("go", "build", "-o", program, "./cmd/steepest")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	race := exec.Command(program, "compare", "-m", "sgd", "-m", "adam", "--data", "heart-scale", "--epochs", "3", "--seeds", "3", "--trials", "2", "--report=", "--runs", "runs", "--bounds")
	race.Dir = dir
	if out, err := race.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	serve := exec.Command(program, "lab", "runs", "--listen", "127.0.0.1:0")
	serve.Dir = dir
	said, err := serve.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := serve.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(said).ReadString('\n')
	_, address, ok := strings.Cut(strings.TrimSpace(line), "the lab is at ")
	if !ok {
		return nil, fmt.Errorf("the lab says %q, %v", line, err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox)
	browser, stop := chromedp.NewExecAllocator(context.Background(), options...)
	browser, _ = chromedp.NewContext(browser)
	ends = func() {
		stop()
		_ = serve.Process.Kill()
		_ = serve.Wait()
		os.RemoveAll(dir)
	}
	return &lab{strings.TrimSuffix(address, "/"), browser}, chromedp.Do(browser)
})

var ends = func() {}

func TestMain(m *testing.M) {
	code := m.Run()
	ends()
	os.Exit(code)
}

// page is a tab.
type page struct {
	testing.TB
	ctx     context.Context
	address string
}

// open opens a page in a tab of its own. The test fails if the tab writes to its console or cannot load something.
func open(t testing.TB, path string) *page {
	t.Helper()
	l, err := started()
	if err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			t.Skip(err)
		}
		t.Fatal(err)
	}
	tab, closeTab := chromedp.NewContext(l.browser)
	t.Cleanup(closeTab)
	ctx, cancel := context.WithTimeout(tab, 4*patience)
	t.Cleanup(cancel)
	p := &page{t, ctx, l.address}
	if err := chromedp.Do(tab); err != nil { // whose limit would be the browser's
		t.Fatal(err)
	}
	if err := chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			t.Errorf("%s: %s", path, exception(e.ExceptionDetails))
		case *runtime.EventConsoleAPICalled:
			for _, a := range e.Args {
				t.Errorf("%s: console.%s %s", path, e.Type, a.Value)
			}
		case *log.EventEntryAdded: // something is blocked or not found
			t.Errorf("%s: %s: %s %s", path, e.Entry.Level, e.Entry.Text, e.Entry.URL)
		}
	}); err != nil {
		t.Fatal(err)
	}
	p.run(call(log.Enable, cdp.Empty{}))
	p.size(1280, false)
	p.run(chromedp.Navigate(l.address + path))
	return p
}

func (p *page) run(actions ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		p.Fatal(err)
	}
}

// call is a command of the protocol whose result is ignored.
func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, command, params)
		return err
	})
}

// size sets the width of the window, and its scheme to light or dark. It turns animations off, so that a click hits its target.
func (p *page) size(width int64, dark bool) {
	p.Helper()
	scheme := map[bool]string{false: "light", true: "dark"}[dark]
	p.run(chromedp.EmulateViewport(width, 900),
		call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}}))
}

// value returns the value of an expression in the page.
func value[T any](p *page, expression string) T {
	p.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.Fatal(err)
	}
	return v
}

// comes waits until an expression is true.
func (p *page) comes(what string) {
	p.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if value[bool](p, "Boolean("+what+")") {
			return
		}
	}
	p.Fatalf("it does not come that %s", what)
}

// press presses keys. Keys other than letters have names in chromedp/kb.
func (p *page) press(keys string) {
	p.Helper()
	p.run(chromedp.KeyEvent(keys))
}

// click clicks on the middle of an element.
func (p *page) click(selector string) {
	p.Helper()
	p.run(chromedp.Click(chromedp.CSS(selector)))
}

// widths are those from a telephone to a wide window.
var widths = []int64{360, 480, 768, 1024, 1280, 1600}

// looks checks the page at some widths and in both schemes: it is as wide as the window, and its text can be read.
func (p *page) looks(name string, widths ...int64) {
	p.Helper()
	for _, width := range widths {
		for _, dark := range []bool{false, true} {
			p.size(width, dark)
			p.comes("document.fonts.status === 'loaded'")
			time.Sleep(50 * time.Millisecond) // a frame or two, in which the page answers to its new size
			if over := value[[]string](p, tooWide); over != nil {
				p.Errorf("%s at %d px is wider than the window: %q", name, width, over)
			}
			if pale := value[[]string](p, unreadable); pale != nil {
				p.Errorf("%s, dark %v: text that cannot be read well: %q", name, dark, pale)
			}
			if dir := os.Getenv("STEEPEST_SCREENSHOTS"); dir != "" {
				picture, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
				file := fmt.Sprintf("%s-%d-%s.png", name, width, map[bool]string{false: "light", true: "dark"}[dark])
				if err := errors.Join(err, os.MkdirAll(dir, 0o777), os.WriteFile(filepath.Join(dir, file), picture, 0o666)); err != nil {
					p.Fatal(err)
				}
			}
		}
	}
	p.size(1280, false)
}

// tooWide names elements that reach out of the window, if it scrolls to them; null for none.
const tooWide = `(() => {
	const root = document.documentElement;
	if (root.scrollWidth <= innerWidth) return null;
	const inside = e => { while (e = e.parentElement) if (getComputedStyle(e).overflowX !== "visible") return true; return false; };
	return [...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !inside(e)).slice(0, 5)
		.map(e => e.tagName + "#" + e.id + "." + e.className + " to " + e.getBoundingClientRect().right);
})()`

// unreadable names texts whose contrast to their background is below 4.5, as WCAG 2 computes it; null for none. The limit is 3 for large
// text, and there is none for disabled controls.
const unreadable = `(() => {
	const parts = c => c.match(/[\d.]+/g).map(Number);
	const light = c => { const [r, g, b] = parts(c).map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
	const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if ((parts(c)[3] ?? 1) === 1) return c; } return "rgb(255, 255, 255)"; };
	const found = new Set();
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let n; n = walk.nextNode();) {
		const e = n.parentElement, style = getComputedStyle(e);
		if (!n.data.trim() || !e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || e.closest("svg, canvas, noscript, script, :disabled")) continue;
		const [a, b] = [light(style.color), light(behind(e))], contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
		if (contrast < (parseFloat(style.fontSize) >= 24 ? 3 : 4.5)) found.add(n.data.trim().slice(0, 30) + " " + contrast.toFixed(1) + " " + e.className);
	}
	return found.size ? [...found].slice(0, 5) : null;
})()`

// tabs presses the tab key through the page. It checks that each control gets the focus once, in the order of the page, with a visible
// mark.
func (p *page) tabs() {
	p.Helper()
	want := value[[]string](p, `document.activeElement.blur(); getSelection().removeAllRanges(); scrollTo(0, 0);
		window.usable = [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")]
		.filter(e => !e.disabled && e.checkVisibility({ visibilityProperty: true }) && !(e.type === "radio" && !e.checked) && !e.closest("[inert]"));
		usable.map(e => e.tagName + " " + (e.id || e.textContent.trim().slice(0, 20)))`)
	for i := 0; i < len(want); i++ {
		p.press("\t")
		if value[bool](p, `usable.indexOf(document.activeElement) < 0 && document.activeElement.scrollWidth > document.activeElement.clientWidth`) {
			i-- // what scrolls may have the focus, too
			continue
		}
		at := value[struct {
			Index int
			Name  string
			Seen  bool
		}](p, `(() => {
			const e = document.activeElement, marked = e.type === "radio" || e.type === "checkbox" ? e.nextElementSibling ?? e : e;
			const seen = n => { const s = getComputedStyle(n); return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== "none"; };
			return { index: usable.indexOf(e), name: e.tagName + " " + e.id + e.textContent.trim().slice(0, 20), seen: seen(e) || seen(marked) || seen(e.parentElement) };
		})()`)
		if at.Index != i {
			p.Fatalf("the tabulator leads to %s, want %s, the %d. of %q", at.Name, want[i], i+1, want)
		}
		if !at.Seen {
			p.Errorf("one does not see that the focus is on %s", at.Name)
		}
	}
}

// exception says what a script has thrown.
func exception(d *runtime.ExceptionDetails) string {
	if d.Exception != nil && d.Exception.Description != "" {
		return d.Exception.Description
	}
	return d.Text
}
