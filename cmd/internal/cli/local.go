package cli

import (
	"steepest/methods"
	"steepest/optim"
	"steepest/train"
)

// localFlags make a round of local steps of each step.
type localFlags struct {
	LocalSteps int    `group:"run" placeholder:"N" help:"Make each step a round: --replicas of the model make so many steps of the method by themselves, and --outer steps by the mean of what they have moved by. Ranks of steepest-mpi share the replicas and exchange vectors once a round, for links that are slow (DiLoCo; MuLoCo with muon)."`
	Replicas   int    `group:"run" default:"1" placeholder:"N" help:"Replicas of --local-steps, each with its batches and the state of the method (${default})."`
	Outer      string `group:"run" default:"nesterov:lr=0.7,momentum=0.9" placeholder:"SPEC" help:"Method that steps at the end of a round of --local-steps (${default})."`
}

// local returns the rounds that the flags ask for; nil for none.
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

// silences are those of the flags of local steps.
func (f *localFlags) silences(w *world) []silence {
	return []silence{{[]string{"replicas", "outer"}, !w.given["local-steps"], "is for rounds of local steps, and --local-steps asks for them"}}
}

// localJSON is what of local steps must be the same for a run that goes on.
type localJSON struct {
	Steps    int               `json:"steps"`
	Replicas int               `json:"replicas"`
	Outer    string            `json:"outer"`
	Options  map[string]string `json:"outer_options,omitempty"`
}

// localIdentity returns that of a run; nil without local steps.
func localIdentity(l *train.Local) *localJSON {
	if l == nil {
		return nil
	}
	id := &localJSON{l.Steps, l.Replicas, optim.NameOf(l.Outer), make(map[string]string)}
	for _, f := range optim.Fields(l.Outer) {
		id.Options[f.Name] = f.Value
	}
	return id
}
