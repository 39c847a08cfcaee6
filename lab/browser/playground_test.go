package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestPlayground runs methods from another start, with another step size, to a step, and back to the state in the address.
func TestPlayground(t *testing.T) {
	p := open(t, "/playground")
	p.comes(`document.querySelectorAll("#walkers > *").length > 0 && +document.querySelector("#step").max > 10`)
	p.looks("playground", widths...)
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

// TestPlaygroundShows: a click chooses the start, and its ball is shown. A function shows its bounds, and an iteration its polynomial.
// The address restores all of these.
func TestPlaygroundShows(t *testing.T) {
	p := open(t, "/playground#function=quadratic&kappa=10&m=gd:lr=0.05")
	p.comes(`document.querySelectorAll("#promises math").length > 1`)
	p.click("#heads")
	p.comes(`Math.max(...document.querySelector("#start").value.split(",").map(Math.abs)) < 0.01`)
	p.press(kb.Home)
	p.press(kb.ArrowUp)
	p.comes(`document.querySelector("#start").value === "1, 1.06"`)
	p.run(chromedp.Focus(chromedp.CSS("#ball")))
	p.press(kb.ArrowDown)
	p.comes(`document.querySelector("#ballnote").textContent.includes("lmo(∇f) = (0, −1)")`)
	p.run(chromedp.Focus(chromedp.CSS(".walker input[type=range]")))
	p.press(kb.ArrowRight)
	p.comes(`document.querySelector(".walker .size input:last-child").value !== "0.05"`)
	p.run(chromedp.Focus(chromedp.CSS("#iterations")))
	p.press(kb.ArrowLeft)
	p.comes(`document.querySelector("#singularnote").textContent.startsWith("Step 4 takes σ to 3.445σ")`)
	shown := value[string](p, "new Promise(done => setTimeout(() => done(location.hash), 400))")
	p.run(chromedp.Reload())
	p.comes(`document.querySelector("#ballnote").textContent.includes("lmo(∇f) = (0, −1)") && document.querySelector("#singularnote").textContent.startsWith("Step 4")`)
	if now := value[string](p, "location.hash"); now != shown {
		t.Errorf("the state was %s, and is %s", shown, now)
	}
	p.looks("ball", 1280)
}

// TestPlaygroundStands: an address shows methods at a step. The picture of docs/lab.md is that of this test.
func TestPlaygroundStands(t *testing.T) {
	p := open(t, "/playground#function=rosenbrock&steps=600&step=200&ball=l2&m=gd:lr=0.001&m=heavy-ball:lr=0.001&m=adam:lr=0.05&m=lion:lr=0.01")
	p.comes(`document.querySelectorAll("#walkers > *").length === 4 && document.querySelector("#step").value === "200"`)
	p.looks("methods", 1280)
}
