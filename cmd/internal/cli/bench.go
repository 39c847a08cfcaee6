package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"steepest/compare"
	"steepest/internal/suggest"
	"steepest/optim"
	"steepest/report"
)

type benchCmd struct {
	configArg
	Problem []string `group:"suite" short:"p" aliases:"problems" sep:"none" placeholder:"NAME=FLAGS" help:"A problem: the name of one of the suite, or a new name with the flags of steepest compare that say what is minimized and for how long, as in 'mine=--data rows.csv --epochs 5', with quotes as in a shell, or with a file of such settings, 'mine=race.toml'. Repeat the flag. Default: ${problems}."`
	Method  []string `group:"suite" short:"m" aliases:"methods" sep:"none" default:"sgd;nesterov;adagrad;adamw;lion;muon;untuned" placeholder:"SPEC" help:"A method as for steepest compare, or untuned for those that are meant to run on their defaults; repeat the flag, or separate by semicolons (${default})."`
	Trials  int      `group:"suite" default:"8" placeholder:"N" help:"Number of settings that are tried to tune each method on each problem; 0 tunes nothing (${default})."`
	Seeds   int      `group:"suite" default:"5" placeholder:"N" help:"Runs of each method on each problem, with the same batches for the same seed (${default})."`
	Seed    uint64   `group:"suite" default:"1" placeholder:"N" help:"Seed of all random numbers (${default})."`
	Within  float64  `group:"suite" default:"0.02" placeholder:"SHARE" help:"Target of a problem: the share that is left of the way from the start to f*, or to the end of the best method if f* is unknown (${default})."`
	Work    string   `group:"suite" default:"gradients" placeholder:"MEASURE" set:"choices=gradients, steps or seconds" help:"What to count until the target: ${choices}; only seconds differ from run to run (${default})."`
	kernelFlags
	TauMax float64 `group:"suite" default:"4" placeholder:"NUMBER" help:"Largest multiple of the best method's work in the profiles (${default})."`

	Report          string `group:"output" short:"o" aliases:"out" default:"bench.html" placeholder:"FILE" help:"The report, \"\" for none (${default})."`
	SVG             string `group:"output" name:"svg" placeholder:"FILE" help:"The profiles as SVG."`
	PNG             string `group:"output" name:"png" placeholder:"FILE" help:"The profiles as PNG."`
	JSON            bool   `group:"output" name:"json" help:"All measurements as JSON, instead of the tables."`
	checkpointFlags `set:"interval=DURATION"`
	keepFlags
}

// Help shows how bench is used.
func (benchCmd) Help() string {
	return `Every problem is a race as in steepest compare. A method's profile is the share of the problems on which it reaches the target
with at most τ times the work of the best method, and its score is the area under the profile (AlgoPerf). Examples:

    steepest bench
    steepest bench -p digits -p spirals -m adamw -m muon -m untuned
    steepest bench -p 'mine=--data rows.csv --hidden 16 --epochs 30' -p rosenbrock -m 'sgd;adam'
    steepest bench --seeds 10 --trials 16 --checkpoint saved --resume --svg profile.svg`
}

// benchProblem is a problem of a suite: its name, and the flags of compare that make it.
type benchProblem struct{ name, flags string }

// benchProblems is the suite, on embedded data.
var benchProblems = []benchProblem{
	{"breast-cancer", "--data breast-cancer --epochs 20"},
	{"heart-hinge", "--data heart-scale --loss hinge --epochs 20"},
	{"spam", "--data spam --epochs 5"},
	{"digits", "--data digits --epochs 10"},
	{"digits-network", "--data digits --hidden 32 --epochs 20"},
	{"spirals", "--data spirals --hidden 32,32 --epochs 300"},
	{"low-rank", "--data breast-cancer --rank 3 --batch 128 --epochs 20"},
	{"rosenbrock", "--function rosenbrock --steps 1000"},
	{"opticks", "--text opticks --layers 1 --heads 2 --width 32 --context 32 --batch 8 --steps 300 --validation 0.005"},
}

