package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestLecture plays scenes in both languages and stops one. Scenes that have been played are still there when the page is opened again.
func TestLecture(t *testing.T) {
	p := open(t, "/lecture?lang=en")
	p.comes(`document.querySelectorAll("#lecture section").length > 30`)
	p.looks("lecture-before", 360, 1280)
	p.tabs()

	p.run(chromedp.Focus(chromedp.CSS("#epoch .play button")))
	p.press(kb.Enter)
	p.comes(`document.querySelector("#epoch .verdict")`)
	p.comes(`document.querySelector("#epoch [lang=en] img")?.naturalWidth > 100`)
	if size := value[int](p, `fetch("/lecture/epoch/en.gif").then(a => a.ok && a.blob()).then(b => b.size)`); size < 1000 {
		t.Errorf("the figure in motion has %d bytes", size)
	}
	p.comes(`document.querySelector("nav a[href='#epoch']").parentElement.querySelector(".yes")`)
	p.comes(`document.activeElement.closest("#epoch")`) // and not back at the start

	// A long scene is stopped, and the next scene, which had to wait, is played.
	p.click("#newton .play button")
	p.comes(`document.querySelector("#newton .play").dataset.state === "now" && document.querySelector("#newton progress").checkVisibility()`)
	p.click("#frontier .play button")
	p.comes(`document.querySelector("#frontier .play").dataset.state === "queued"`)
	p.click("#newton .play button")
	p.comes(`document.querySelector("#frontier figure")`)
	p.run(chromedp.ScrollIntoView(chromedp.CSS("#frontier figure")))
	p.comes(`document.querySelector("#frontier figure img")?.naturalWidth > 100`)
	p.comes(`document.querySelector("#newton .play").dataset.state === ""`)

	p.click("[data-set=ru]")
	p.comes(`document.documentElement.lang === "ru" && location.search === "?lang=ru"`)
	p.run(chromedp.ScrollIntoView(chromedp.CSS("#epoch")))
	p.comes(`document.querySelector("#epoch [lang=ru] img")?.naturalWidth > 100`)
	p.click("#balls .play button")
	p.comes(`document.querySelector("#balls figure")`)
	p.looks("lecture-ru", 360, 1280)

	p.run(chromedp.Navigate(p.address + "/lecture?lang=en"))
	p.comes(`document.querySelector("#epoch .verdict") && document.querySelector("#frontier figure") && !document.querySelector("#newton figure")`)
	p.run(chromedp.ScrollIntoView(chromedp.CSS("#epoch")))
	p.looks("lecture", widths...)

	// All scenes are played, until they are stopped.
	p.click(".whole button")
	p.comes(`document.querySelector(".whole progress").checkVisibility()`)
	p.comes(`document.querySelector("#unbiased figure img")?.naturalWidth > 100`) // while the next is played
	p.click(".whole button")
	p.comes(`document.querySelector(".whole button").dataset.state.startsWith("left") && !document.querySelector("[data-state=now], [data-state=queued]")`)
}
