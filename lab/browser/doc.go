// Package browser tests the pages of steepest lab in Chromium: what they do, by mouse and by keys, at which width, and without an error.
//
//	go test .                                 needs Chromium, and the program, which it builds
//	STEEPEST_SCREENSHOTS=DIR go test .        keeps pictures of the pages, in light and dark, narrow and wide
//
// It is a module of its own, so that the program's has nothing to do with chromedp.
package browser
