package cli

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"unicode/utf8"

	"steepest/data"
	"steepest/internal/decimal"
	"steepest/internal/printable"
	"steepest/metrics"
	"steepest/model"
)

type predictCmd struct {
	Model string `arg:"" placeholder:"MODEL" help:"A model that steepest fit -o or minimize --model has saved; - is the standard input."`
	Data  string `group:"problem" required:"" placeholder:"NAME|PATH" help:"The rows to predict, as for minimize. Columns with names are found by name, and a table may lack the column of labels."`
	readFlags
	ignoreUnknown
	Out  string `group:"output" short:"o" placeholder:"FILE" help:"Where the predictions go, as CSV. Default: the standard output."`
	JSON bool   `group:"output" name:"json" help:"Print only the summary, as JSON: the files, the rows, and the metrics if the data have labels. Predictions go to --out."`
}

// Help shows how predict is used.
func (predictCmd) Help() string {
	return `Writes a line for each row: the class and the probability of each, the class and the decision, or the value. Each number has the
digits that give back the same float64, as pandas writes it. Where the data have labels, the metrics of the model follow. Examples:

    steepest fit wine.csv --label class -o model.json
    steepest minimize adam:lr=0.01 --data digits --model digits.json
    steepest predict digits.json --data digits -o predictions.csv
    steepest predict model.json --data new.csv --json`
}

// Run predicts.
func (c *predictCmd) Run(w *world) error {
	if err := w.refuse(silence{[]string{"columns", "drop", "categorical", "impute"}, true, "has no effect, since the model knows its columns"}); err != nil {
		return err
	}
	if err := refuseOutputs(append(c.inputs("--data", c.Data), flagPath{"the model", c.Model}), flagPath{"out", c.Out}); err != nil {
		return err
	}
	m, err := readModel(c.Model)
	if err != nil {
		return err
	}
	set, err := c.rows(w, m)
	if err != nil {
		return err
	}
	if err := cmp.Or(w.refuseReading(set), refuseUncategorized(m.Source, set)); err != nil {
		return err
	}
	told := w.notice("predicting")
	predicted, err := m.Predict(set)
	told()
	if err != nil {
		return badData(cmp.Or(valueHint(err), "the columns must be those that the model was fitted to"), "%s", inFlags(err.Error()))
	}
	c.sayReading(w, set)
	sayColumns(w, m.Expect(), set)
	sayUnseen(w, m, set)
	rows := labeled(set)
	sayUnlabeled(w, set, len(rows))
	bar := w.progress(counting("writing predictions", "rows"))
	defer bar.end()
	write := func(out io.Writer) error { return writePredictions(out, m, predicted, bar) }
	switch {
	case c.Out != "":
		err = w.save(c.Out, write)
	case !c.JSON && w.stdout.tty: // escape control characters in the names of classes
		var text strings.Builder
		if err = write(&text); err == nil {
			_, err = io.WriteString(w.stdout, printable.Lines(text.String()))
		}
	case !c.JSON:
		err = write(w.stdout)
	}
	if err != nil {
		return err
	}
	if len(rows) == 0 && c.JSON {
		all, _ := set.X.Dims()
		return c.writeScores(w.stdout, m, all, 0, nil, nil)
	} else if len(rows) == 0 {
		return nil
	}
	return c.judge(w, m, set, rows, predicted)
}

// valueHint returns the hint for a data.ValueError; "" for another error.
func valueHint(err error) string {
	wrong := (*data.ValueError)(nil)
	switch {
	case !errors.As(err, &wrong):
		return ""
	case wrong.Missing:
		return "fill it in; a model that is fitted with --impute keeps the mean of each column"
	}
	return "correct the value or remove the row"
}

