package cli

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

// recovered calls a function and turns a panic, which is a bug of the program, into a one-line error.
func recovered(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			what := strings.Join(strings.Fields(fmt.Sprint(v)), " ")
			err = &failure{exitFault, fmt.Errorf("a fault of the program itself, %s: %s", origin(), what),
				"please report it, with this line and the command"}
		}
	}()
	return f()
}

// origin names the innermost function of this module in the stack of the panic. Only the function that recovers may call it.
func origin() string {
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers)])
	for panicked := false; ; {
		frame, more := frames.Next()
		name, ours := strings.CutPrefix(frame.Function, "steepest/")
		panicked = panicked || frame.Function == "runtime.gopanic"
		if panicked && ours && !strings.HasPrefix(name, "internal/parallel.") && name != "gonumopt.Minimize" { // these two pass panics on
			return fmt.Sprintf("in %s at %s:%d", name, filepath.Base(frame.File), frame.Line)
		}
		if !more {
			return "at a place unknown"
		}
	}
}
