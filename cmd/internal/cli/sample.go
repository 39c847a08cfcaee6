package cli

import (
	"fmt"

	"steepest/data"
	"steepest/internal/suggest"
	"steepest/metrics"
	"steepest/model"
	"steepest/param"
	"steepest/train"
)

// sample is the data of a problem, as its model sees them.
type sample struct {
	flags    problemFlags // with the loss and the name of the data filled in
	set      *data.Set    // the rows to fit to
	density  float64
	features data.Features
	x        data.Matrix // the prepared features
	target   target
	held     []heldOut
}

// heldOut is rows that the model is not fitted to.
type heldOut struct {
	name string
	set  *data.Set
	x    data.Matrix // the prepared features
}

// newSample reads and prepares the data.
func (f problemFlags) newSample(seed uint64) (*sample, error) {
	set, err := f.open(f.Data)
	if err != nil {
		return nil, err
	}
	s := &sample{flags: f, set: set}
	if f.Rank == 0 {
		if s.target, err = f.newTarget(set); err != nil {
			return nil, err
		}
		s.flags.Loss = s.target.name
	}
	var validation *data.Set
	if f.Validation != 0 {
		if s.set, validation, err = data.Split(set, f.Validation, seed, s.target.classes != nil); err != nil {
			return nil, usage("give a share such as 0.2", "--validation: %s", inFlags(err.Error()))
		}
	}
	s.density = data.Density(s.set.X)
	_, columns := s.set.X.Dims()
	if err := refuseUnknowns(fmt.Sprintf("a model of %d columns", columns), float64(columns)*float64(s.target.scores())); err != nil {
		return nil, err
	}
	if err := s.prepare(); err != nil {
		return nil, err
	}
	if validation != nil {
		err = s.hold("validation", validation)
	}
	if err == nil && f.Test != "" {
		var test *data.Set
		if test, err = f.openLike(f.Test, set); err == nil {
			err = s.hold("test", test)
		}
	}
	return s, err
}

// prepare reads --scale and makes what the model sees of the features.
func (s *sample) prepare() (err error) {
	scale := data.Scale(s.flags.Scale)
	switch scale {
	case "none":
		scale = ""
	case data.Largest, data.Standard, data.UnitRows:
	default:
		names := []string{"none", "maxabs", "standard", "unit"}
		return usage("", "--scale: %w", suggest.Unknown("scaling", s.flags.Scale, names))
	}
	s.x, s.features, err = data.Prepare(s.set.X, scale, s.flags.Intercept)
	if _, sparse := s.set.X.(*data.CSR); err != nil && sparse && scale == data.Standard {
		return badData("--scale maxabs keeps zeros", "--scale standard: %s is sparse, and its zeros would become values", s.set.Name)
	}
	if err != nil {
		return badData("remove the column", "%s: %s", s.set.Name, inFlags(err.Error()))
	}
	return nil
}

// hold prepares rows that are held out.
func (s *sample) hold(name string, set *data.Set) error {
	if _, _, err := s.target.labels(set); err != nil {
		return badData("its labels must be those of "+s.set.Name, "--%s: %s", name, inFlags(err.Error()))
	}
	rows, err := s.model(model.Linear).Rows(set)
	if err != nil {
		return badData("its columns must be those of "+s.set.Name, "--%s: %s", name, inFlags(err.Error()))
	}
	s.held = append(s.held, heldOut{name, set, rows})
	return nil
}

// model returns a model of the kind on the data, without parameters.
func (s *sample) model(kind model.Kind) *model.Model {
	_, columns := s.set.X.Dims()
	return &model.Model{
		Kind: kind, Loss: s.target.name, Columns: columns, Names: s.set.Features, Label: s.set.Label, Missing: s.set.Missing,
		Classes: s.target.classes, ClassNames: s.target.names(s.set), Features: s.features,
	}
}

// cut cuts x into the parameters of a problem.
func cut(x []float64, params []param.Param) (list []model.Param) {
	for _, p := range params {
		list = append(list, model.Param{Name: p.Name, Shape: p.Shape, Values: x[:p.Size()]})
		x = x[p.Size():]
	}
	return list
}

// describe describes the data for a report.
func (s *sample) describe() string {
	rows, cols := s.set.X.Dims()
	text := fmt.Sprintf("%s, %d rows, %d features, density %.3g", s.set.Name, rows, cols, s.density)
	if s.target.classes != nil {
		text += fmt.Sprintf(", %d classes", len(s.target.classes))
	}
	for _, h := range s.held {
		text += fmt.Sprintf(", %d rows held out for %s", len(h.set.Y), h.name)
	}
	text += ", scaling " + s.flags.Scale
	if s.flags.Intercept {
		text += ", a column of ones"
	}
	return text
}

// json describes the data and the model on them.
func (s *sample) json(unknowns int) problemJSON {
	f := &s.flags
	out := problemJSON{
		Name: s.set.Name, Unknowns: unknowns, Loss: f.Loss, L2: f.l2(), L1: f.L1, Scale: f.Scale, Intercept: f.Intercept, Rank: f.Rank,
		Validation: f.Validation,
	}
	out.Rows, out.Features = s.set.X.Dims()
	if f.Loss == "huber" {
		out.Delta = f.Delta
	}
	return out
}

// accuracy returns the share of the rows that a model puts into their class.
func (s *sample) accuracy(m *model.Model, set *data.Set) float64 {
	predicted, err := m.Predict(set)
	truth, unknown := m.Truth(set)
	if err != nil || unknown != nil {
		panic(fmt.Sprint("cli: ", err, unknown)) // the rows have been prepared and their labels read before
	}
	return metrics.Accuracy(truth, predicted.Classes)
}

// measures returns what an evaluation measures: the objective, and the loss on each set that is held out.
func (s *sample) measures(loss func(*heldOut) (train.Measure, error)) ([]train.Measure, error) {
	list := []train.Measure{train.Whole()}
	for i := range s.held {
		m, err := loss(&s.held[i])
		if err != nil {
			return nil, badData("", "--%s: %s", s.held[i].name, inFlags(err.Error()))
		}
		list = append(list, m)
	}
	return list, nil
}
