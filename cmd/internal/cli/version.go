package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(w *world) error {
	_, err := fmt.Fprintln(w.stdout, version())
	return err
}

// version names the module's version, or the commit that it was built from, and Go's.
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