// Run races on all problems.
func (c *benchCmd) Run(w *world) error {
	suite, list, err := c.suite()
	if err != nil {
		return err
	}
	if err := c.refuse(w); err != nil {
		return err
	}
	races := make([]*suiteRace, len(list))
	for i, p := range list {
		if races[i], err = c.race(w, p); err != nil {
			return of(p.name, err)
		}
		races[i].command.label = fmt.Sprintf("%s, problem %d of %d", p.name, i+1, len(list))
	}
	var lost error
	for _, r := range races {
		raced, err := r.run(w)
		if err != nil {
			return of(r.name, err)
		}
		lost = errors.Join(lost, r.lost)
		raced.AimAt(c.Within)
		suite.Problems = append(suite.Problems, raced)
	}
	return cmp.Or(c.write(w, suite, races), w.ended(0, true, nil, lost))
}

// suite reads the flags that say what counts as work, and which problems to race on.
func (c *benchCmd) suite() (s *compare.Suite, list []benchProblem, err error) {
	s = &compare.Suite{Limit: c.TauMax}
	switch {
	case !(c.Within > 0 && c.Within < 1):
		return nil, nil, usage("--within 0.01 is a harder target", "--within is %v, want a share between 0 and 1", c.Within)
	case !(c.TauMax > 1):
		return nil, nil, usage("", "--tau-max is %v, want a factor above 1", c.TauMax)
	}
	if err := s.Work.UnmarshalText([]byte(c.Work)); err != nil {
		return nil, nil, usage("", "--work: %w", err)
	}
	if c.Problem == nil {
		return s, benchProblems, nil
	}
	for _, text := range c.Problem {
		p, err := problemNamed(text)
		if err != nil {
			return nil, nil, err
		}
		if slices.ContainsFunc(list, func(other benchProblem) bool { return other.name == p.name }) {
			return nil, nil, usage("give them different names", "--problem: two problems are called %s", p.name)
		}
		list = append(list, p)
	}
	return s, list, nil
}

// shortName matches valid names of problems. The name is also that of a folder.
var shortName = regexp.MustCompile(`^[\pL\pN][\pL\pN._-]*$`)

// problemNamed reads one --problem.
func problemNamed(text string) (benchProblem, error) {
	name, flags, own := strings.Cut(text, "=")
	if name = strings.TrimSpace(name); own {
		if !shortName.MatchString(name) {
			return benchProblem{}, usage("as in 'mine=--data rows.csv'", "--problem: %q is not a name of letters, digits, dots and hyphens", name)
		}
		if flags = strings.TrimSpace(flags); flags == "" {
			return benchProblem{}, usage("as in 'mine=--data rows.csv'", "--problem: %s= names no problem", name)
		}
		return benchProblem{name, flags}, nil
	}
	i := slices.IndexFunc(benchProblems, func(p benchProblem) bool { return p.name == name })
	if i < 0 {
		names := strings.Split(namesOf(benchProblems), ", ")
		return benchProblem{}, usage("a new one is a name with flags, as in 'mine=--data rows.csv'", "--problem: %w", suggest.Unknown("problem", name, names))
	}
	return benchProblems[i], nil
}

// suiteRace is the race on a problem of a suite: a compare command and the flags given to it.
type suiteRace struct {
	benchProblem
	command *compareCmd
	given   map[string]bool
	list    []compare.Entrant
	title   string
	lost    error // what could not be written of the race
}

// namesOf lists the names of problems.
func namesOf(list []benchProblem) string {
	var names []string
	for _, p := range list {
		names = append(names, p.name)
	}
	return strings.Join(names, ", ")
}

