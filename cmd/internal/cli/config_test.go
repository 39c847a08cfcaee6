package cli

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"

	"steepest/compare"
	"steepest/internal/mutate"
)

// Valid settings name flags, and are the same after they are written and read again. Other settings give an error of one line.
func FuzzParseConfig(f *testing.F) {
	for _, text := range trickySettings {
		f.Add(text, true)
		f.Add(text, false)
	}
	check := settingsCheck()
	f.Fuzz(check)
}

func TestParseConfigMutations(t *testing.T) {
	check := settingsCheck()
	var one sync.Mutex // since kong's model of the flags is not for concurrent use
	mutate.Try(t, "cmd/internal/cli/FuzzParseConfig", trickySettings, func(t *testing.T, text string, r *rand.Rand) {
		one.Lock()
		defer one.Unlock()
		check(t, text, r.IntN(2) == 0)
	})
}

var trickySettings = []string{"data = \"digits\"\nepochs = 2.5\n", "method = ['adam', \"sgd:lr=0.1\"]\n", "l2 = 1e-4 # a penalty\n", "intercept = true\n",
	"[race]\nseeds = 2\n", "seeds = 2\nseeds = 3\n", "l2 = inf\n", "epochs = 0x10\n", "lr = 1\n", "time = 1979-05-27T07:32:00Z\n", "batch = 'full'\nb = 3\n",
	"help = true\n", "start = '''\n1,2'''\n", "hidden = [64, 32]\n", "hidden = [[1], {a = 1}]\n", "a.b = 1\n", "\"\" = 1\n", "seed = 9223372036854775808\n",
	"every = -1\n", "data = \"\\u0000\"\n"}

func commandNodes() map[string]*kong.Node {
	nodes := make(map[string]*kong.Node)
	for _, command := range newParser(new(commands), io.Discard, io.Discard, nil).Model.Leaves(false) {
		nodes[command.Name] = command
	}
	return nodes
}

// settingsCheck reads a text as settings of a race, or of a run.
func settingsCheck() func(t *testing.T, text string, race bool) {
	nodes := commandNodes()
	return func(t *testing.T, text string, race bool) {
		command := nodes["minimize"]
		if race {
			command = nodes["compare"]
		}
		settings, err := parseConfig("f.toml", []byte(text), command)
		if err != nil {
			if fault := (*failure)(nil); !errors.As(err, &fault) || fault.code != exitUsage || !strings.HasPrefix(err.Error(), "f.toml:") {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		for name := range settings {
			if !slices.Contains(flagNames(command), name) {
				t.Fatalf("%q sets %q, which is no flag", text, name)
			}
		}
		written, err := toml.Marshal(settings)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		again, err := parseConfig("f.toml", written, command)
		if err != nil || !reflect.DeepEqual(again, settings) {
			t.Fatalf("%q gave %v, written as %q and read again %v, %v", text, settings, written, again, err)
		}
	}
}

// TestSettingsOfOtherTypes: for other types than texts, numbers and booleans, the error has the line and TOML's name of the type.
func TestSettingsOfOtherTypes(t *testing.T) {
	race := commandNodes()["compare"]
	for text, want := range map[string]string{
		"report = true":              "report is true, want a text or a number",
		"data = 1979-05-27":          "data is a date or a time of day, want a text or a number",
		"hidden = 07:32:00":          "hidden is a date or a time of day, want a text or a number",
		"intercept = [true]":         "intercept is one value, and not a list",
		"columns = [[1]]":            "an element of columns is a list, want a text or a number",
		"method = [{name = \"gd\"}]": "an element of method is a table, want a text or a number",
		"drop = [\"a\", false]":      "an element of drop is false, want a text or a number",
		"[[steps]]\na = 1":           `settings stand in no table, and "steps" is one`,
		"[steps]\na = 1":             `settings stand in no table, and "steps" is one`,
	} {
		_, err := parseConfig("f.toml", []byte(text), race)
		if got := fmt.Sprint(err); !strings.HasPrefix(got, "f.toml:") || !strings.HasSuffix(got, ": "+want) {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestShortened(t *testing.T) {
	long := strings.Repeat("ö", 1<<20)
	if got := shortened(long); len(got) > longestError+10 || !utf8.ValidString(got) || !strings.Contains(got, "ö … ö") {
		t.Errorf("%d bytes are shown: %.20q", len(got), got)
	}
	if got := shortened("as it is"); got != "as it is" {
		t.Error(got)
	}
}

// TestExperiments: the settings of experiments have only settings of compare, and methods that exist.
func TestExperiments(t *testing.T) {
	files, err := filepath.Glob(root + "/docs/experiments/*/*.toml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		settings, err := readConfig(file, commandNodes()["compare"])
		if err != nil {
			t.Fatal(err)
		}
		methods := settings["method"].([]any)
		for _, spec := range methods {
			if _, err := compare.ParseEntrant(spec.(string)); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
		if len(methods) < 2 {
			t.Errorf("%s: %d methods", file, len(methods))
		}
	}
}
