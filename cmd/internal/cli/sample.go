package cli

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"

	"steepest/data"
	"steepest/internal/plural"
	"steepest/internal/suggest"
	"steepest/metrics"
	"steepest/model"
	"steepest/param"
	"steepest/train"
)

// sample is the data of a problem, prepared for its model.
type sample struct {
	flags    problemFlags // with the loss and the name of the data filled in
	seen                  // the training rows
	columns  int          // columns of the data, before any are left out
	density  float64
	features data.Features
	target   target
	weights  []float64 // weights of the rows; nil if all are 1
	held     []heldOut
	cache    *data.Cache // the cache with the rows; nil if they are in memory
	read     []*data.Set // the sets as read: the data, and those of --test
}

// seen holds rows as they were read (set), and prepared for the model (x). For a cache both are the same.
type seen struct {
	set    *data.Set
	x      data.Matrix
	single []float32 // the values of x, if a file of a cache has them in float32
}

// heldOut is a set of held-out rows.
type heldOut struct {
	name string
	seen
}

// newSample reads and prepares the data.
func (f problemFlags) newSample(w *world, seed uint64) (*sample, error) {
	options, err := f.options()
	if err == nil {
		err = f.checkScale()
	}
	if err != nil {
		return nil, err
	}
	var s *sample
	if f.isCached() {
		s, err = f.newCached(w, options, seed)
	} else {
		s, err = f.newRead(w, options)
	}
	if err != nil {
		return nil, err
	}
	if f.Rank == 0 {
		all := s.set
		if s.cache != nil {
			all = s.cache.All
		}
		if s.target, err = f.newTarget(all); err != nil {
			return nil, err
		}
		s.flags.Loss = s.target.name
	}
	var validation *data.Set
	if f.Validation != 0 && s.cache == nil {
		if validation, err = s.split(seed); err != nil {
			return nil, err
		}
	}
	if s.weights, err = s.weigh(); err != nil {
		return nil, err
	}
	if s.cache == nil {
		told := w.notice("preparing the rows of " + s.set.Name)
		err := s.prepare()
		told()
		if err != nil {
			return nil, err
		}
	}
	if validation != nil {
		err = s.hold("validation", "the rows held out of "+f.Data, validation)
	} else if s.cache != nil && s.cache.Held != nil {
		err = s.judge("validation", seen{set: s.cache.Held, x: s.cache.Held.X})
	}
	if err == nil && f.Test != "" {
		var test *data.Set
		if test, err = f.openLike(w, f.Test, s); err == nil {
			s.read = append(s.read, test)
			err = s.hold("test", f.Test, test)
		}
	}
	return s, err
}

// newRead reads data into memory.
func (f problemFlags) newRead(w *world, options data.Options) (*sample, error) {
	f.choose(&options)
	set, err := f.openWith(w, f.Data, options)
	if err != nil {
		return nil, err
	}
	return &sample{flags: f, seen: seen{set: set}, density: data.Density(set.X), read: []*data.Set{set}}, nil
}

// choose sets the options of a table that hold only for the rows to fit to.
func (f *problemFlags) choose(o *data.Options) {
	o.CSV.Weights = f.Weights
	o.CSV.Dense = f.Scale == string(data.Standard)
}

// split removes the rows that --validation holds out from the training rows, and returns them.
func (s *sample) split(seed uint64) (validation *data.Set, err error) {
	if s.set, validation, err = data.Split(s.set, s.flags.Validation, seed, s.target.classes != nil); err != nil {
		return nil, readError(err)
	}
	var unseen []string
	s.set, validation, unseen = data.WithoutUnseen(s.set, validation)
	s.density = data.Density(s.set.X)
	return validation, s.flags.refuseUnseen(unseen)
}

// refuseUnseen returns an error for categories that held-out rows have and no row to fit to has, unless they are ignored.
func (f *problemFlags) refuseUnseen(categories []string) error {
	if categories == nil || f.IgnoreUnknown {
		return nil
	}
	return badData("give --ignore-unknown to count them as none, or hold out other rows by another --seed or share",
		"--validation: rows that are held out have categories that no row to fit to has: %s", strings.Join(categories, ", "))
}

// checkScale returns an error for an unknown --scale.
func (f *problemFlags) checkScale() error {
	names := []string{"none", "maxabs", "standard", "unit"}
	if slices.Contains(append(names, "auto"), f.Scale) { // only fit has auto
		return nil
	}
	return usage("", "--scale: %w", suggest.Unknown("scaling", f.Scale, names))
}

