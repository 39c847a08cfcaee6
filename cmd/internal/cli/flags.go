package cli

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"steepest/internal/decimal"
	"steepest/objective"
	"steepest/train"
)

var groups = []kong.Group{
	{Key: "problem", Title: "Problem:"},
	{Key: "run", Title: "Run:"},
	{Key: "race", Title: "Race:"},
	{Key: "suite", Title: "Suite:"},
	{Key: "output", Title: "Output:"},
	{Key: "read", Title: "Reading files:"},
}

// problemFlags are the flags that say what is minimized.
type problemFlags struct {
	Data       string   `group:"problem" placeholder:"NAME|PATH" help:"An embedded data set (steepest data lists them), a file (LIBSVM, CSV, VW, IDX; plain, .gz, .bz2, .zst; or Parquet), or the name of a file in a folder of $$STEEPEST_DATA. Default: digits."`
	Function   string   `group:"problem" placeholder:"NAME" set:"choices=rosenbrock, beale, himmelblau, booth, ripple or quadratic" help:"A test function instead of data: ${choices}."`
	Kappa      float64  `group:"problem" default:"100" placeholder:"NUMBER" help:"Condition number of --function quadratic (${default})."`
	Noise      float64  `group:"problem" default:"0" placeholder:"NUMBER" help:"Noise in the gradient of --function: the function becomes the mean of terms whose gradients differ from its own by vectors of this length (${default})."`
	L2         *float64 `group:"problem" name:"l2" placeholder:"NUMBER" help:"Penalty (l2/2)‖x‖². Default: 1e-3 for a linear model, 0 for a network or a product."`
	L1         float64  `group:"problem" name:"l1" default:"0" placeholder:"NUMBER" help:"Penalty l1·‖x‖₁, by its proximal operator (${default})."`
	Scale      string   `group:"problem" default:"maxabs" placeholder:"HOW" set:"choices=none, maxabs (largest absolute value 1), standard (mean 0, variance 1; dense data), or unit (rows of norm 1)" help:"Features: ${choices}. Default: ${default}."`
	Intercept  bool     `group:"problem" help:"A constant term without a penalty in each score of a linear model; a column of ones for a network or --rank."`
	Hidden     []int    `group:"problem" placeholder:"WIDTH" help:"Widths of the hidden layers of a network, such as 64 or 64,32, instead of a linear model."`
	Activation string   `group:"problem" default:"tanh" placeholder:"NAME" set:"choices=tanh, relu or gelu" help:"After each hidden layer: ${choices} (${default})."`
	LayerNorm  bool     `group:"problem" help:"Layer norm before each activation."`
	NoBias     bool     `group:"problem" help:"No biases in the layers of a network."`
	Rank       int      `group:"problem" placeholder:"N" help:"Approximate the matrix of features by a product U·Vᵀ of this rank, by least squares over its entries, instead of predicting labels. For a sparse file, over the entries that it holds."`
	Start      string   `group:"problem" placeholder:"WHERE" set:"choices=zero, normal" help:"${choices}, normal(SIGMA), numbers x,y,…, or a model (a file in .json) of the same problem. Default: for a linear model normal(SIGMA) with a hundredth of a typical length of its weights, often 0.01, which lets methods that scale with ‖x‖ leave the origin; for a network, uniform in ±1/√inputs, different for each seed; for a function, its customary point."`
	sampleFlags
	oneVsRest bool   // set only by fit
	cache     string // the value of --cache, which only minimize and fit have
}

// sampleFlags are the flags that say which data a model is fitted to, and which judge it.
type sampleFlags struct {
	Loss        string  `group:"problem" placeholder:"NAME" set:"choices=logistic, softmax, least-squares, one-hot (least squares for each class), hinge, squared-hinge or huber" help:"${choices}. Default, by the labels: logistic for two classes, softmax for 3 to 100 whole numbers, else least-squares."`
	Delta       float64 `group:"problem" default:"1" placeholder:"NUMBER" help:"Where the Huber loss turns linear (${default})."`
	Weights     string  `group:"problem" placeholder:"COLUMN" help:"Column of a CSV or Parquet file with the weights of the rows, named like --label: 2 counts a row twice, and 0 leaves it out; --scale and --impute count each row once. For linear models; each held-out row counts once."`
	ClassWeight string  `group:"problem" placeholder:"WEIGHTS" help:"Weights of classes, such as yes=2,no=1, which multiply those of the rows; balanced gives each class the same sum of weights, and balanced-rows does so regardless of --weights. Default: 1."`
	Test        string  `group:"problem" placeholder:"NAME|PATH" help:"Held-out data with the same columns; the loss on them is measured along the run."`
	ignoreUnknown
	Validation float64 `group:"problem" placeholder:"SHARE" help:"Hold out this share of the rows, such as 0.2, and measure the loss on them along the run. Each class keeps its share, and the rows depend on --seed alone."`

	readFlags
}

