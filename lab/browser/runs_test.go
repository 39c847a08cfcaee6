package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// rows is how many runs the table has.
const rows = `document.querySelectorAll("#runs tbody tr").length`

// TestRuns finds some runs, draws them over other axes, and comes back to the state in the address.
func TestRuns(t *testing.T) {
	p := open(t, "/runs")
	p.comes(rows + " === 6")
	p.comes(`document.querySelectorAll("#plot canvas").length > 0`)
	p.comes(`document.querySelector("#live").textContent === "live"`)
	p.looks("runs", widths...)
	p.tabs()

	p.run(chromedp.Focus(chromedp.CSS("#where")))
	p.press("adam")
	p.comes(rows + " === 3")
	p.run(chromedp.Focus(chromedp.CSS("#group")))
	p.press(kb.ArrowDown)
	p.comes(`location.hash.includes("group=name")`)
	p.comes(`document.querySelectorAll("#plot .methods-list button").length >= 3`)

	axis := `document.querySelector(".axis input:checked").value`
	before := value[string](p, axis)
	p.run(chromedp.Focus(chromedp.CSS(".axis input:checked")))
	p.press(kb.ArrowRight)
	p.comes(axis + " !== " + `"` + before + `"`)
	shown := value[string](p, "location.hash")
	p.run(chromedp.Reload())
	p.comes(rows + " === 3")
	if now := value[string](p, "location.hash"); now != shown {
		t.Errorf("the view was %s, and is %s", shown, now)
	}
	if was, now := before, value[string](p, axis); was == now {
		t.Errorf("the axis is %s again", now)
	}

	p.click("#runs thead th:nth-child(3) button")
	p.comes(`document.querySelector("#runs th[aria-sort]") && document.activeElement.textContent === "steps"`)
	for _, name := range []string{"runs.csv", "runs.jsonl", "runs.svg", "runs.html"} {
		if size := value[int](p, `fetch("/download/`+name+`?where=adam").then(a => a.ok && a.text()).then(t => t.length)`); size < 200 {
			t.Errorf("%s has %d letters", name, size)
		}
	}
}
