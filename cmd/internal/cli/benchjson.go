package cli

import "steepest/compare"

// benchJSON is the JSON of a suite.
type benchJSON struct {
	budgetJSON
	Work      string             `json:"work"`
	Within    float64            `json:"within"`
	TauMax    float64            `json:"tau_max"`
	Statement string             `json:"statement"`
	Methods   []benchMethodJSON  `json:"methods"`
	Problems  []benchProblemJSON `json:"problems"`
}

// benchMethodJSON is a method's profile in numbers, the best method first.
type benchMethodJSON struct {
	Name    string     `json:"name"`
	Untuned bool       `json:"untuned,omitempty"`
	Score   spreadJSON `json:"score"`
	P       real       `json:"p"`
	Reached int        `json:"reached"`
	Fastest int        `json:"fastest"`
	Trials  int        `json:"grads_of_trials"`
}

// benchProblemJSON is the race on a problem.
type benchProblemJSON struct {
	Name    string            `json:"name"`
	Flags   string            `json:"flags"`
	Measure string            `json:"measure"`
	Target  real              `json:"target"`
	Absent  map[string]string `json:"absent,omitempty"` // methods that do not run on it, with the reason
	Methods []benchRunsJSON   `json:"methods"`
}

// benchRunsJSON holds the runs of a method on a problem. Work is the work of each seed until the target; null if a seed did not reach it.
type benchRunsJSON struct {
	Name    string            `json:"name"`
	Options map[string]string `json:"options"`
	Edge    bool              `json:"edge,omitempty"`
	Final   spreadJSON        `json:"final"`
	Work    []real            `json:"work"`
}

func (c *benchCmd) record(s *compare.Suite, list []*suiteRace) benchJSON {
	out := benchJSON{
		budgetJSON: budgetJSON{version(), instructions(), c.Seed, c.Seeds, c.Trials},
		Work:       s.Work.String(), Within: c.Within, TauMax: c.TauMax, Statement: s.Statement(),
	}
	for _, row := range s.Profiles() {
		out.Methods = append(out.Methods, benchMethodJSON{
			row.Name, row.Untuned, spreadOf(row.Score), real(row.P),
			row.Reached, row.Fastest, row.TuningGrads,
		})
	}
	for i, p := range s.Problems {
		races := benchProblemJSON{Name: p.Name, Flags: list[i].flags, Measure: p.Measure(), Target: real(p.Target), Absent: p.Absent}
		for _, row := range p.Summaries() {
			runs := benchRunsJSON{Name: row.Name, Options: row.Options(), Edge: row.Edge, Final: spreadOf(row.Final)}
			for _, work := range p.Spent(row.Name, s.Work) {
				runs.Work = append(runs.Work, real(work))
			}
			races.Methods = append(races.Methods, runs)
		}
		out.Problems = append(out.Problems, races)
	}
	return out
}