// race reads the flags of a problem.
func (c *benchCmd) race(w *world, p benchProblem) (*suiteRace, error) {
	var read commands
	helped := false
	parser := newParser(&read, io.Discard, io.Discard, func(int) { helped = true })
	words, err := splitWords(p.flags)
	if err != nil {
		return nil, err
	}
	args := normalize(append([]string{"compare"}, words...), parser.Model)
	parsed, err := parser.Parse(args)
	switch {
	case helped:
		return nil, usage("steepest compare -h shows the flags", "it has the flag --help")
	case err != nil:
		return nil, usageError(err, args)
	}
	if err := refuseValues(parsed); err != nil {
		return nil, err
	}
	for _, at := range parsed.Path {
		if at.Flag != nil && !isOfProblem(at.Flag) {
			return nil, usage("drop it, or give it to bench itself", "--%s does not say what is minimized and for how long", at.Flag.Name)
		}
	}
	own := w.given
	defer func() { w.given = own }()
	w.given = flagsOf(parsed)
	race := &read.Compare
	race.Method, race.Trials, race.Seeds, race.Seed, race.Report = c.Method, c.Trials, c.Seeds, c.Seed, ""
	race.checkpointFlags, race.keepFlags, race.matrices = c.checkpointFlags, c.keepFlags, true
	if c.Checkpoint != "" {
		race.Checkpoint = filepath.Join(c.Checkpoint, p.name)
	}
	if c.TensorBoard != "" {
		race.TensorBoard = filepath.Join(c.TensorBoard, p.name)
	}
	list, err := race.methods(w)
	return &suiteRace{benchProblem: p, command: race, given: w.given, list: list}, err
}

// isOfProblem reports whether a flag of compare belongs to the problem: what is minimized, for how long, and how it is judged. All other
// flags belong to the suite.
func isOfProblem(f *kong.Flag) bool {
	switch {
	case f.Name == "seed" || f.Group == nil:
		return false
	case f.Name == "no-optimum" || f.Name == "tune-by":
		return true
	}
	return slices.Contains([]string{"problem", "read", "run"}, f.Group.Key)
}

// run runs the race. Methods that do not run on the problem are left out.
func (r *suiteRace) run(w *world) (raced compare.Problem, err error) {
	own := w.given
	defer func() { w.given = own }()
	w.given = r.given
	g, err := r.command.grid(w, r.list)
	if err != nil {
		return raced, err
	}
	defer g.close()
	r.title = g.problem.title()
	absent := make(map[string]string)
	g.race.Entrants = slices.DeleteFunc(g.race.Entrants, func(e compare.Entrant) bool {
		_, err := optim.NewPlan[float64](e.Method.Rule, g.race.Problem.Params())
		if err != nil {
			absent[e.Name] = inFlags(err.Error())
		}
		return err != nil
	})
	if len(g.race.Entrants) == 0 {
		return raced, usage("give another method", "none of the methods runs on it")
	}
	result, lost, err := r.command.runRace(w, g.race, g.problem, g.start)
	if lost != nil {
		r.lost = fmt.Errorf("%s: %w", r.name, lost)
	}
	return compare.Problem{Name: r.name, Result: result, Absent: absent}, err
}

// of adds the name of the suite's problem to an error.
func of(name string, err error) error {
	var f *failure
	if errors.As(err, &f) {
		return &failure{f.code, fmt.Errorf("%s: %w", name, f.err), f.hint}
	}
	return fmt.Errorf("%s: %w", name, err)
}

// refuse returns an error for flags without effect, and for files that cannot be written.
func (c *benchCmd) refuse(w *world) error {
	outputs := []flagPath{{"report", c.Report}, {"svg", c.SVG}, {"png", c.PNG}}
	if err := c.refuseOutputs([]flagPath{c.input()}, outputs...); err != nil {
		return err
	}
	if c.Checkpoint != "" {
		if _, err := makeFolder("checkpoint", c.Checkpoint); err != nil {
			return err
		}
	}
	return w.refuse(c.checkpointFlags.silences()...)
}