// readModel reads a model from a file, or from the standard input for "-".
func readModel(path string) (*model.Model, error) {
	in := io.Reader(os.Stdin)
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, badData("steepest fit DATA -o FILE saves one", "%w", unreadable("model", path, err))
		}
		defer f.Close()
		in = f
	}
	m, err := model.Load(in)
	if errors.Is(err, syscall.EISDIR) {
		return nil, badData("steepest generate and steepest evaluate read the folder of a language model", "%s is a folder, and the model is a file", path)
	}
	if err != nil {
		return nil, badData("steepest fit DATA -o FILE saves a model", "%s: %s", path, strings.TrimPrefix(err.Error(), "model: "))
	}
	return m, nil
}

// rows reads the data for a model.
func (c *predictCmd) rows(w *world, m *model.Model) (*data.Set, error) {
	options, err := c.options()
	if err != nil {
		return nil, err
	}
	options.CSV.Expect, options.CSV.KeepMissing = m.Expect(), true // the model replaces missing values
	options.CSV.IgnoreUnknown = c.IgnoreUnknown
	options.CSV.Unlabeled, options.LIBSVM.Unlabeled, options.VW.Unlabeled = true, true, true
	options.LIBSVM.ZeroBased = options.LIBSVM.ZeroBased || m.ZeroBased
	hashLike(&options, m.Hashing, m.Columns)
	set, err := c.openWith(w, c.Data, options)
	if err == nil {
		err = refuseOtherHash(m.Hashing, m.Columns, set)
	}
	return set, err
}

// sayUnlabeled says how many rows have no label, where n have one.
func sayUnlabeled(w *world, set *data.Set, n int) {
	switch rows := len(set.Y); {
	case rows > 0 && n == 0:
		w.say("%s: no row has a label, so the predictions are not measured\n", set.Name)
	case n < rows:
		w.say("%s: %d of %d rows have no label; the predictions are measured on the others\n", set.Name, rows-n, rows)
	}
}

// labeled returns the rows that have a label.
func labeled(set *data.Set) (rows []int) {
	for i, y := range set.Y {
		if y == y {
			rows = append(rows, i)
		}
	}
	return rows
}

// pick returns the given rows of a matrix with some numbers in each row, or the matrix itself if these are all rows.
func pick[T any](m []T, width int, rows []int) (picked []T) {
	if len(m) == width*len(rows) || m == nil {
		return m
	}
	for _, i := range rows {
		picked = append(picked, m[i*width:(i+1)*width]...)
	}
	return picked
}

// writePredictions writes a line for each row, below the names of the columns.
func writePredictions(out io.Writer, m *model.Model, p *model.Predictions, bar *progress) error {
	defer bar.end()
	w := csv.NewWriter(out)
	if p.Classes == nil {
		_ = w.Write([]string{"value"}) // Error returns the error later
		for i, v := range p.Values {
			bar.set(int64(i), int64(len(p.Values)))
			_ = w.Write([]string{decimal.Text(v)})
		}
		w.Flush()
		return w.Error()
	}
	names := classNames(m)
	header := []string{"class"}
	switch {
	case p.Probabilities != nil:
		header = append(header, names...)
	case p.Values != nil:
		header = append(header, "decision")
	}
	_ = w.Write(header)
	for i, class := range p.Classes {
		bar.set(int64(i), int64(len(p.Classes)))
		row := []string{names[class]}
		switch k := len(names); {
		case p.Probabilities != nil:
			for _, v := range p.Probabilities[i*k : (i+1)*k] {
				row = append(row, decimal.Text(v))
			}
		case p.Values != nil:
			row = append(row, decimal.Text(p.Values[i]))
		}
		_ = w.Write(row)
	}
	w.Flush()
	return w.Error()
}

// classNames returns the names of the classes, or their numbers.
func classNames(m *model.Model) []string {
	if m.ClassNames != nil {
		return m.ClassNames
	}
	var names []string
	for _, c := range m.Classes {
		names = append(names, decimal.Text(c))
	}
	return names
}

// score is a metric by name.
type score struct {
	name  string
	value float64
}