// scale converts --scale to a data.Scale.
func (f *problemFlags) scale() data.Scale {
	if f.Scale == "none" {
		return ""
	}
	return data.Scale(f.Scale)
}

// prepare prepares the features for the model.
func (s *sample) prepare() (err error) {
	scale := s.flags.scale()
	x, kept := s.set.X, data.Occurring(s.set.X)
	_, s.columns = x.Dims()
	if kept != nil {
		x = data.Select(x, kept)
	}
	s.x = x
	if err := s.refuseEmpty(); err != nil {
		return err
	}
	rows, columns := x.Dims()
	if err := refuseUnknowns(fmt.Sprintf("a model of %d columns", columns), float64(columns)*float64(s.target.scores())); err != nil {
		return err
	}
	if copies := s.copies(scale); copies > 0 && kept == nil {
		if err := refuseSize(fmt.Sprintf("the prepared numbers of %d rows and %d columns take", rows, columns), 8*copies*float64(x.NNZ()), smaller); err != nil {
			return err
		}
	}
	s.x, s.features, err = data.Prepare(x, scale, s.flags.Intercept)
	if err == nil && s.flags.Impute && s.features.Means == nil {
		s.features.Means, _ = data.ColumnMeans(x) // for missing values in rows to predict
	}
	s.features.Kept = kept
	s.flags.Scale = cmp.Or(string(s.features.Scale), "none")
	if errors.Is(err, data.ErrFills) {
		return readError(err)
	}
	if wrong := (*data.ColumnError)(nil); errors.As(err, &wrong) {
		return readError(wrong.In(s.set, kept))
	}
	return err
}

// refuseEmpty returns an error for rows without a feature.
func (s *sample) refuseEmpty() error {
	_, columns := s.x.Dims()
	if s.features.Intercept {
		columns--
	}
	if columns == 0 {
		return badData("a row holds its label, and then features such as 3:0.5", "%s: no row holds a feature", s.set.Name)
	}
	return nil
}

// overflows reports whether the squared length of a row may overflow.
func (s *sample) overflows() bool {
	_, columns := s.x.Dims()
	largest := slices.Max(data.MaxAbs(s.x).Scale)
	return math.IsInf(largest*largest*float64(columns), 1)
}

// copies returns how many copies of the numbers prepare makes.
func (s *sample) copies(scale data.Scale) (n float64) {
	if scale != "" {
		n++
	}
	if s.flags.Intercept {
		n++
	}
	return n
}

// hold prepares held-out rows. Its errors say where the rows are from.
func (s *sample) hold(name, from string, set *data.Set) error {
	if _, _, err := s.target.labels(set); err != nil {
		return badData("its labels must be those of "+s.set.Name, "--%s: %s", name, inFlags(err.Error()))
	}
	rows, err := s.model(model.Linear).Rows(set)
	if err != nil {
		hint := cmp.Or(valueHint(err), "its columns must be those of "+s.set.Name)
		return badData(hint, "--%s: %s: %s", name, from, inFlags(err.Error()))
	}
	return s.judge(name, seen{set: set, x: rows})
}

// judge adds held-out rows whose labels and columns are those of the sample.
func (s *sample) judge(name string, rows seen) error {
	if _, err := linearOn(rows.x, s.target, rows.set); err != nil { // a scale can move numbers out of range
		return badData("drop the row or the column", "--%s: %s", name, inFlags(err.Error()))
	}
	s.held = append(s.held, heldOut{name, rows})
	return nil
}

// sayReading says how the files of a problem were read, if the flags leave that open. It refuses flags for reading that have no effect.
func sayReading(w *world, p problem) error {
	s := p.sample()
	if s == nil {
		return nil
	}
	if err := cmp.Or(s.sayCache(w), w.refuseReading(s.read...)); err != nil {
		return err
	}
	if s.cache == nil { // the columns of a cache are scaled, and those that do not occur are left out
		sayIdentifiers(w, s.set)
	}
	sayClasses(w, s)
	for i, set := range s.read {
		s.flags.sayReading(w, set)
		if i == 0 && s.flags.Impute && (s.cache == nil || s.cache.Made != "") {
			sayImputed(w, set)
		}
		if i > 0 {
			sayColumns(w, s.set.Columns, set)
			sayUnseen(w, s.model(model.Linear), set)
		}
	}
	return nil
}

