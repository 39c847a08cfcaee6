// Package browser tests the pages of steepest lab in Chromium, by mouse and by keys, at several widths. A message of the console fails a
// test.
//
//	go test .                                 needs Chromium, and the program, which it builds
//	STEEPEST_SCREENSHOTS=DIR go test .        keeps pictures of the pages, in light and dark, narrow and wide
//
// It is a module of its own, so that the module of the program does not need chromedp.
package browser