// judge prints the quality of the predictions of the given rows, which have labels.
func (c *predictCmd) judge(w *world, m *model.Model, set *data.Set, rows []int, p *model.Predictions) error {
	told := w.notice("measuring the predictions")
	defer told()
	var scores []score
	var confusion [][]int
	k := len(m.Classes)
	p = &model.Predictions{Classes: pick(p.Classes, 1, rows), Probabilities: pick(p.Probabilities, k, rows), Values: pick(p.Values, 1, rows)}
	if p.Classes == nil {
		y := pick(set.Y, 1, rows)
		scores = []score{{"RMSE", metrics.RMSE(y, p.Values)}, {"MAE", metrics.MAE(y, p.Values)}, {"R2", metrics.R2(y, p.Values)}}
	} else {
		all := *set
		if len(rows) < len(set.Y) {
			all.Y = slices.Clone(set.Y)
			for i, y := range all.Y {
				if y != y {
					all.Y[i] = all.Y[rows[0]] // any label that may be known
				}
			}
		}
		truth, err := m.Truth(&all)
		if err != nil {
			return badData("the predictions are written; the metrics need labels that the model knows", "%s", inFlags(err.Error()))
		}
		truth = pick(truth, 1, rows)
		scores = append(scores, score{"accuracy", metrics.Accuracy(truth, p.Classes)})
		switch {
		case p.Probabilities != nil:
			scores = append(scores, score{"log loss", metrics.LogLoss(truth, p.Probabilities, k)},
				score{"AUC", metrics.MacroAUC(truth, p.Probabilities, k)})
		case p.Values != nil:
			scores = append(scores, score{"AUC", metrics.AUC(truth, p.Values)})
		}
		confusion = metrics.Confusion(truth, p.Classes, k)
	}
	told()
	if c.JSON {
		return c.writeScores(w.stdout, m, len(set.Y), len(rows), scores, confusion)
	}
	out := w.stdout
	if c.Out == "" {
		out = w.stderr // the standard output has the predictions
	}
	_, err := io.WriteString(out, scoresText(classNames(m), len(rows), scores, confusion))
	return err
}

// writeScores writes the summary as JSON. Without labels there are no scores. Measured is the number of rows with labels.
func (c *predictCmd) writeScores(out io.Writer, m *model.Model, rows, measured int, scores []score, confusion [][]int) error {
	list := map[string]any{"model": c.Model, "data": c.Data, "rows": rows}
	if measured > 0 && measured < rows {
		list["measured"] = measured
	}
	if c.Out != "" {
		list["predictions"] = c.Out
	}
	for _, s := range scores {
		list[strings.ReplaceAll(strings.ToLower(s.name), " ", "_")] = real(s.value)
	}
	if confusion != nil {
		list["classes"], list["confusion"] = classNames(m), confusion
	}
	return writeJSON(out, list)
}

func scoresText(classes []string, rows int, scores []score, confusion [][]int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-12s %d\n", "rows", rows)
	for _, s := range scores {
		text := "not defined on these rows"
		if !math.IsNaN(s.value) {
			text = fmt.Sprintf("%.6g", s.value)
		}
		fmt.Fprintf(&b, "%-12s %s\n", s.name, text)
	}
	if confusion == nil || len(classes) > 20 {
		return b.String()
	}
	fmt.Fprintf(&b, "%-12s true class by row, predicted by column\n", "confusion")
	width := 6
	classes = slices.Clone(classes)
	for i, name := range classes {
		classes[i] = printable.Text(name)
		width = max(width, utf8.RuneCountInString(classes[i]))
	}
	line := func(head string, cells func(j int) string) {
		fmt.Fprintf(&b, "%12s", head)
		for j := range classes {
			fmt.Fprintf(&b, " %*s", width, cells(j))
		}
		b.WriteString("\n")
	}
	line("", func(j int) string { return classes[j] })
	for i, row := range confusion {
		line(classes[i], func(j int) string { return strconv.Itoa(row[j]) })
	}
	return b.String()
}