// ignoreUnknown is a flag for rows other than the training rows.
type ignoreUnknown struct {
	IgnoreUnknown bool `group:"read" help:"Count a category that the model does not know, or a missing one, as none of the categories of its column, instead of refusing it."`
}

// readFlags are the flags that say how a data file is read.
type readFlags struct {
	Format      string `group:"read" placeholder:"NAME" set:"choices=libsvm, csv, parquet, vw or idx" help:"${choices}. Default: by name and content."`
	Label       string `group:"read" placeholder:"COLUMN" help:"Column of a CSV or Parquet file with the labels: a name, or a position from 1, or from -1 backwards. Default: the last one that is not dropped."`
	Columns     names  `group:"read" placeholder:"COLUMN,…" help:"Columns of a CSV or Parquet file that become features: names, positions, or ranges such as 2-5 and 2-. A name with a comma stands in quotes, as in CSV: '\"a,b\",c'. Default: all but the column of the labels."`
	Drop        names  `group:"read" placeholder:"COLUMN,…" help:"Columns to leave out, written like --columns."`
	Categorical names  `group:"read" placeholder:"COLUMN,…" help:"Columns of categories, written like --columns: each word becomes a feature that is 1 in its rows and 0 in others. The model keeps the words, and knows no others."`
	Header      string `group:"read" default:"auto" placeholder:"auto|yes|no" set:"choices=auto, yes or no" help:"Whether the first CSV line names the columns: ${choices} (${default})."`
	Delimiter   string `group:"read" placeholder:"CHARACTER" help:"Separator of CSV columns. Default: a comma, semicolon, tab or bar, as the file shows, and a tab for .tsv."`
	Decimal     string `group:"read" placeholder:"CHARACTER" help:"Decimal point of a CSV file, a point or a comma. Default: as the file shows."`
	Missing     string `group:"read" placeholder:"MARKS" help:"More marks for missing values in a CSV or Parquet file, written like a list of --columns, such as unknown,-999. An empty cell, ?, NA, NaN, null and similar are always missing."`
	Impute      bool   `group:"read" help:"Replace missing numbers in a CSV or Parquet file by the mean of their column, and make missing words a category of their own, instead of refusing them."`
	ZeroBased   bool   `group:"read" help:"LIBSVM indices count from 0."`
	MinFeatures int    `group:"read" placeholder:"N" help:"At least this many LIBSVM columns."`
	Bits        int    `group:"read" placeholder:"N" help:"Names in the text of Vowpal Wabbit are hashed to 2^N columns. Default: those of the model, or 18."`
	HashAll     bool   `group:"read" help:"Also hash names that are whole numbers, like --hash all of Vowpal Wabbit. Default: as for the model."`
	Interact    names  `group:"read" name:"interactions" placeholder:"LETTERS,…" help:"Multiply the features of namespaces in Vowpal Wabbit's format, which are given by the first letters of their names, like its -q ab and --interactions abc. Default: as for the model."`
	Labels      string `group:"read" placeholder:"PATH" help:"IDX file of the labels. Default: found by the name of the images."`
}

// runFlags are the flags that say how a method runs.
type runFlags struct {
	Batch     string        `group:"run" short:"b" default:"32" placeholder:"SIZE" help:"Terms that a step draws, or full (${default}). Methods meant for full batches use them unless told otherwise."`
	Sampling  string        `group:"run" default:"with-replacement" placeholder:"HOW" set:"choices=with-replacement, reshuffle, shuffle-once, sequential, or blocks (reshuffle for data on the disk)" help:"${choices}. Default: ${default}."`
	Epochs    float64       `group:"run" placeholder:"N" help:"Budget in passes over the data. Default: 20, unless --steps or --time is given, or 1000 on a function."`
	Steps     int           `group:"run" placeholder:"N" help:"Budget in steps."`
	Time      time.Duration `group:"run" placeholder:"DURATION" help:"Budget in time, such as 30s, without evaluations."`
	Step      string        `group:"run" enum:"theory," default:"" placeholder:"theory" help:"theory: methods without an lr use the step size that a theorem recommends for the problem, if there is one. lr=theory does so for one method, and lr=theory(NAME) takes the step size of one theorem."`
	Seed      uint64        `group:"run" default:"1" placeholder:"N" help:"Seed of all random numbers (${default})."`
	Average   string        `group:"run" default:"none" placeholder:"FORM" set:"choices=none, uniform, step-weighted, suffix, exponential or blend" help:"Average of the iterates to evaluate: ${choices} (${default})."`
	Precision string        `group:"run" default:"float64" enum:"float64,float32" placeholder:"TYPE" help:"Number format of the run: float64, or float32, which is faster (${default})."`
	Every     int           `group:"run" placeholder:"N" help:"Steps between evaluations. Default: a hundredth of the budget, less often on large data, and powers of 2 before the first of them."`
	kernelFlags
}

