package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"steepest"
	"steepest/internal/simd"
)

type versionCmd struct {
	Licenses bool `help:"Print the licence of Steepest, and those of all libraries in it."`
}

// Run prints the version, or the licences.
func (c versionCmd) Run(w *world) error {
	text := fmt.Sprintf("%s, %s kernels of %s", version(), simd.Newest(), strings.Join(simd.Implementations(), ", "))
	if c.Licenses {
		text = steepest.License + "\n" + strings.TrimSuffix(steepest.Notice, "\n")
	}
	_, err := fmt.Fprintln(w.stdout, text)
	return err
}

// version returns the version of the module, or the commit it was built from, and the version of Go.
func version() string {
	text := "steepest"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return text + ", " + runtime.Version()
	}
	settings := make(map[string]string)
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	if info.Main.Version != "" {
		text += " " + info.Main.Version
	}
	if revision := settings["vcs.revision"]; len(revision) >= 12 {
		text += ", commit " + revision[:12]
		if settings["vcs.modified"] == "true" {
			text += " with changes"
		}
	}
	return fmt.Sprintf("%s, %s %s/%s", text, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
