package cli

import (
	"steepest/methods"
	"steepest/optim"
	"steepest/train"
)

// localFlags turn each step into a round of local steps.
type localFlags struct {
	LocalSteps int    `group:"run" placeholder:"N" help:"Make each step a round of N local steps: each replica of the model makes N steps of the method on its own, and then --outer makes one step with the mean of their moves. The ranks of steepest-mpi share the replicas and exchange vectors once a round, which suits slow links (DiLoCo; MuLoCo with muon)."`
	Replicas   int    `group:"run" default:"1" placeholder:"N" help:"Replicas of --local-steps, each with its batches and the state of the method (${default})."`
	Outer      string `group:"run" default:"nesterov:lr=0.7,momentum=0.9" placeholder:"SPEC" help:"Method that steps at the end of a round of --local-steps (${default})."`
}

// local returns the local steps that the flags ask for; nil for none.
func (f *localFlags) local(w *world) (*train.Local, error) {
	switch {
	case !w.given["local-steps"]:
		return nil, nil
	case f.LocalSteps < 1:
		return nil, usage("", "--local-steps is %d, want at least 1", f.LocalSteps)
	case f.Replicas < 1:
		return nil, usage("", "--replicas is %d, want at least 1", f.Replicas)
	}
	m, _, err := methods.Parse(f.Outer)
	switch {
	case err != nil:
		return nil, usage("steepest methods lists the methods, steepest methods NAME the options of one", "--outer: %w", err)
	case m.Family == methods.Estimating:
		return nil, usage("", "--outer: %s estimates the gradient in its own way, and the outer step has the mean of the replicas for it", m.Name)
	}
	return &train.Local{Replicas: f.Replicas, Steps: f.LocalSteps, Outer: m.Rule}, nil
}

// silences says when the flags of local steps have no effect.
func (f *localFlags) silences(w *world) []silence {
	return []silence{{[]string{"replicas", "outer"}, !w.given["local-steps"], "is for rounds of local steps, and --local-steps asks for them"}}
}

// localJSON holds the settings of local steps that a resumed run must share.
type localJSON struct {
	Steps    int               `json:"steps"`
	Replicas int               `json:"replicas"`
	Outer    string            `json:"outer"`
	Options  map[string]string `json:"outer_options,omitempty"`
}

// localIdentity returns the settings of a run with local steps; nil for other runs.
func localIdentity(l *train.Local) *localJSON {
	if l == nil {
		return nil
	}
	return &localJSON{l.Steps, l.Replicas, optim.NameOf(l.Outer), optim.Options(l.Outer)}
}