// l2 returns the ℓ2 penalty that the flags set.
func (f *problemFlags) l2() float64 {
	switch {
	case f.L2 != nil:
		return *f.L2
	case len(f.Hidden) > 0 || f.Rank > 0:
		return 0
	}
	return 1e-3
}

// settings converts the flags to the settings of train.
func (f *runFlags) settings(p problem) (s train.Settings, err error) {
	s = train.Settings{Epochs: f.Epochs, Steps: f.Steps, Runtime: f.Time, Seed: f.Seed, EvaluateEvery: f.Every, EvaluateEvenly: f.Every > 0}
	if s.Epochs > math.MaxInt32 {
		return s, usage("--steps or --time limit a run, too", "--epochs is %v, want at most %d", f.Epochs, math.MaxInt32)
	}
	if s.Epochs == 0 && s.Steps == 0 && s.Runtime == 0 {
		s.Epochs = p.traits().epochs
	}
	if f.Batch != "full" {
		if s.Batch, err = strconv.Atoi(decimal.Whole(f.Batch)); err != nil || s.Batch < 1 {
			return s, usage("", "--batch: %q is neither a positive whole number nor full", f.Batch)
		}
		if err := refuseBatch(s.Batch); err != nil {
			return s, err
		}
	}
	if p.traits().whole {
		s.Batch = 0
	}
	if err := s.Sampling.UnmarshalText([]byte(f.Sampling)); err != nil {
		return s, usage("", "--sampling: %w", err)
	}
	if err := s.Average.Form.UnmarshalText([]byte(f.Average)); err != nil {
		return s, usage("", "--average: %w", err)
	}
	return s, nil
}

// startOf returns the starting point of the runs with a seed, and its name.
func startOf(p problem, where string, seed uint64) (x []float64, text string, err error) {
	d := objective.Dim(p.sum())
	switch {
	case where == "":
		x, text = p.start(seed)
		return x, text, nil
	case where == "zero":
		return make([]float64, d), where, nil
	case where == "normal":
		where = "normal(1)"
	case isModel(where):
		x, err = startFrom(p, where)
		return x, where, err
	}
	if inner, ok := strings.CutPrefix(where, "normal("); ok {
		inner, closed := strings.CutSuffix(inner, ")")
		sigma, ok := decimal.ParseFinite(inner)
		if !ok || !closed || sigma <= 0 {
			return nil, "", usage("", "--start: %q is not normal(SIGMA) with a positive number", where)
		}
		return normal(d, sigma, seed), where, nil
	}
	x = make([]float64, d)
	return x, where, parsePoint(x, where)
}

// isModel reports whether --start names the file of a model.
func isModel(where string) bool { return filepath.Ext(where) == ".json" }

// startFrom returns the parameters of a model in a file. Its kind and shape must be those of the problem.
func startFrom(p problem, path string) ([]float64, error) {
	m, err := readModel(path)
	if err != nil {
		return nil, err
	}
	like := p.saved(make([]float64, objective.Dim(p.sum())))
	m = m.WithFeaturesOf(like)
	same := m.Kind == like.Kind && len(m.Params) == len(like.Params) && slices.Equal(m.Names, like.Names)
	for i := range like.Params {
		same = same && m.Params[i].Name == like.Params[i].Name && slices.Equal(m.Params[i].Shape, like.Params[i].Shape)
	}
	if !same {
		return nil, badData("start from a model of the same features, classes and layers", "--start: %s is a model of another shape", path)
	}
	return m.X(), nil
}

// noise returns the start of a linear model or of factors: a little noise relative to a typical length of x. From 0, methods that scale
// their steps with ‖x‖ could not move.
func noise(p problem, length float64, seed uint64) (x []float64, text string) {
	sigma := length / 100
	return normal(objective.Dim(p.sum()), sigma, seed), fmt.Sprintf("normal(%v)", sigma)
}

// normal returns d numbers from a normal distribution with standard deviation sigma.
func normal(d int, sigma float64, seed uint64) []float64 {
	x, random := make([]float64, d), rand.New(rand.NewPCG(seed, 0))
	for i := range x {
		x[i] = sigma * random.NormFloat64()
	}
	return x
}

// parsePoint reads the coordinates of a point.
func parsePoint(x []float64, text string) error {
	parts := strings.Split(text, ",")
	if len(parts) != len(x) {
		return usage("write zero, normal, normal(SIGMA), or one number for each unknown",
			"--start: there are %d unknowns, and the numbers in %q are %d", len(x), text, len(parts))
	}
	for i, part := range parts {
		var ok bool
		if x[i], ok = decimal.ParseFinite(strings.TrimSpace(part)); !ok {
			return usage("", "--start: %q is not a finite number", strings.TrimSpace(part))
		}
	}
	return nil
}