// model returns a model of a kind for the data, without parameters.
func (s *sample) model(kind model.Kind) *model.Model {
	return &model.Model{
		Kind: kind, Loss: s.target.name, Columns: s.columns, Names: s.set.Features, Source: s.set.Columns, Hashing: s.set.Hashing, ZeroBased: s.set.ZeroBased,
		Classes: s.target.classes, ClassNames: s.target.names(s.set), Features: s.features,
	}
}

// cut splits x into the parameters of a problem.
func cut(x []float64, params []param.Param) (list []model.Param) {
	for _, p := range params {
		list = append(list, model.Param{Name: p.Name, Shape: p.Shape, Values: x[:p.Size()]})
		x = x[p.Size():]
	}
	return list
}

// describe describes the data for a report.
func (s *sample) describe() string {
	text := fmt.Sprintf("%s, %s, %s", s.set.Name, plural.Of(len(s.set.Y), "row"), plural.Of(s.columns, "feature"))
	if c := s.set.Columns; c != nil && len(c.Features) < s.columns {
		text += " of " + plural.Of(len(c.Features), "column")
	}
	if kept := s.features.Kept; kept != nil {
		text += fmt.Sprintf(", of which %d occur", len(kept))
	}
	text += fmt.Sprintf(", density %.3g", s.density)
	if s.target.classes != nil {
		text += fmt.Sprintf(", %d classes", len(s.target.classes))
	}
	for _, h := range s.held {
		text += fmt.Sprintf(", %d rows held out for %s", len(h.set.Y), h.name)
	}
	text += ", scaling " + s.flags.Scale
	if s.flags.Intercept {
		text += ", an intercept"
	}
	switch {
	case s.flags.Weights != "":
		text += ", weights in column " + s.flags.Weights
	case s.set.Weights != nil:
		text += ", weights of rows"
	}
	if s.flags.ClassWeight != "" {
		text += ", weights of classes " + s.flags.ClassWeight
	}
	return text
}

// json describes the data and the model on them.
func (s *sample) json(unknowns int) problemJSON {
	f := &s.flags
	out := problemJSON{
		Name: s.set.Name, Unknowns: unknowns, Loss: f.Loss, L2: f.l2(), L1: f.L1, Scale: f.Scale, Intercept: f.Intercept, Rank: f.Rank,
		Weights: f.Weights, ClassWeight: f.ClassWeight, Validation: f.Validation,
	}
	out.Rows, _ = s.x.Dims()
	out.Features = s.columns
	out.Occurring = len(s.features.Kept)
	if f.Loss == "huber" {
		out.Delta = f.Delta
	}
	return out
}

// known returns the result of a model on a set that has been prepared and read successfully before. An error is therefore a bug.
func known[T any](said T, err error) T {
	if err != nil {
		panic("cli: " + err.Error())
	}
	return said
}

// accuracy returns the share of the rows whose class a model predicts correctly.
func accuracy(m *model.Model, rows seen) float64 {
	right, n := 0, len(rows.set.Y)
	for lo, hi := range spans(n) {
		part := *rows.set
		part.Y = part.Y[lo:hi]
		classes := known(m.PredictRows(data.Span(rows.x, lo, hi))).Classes
		for i, class := range known(m.Truth(&part)) {
			if class == classes[i] {
				right++
			}
		}
	}
	return float64(right) / float64(n)
}

// spans splits n rows into blocks, so that a few numbers per row of a block take little memory.
func spans(n int) iter.Seq2[int, int] {
	const piece = 1 << 16
	return func(yield func(lo, hi int) bool) {
		for lo := 0; lo < n && yield(lo, min(lo+piece, n)); lo += piece {
		}
	}
}

// worth returns the accuracy of a model of classes, or R² of a model of values.
func (s *sample) worth(m *model.Model, rows seen) (right, r2 *real) {
	switch {
	case s.target.classes != nil:
		return pointer(real(accuracy(m, rows))), nil
	case m.Kind == model.Linear || m.Kind == model.Network:
		return nil, pointer(real(metrics.R2(rows.set.Y, known(m.PredictRows(rows.x)).Values)))
	}
	return nil, nil
}

// measures returns the measurements of an evaluation: the objective, and the loss on each held-out set.
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
