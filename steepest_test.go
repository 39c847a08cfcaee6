package steepest

import (
	"os/exec"
	"testing"
)

// TestNotice: NOTICE is that of the modules which are linked now.
func TestNotice(t *testing.T) {
	out, err := exec.Command("go", "run", "notices.go").Output()
	if err != nil {
		t.Fatal(err)
	}
	if string(out) != Notice {
		t.Error("NOTICE is out of date; make it by: go run notices.go > NOTICE")
	}
}