// write writes the tables and the files.
func (c *benchCmd) write(w *world, s *compare.Suite, races []*suiteRace) error {
	title := fmt.Sprintf("Suite of %d problems", len(races))
	if len(races) == 1 {
		title = "Suite of 1 problem"
	}
	page := s.Page(title, append(c.facts(), w.machineFacts()...))
	page.Tables = append(page.Tables, problemTable(s, races))
	figure := report.Figure{Panels: []report.Panel{{Plot: &page.Plots[0]}}}
	if c.JSON {
		if err := writeJSON(w.stdout, c.record(s, races)); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(w.stdout, "%s\n%s", w.stdout.paint(bold, page.Title), w.stdout.wrap(page.Lead, 0))
		for _, t := range []report.Table{s.ScoreTable(), s.WorkTable()} {
			fmt.Fprintln(w.stdout)
			if err := report.Text(w.stdout, &t, w.stdout.width, w.stdout.color); err != nil {
				return err
			}
		}
	}
	return errors.Join(
		w.save(c.Report, func(out io.Writer) error { return report.HTML(out, page) }),
		w.save(c.SVG, func(out io.Writer) error { return report.SVG(out, &figure) }),
		w.save(c.PNG, func(out io.Writer) error { return report.PNG(out, &figure) }),
	)
}

func (c *benchCmd) facts() []report.Fact {
	return []report.Fact{
		{Name: "Methods", Value: strings.Join(c.Method, "; ")},
		{Name: "Tuning", Value: fmt.Sprintf("%d trials of the whole budget for each method and problem, judged by their end", c.Trials)},
		{Name: "Seeds", Value: fmt.Sprintf("%d … %d", c.Seed, c.Seed+uint64(c.Seeds)-1)},
		{Name: "Target", Value: fmt.Sprintf("a share of %g is left of the way from the start to f*, or where f* is not known to the least median of a method at the end", c.Within)},
		{Name: "Work", Value: c.Work + ", read where a run is evaluated"},
	}
}

// problemTable lists the problems, each with the command that races on it alone.
func problemTable(s *compare.Suite, races []*suiteRace) report.Table {
	t := report.Table{
		Title:   "Problems",
		Columns: []report.Column{{Name: "problem"}, {Name: "minimized"}, {Name: "target", Numeric: true}, {Name: "reached by", Numeric: true}, {Name: "flags"}},
		Note:    "Each is the race of steepest compare with these flags, and the methods, trials and seeds of the suite. The curves are below.",
	}
	for i, p := range s.Problems {
		reached := 0
		for _, row := range p.Summaries() {
			if 2*row.Reached > len(row.Runs) {
				reached++
			}
		}
		t.Rows = append(t.Rows, []report.Cell{
			{Text: p.Name}, {Text: races[i].title}, {Text: fmt.Sprintf("%.3g", p.Target), Sort: p.Target},
			{Text: fmt.Sprintf("%d of %d", reached, len(p.Entries)), Sort: float64(reached)}, {Text: races[i].flags},
		})
	}
	return t
}

// splitWords splits a command line as a shell does: blanks separate words, and quotes of either kind keep them together. A backslash keeps a
// quote, a blank or a backslash as it is, but not between single quotes. Other backslashes stay, unlike in a shell and its libraries, since they are
// those of Windows paths.
func splitWords(text string) (words []string, err error) {
	word, quote, began := []byte(nil), byte(0), false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && quote != '\'' && i+1 < len(text) && strings.IndexByte("\"'\\ \t\n", text[i+1]) >= 0:
			i++
			word, began = append(word, text[i]), true
		case c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote, began = c, true
		case quote == 0 && strings.IndexByte(" \t\r\n", c) >= 0:
			if began {
				words = append(words, string(word))
			}
			word, began = word[:0], false
		default:
			word, began = append(word, c), true
		}
	}
	if quote != 0 {
		return nil, usage("close it", "the quote %c in %q has no end", quote, text)
	}
	if began {
		words = append(words, string(word))
	}
	return words, nil
}
