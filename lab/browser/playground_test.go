package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestPlayground lets methods walk: from another start, by another step size, to a step, and back to what the address says.
func TestPlayground(t *testing.T) {
	p := open(t, "/playground")
	p.comes(`document.querySelectorAll("#walkers > *").length > 0 && +document.querySelector("#step").max > 10`)
	p.looks("playground")
	p.tabs()

	p.run(chromedp.Focus(chromedp.CSS("#heads")))
	before := value[string](p, `document.querySelector("#start").value`)
	p.press(kb.ArrowRight)
	p.comes(`document.querySelector("#start").value !== "` + before + `"`)
	p.run(chromedp.Focus(chromedp.CSS("#step")))
	p.press(kb.Home)
	p.comes(`document.querySelector("#step").value === "0"`)
	p.press(kb.ArrowRight)
	p.comes(`document.querySelector("#step").value === "1"`)
	p.click("#play")
	p.comes(`+document.querySelector("#step").value > 5`)
	p.click("#play")

	walkers := `document.querySelectorAll("#walkers > *").length`
	n := value[int](p, walkers)
	p.run(chromedp.Focus(chromedp.CSS("#add")))
	p.press("m") // the first method of that letter
	p.press(kb.Enter)
	p.comes(walkers + " === " + string(rune('0'+n+1)))
	p.comes(`location.hash.length > 1`)
	shown := value[string](p, "new Promise(done => setTimeout(() => done(location.hash), 400))") // which is written some time later
	p.run(chromedp.Reload())
	p.comes(walkers + " === " + string(rune('0'+n+1)))
	if now := value[string](p, "location.hash"); now != shown {
		t.Errorf("the state was %s, and is %s", shown, now)
	}
}
