package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"steepest/bench/paired"
	"steepest/data"
)

// comparePasses prints a row for each number of passes of Vowpal Wabbit: the time from the text to the saved model.
func (s settings) comparePasses(rows *data.CSR, labels []float64, p *peers) error {
	text := filepath.Join(p.dir, "rows.vw")
	if err := os.WriteFile(text, vwText(rows, labels), 0o600); err != nil {
		return err
	}
	for passes := range strings.SplitSeq(s.passes, ",") {
		_, loss, err := p.vw(text, passes)
		if err != nil {
			return err
		}
		lambda, tolerance, err := s.reach(loss, text, rows, p)
		if err != nil {
			return err
		}
		var ours, theirs, ratios []float64
		var reached float64
		for range s.rounds {
			fit, value, err := s.program(text, lambda, tolerance, 0, rows.Cols, p)
			if err != nil {
				return err
			}
			vw, _, err := p.vw(text, passes)
			if err != nil {
				return err
			}
			ours, theirs, ratios, reached = append(ours, 1e3*fit), append(theirs, 1e3*vw), append(ratios, vw/fit), value
		}
		fmt.Printf("| %s | %s | %.0f | %.0f | %.6f, %.6f | %.1g/n, %g |\n", passes, paired.SpreadOf(ratios),
			paired.SpreadOf(ours).Median, paired.SpreadOf(theirs).Median, reached, loss, lambda*float64(rows.Rows), tolerance)
	}
	return nil
}

// vwText returns the rows in Vowpal Wabbit's format. A name without a namespace that is a whole number is the column itself.
func vwText(rows *data.CSR, labels []float64) (text []byte) {
	for i, y := range labels {
		text = fmt.Append(text, y, " |")
		columns, values := rows.Row(i)
		for k, j := range columns {
			text = strconv.AppendUint(append(text, ' '), uint64(j), 10)
			text = strconv.AppendFloat(append(text, ':'), values[k], 'g', -1, 64)
		}
		text = append(text, '\n')
	}
	return text
}

// reach returns the largest λ₂ of 1/n, 0.1/n and so on, and then the loosest tolerance, with which the program reaches a loss.
func (s settings) reach(loss float64, text string, rows *data.CSR, p *peers) (lambda, tolerance float64, err error) {
	for lambda = 1 / float64(rows.Rows); lambda > 1e-12; lambda /= 10 {
		for _, tolerance = range []float64{0.3, 0.1, 0.01, 0.001} {
			_, value, err := s.program(text, lambda, tolerance, 0, rows.Cols, p)
			if err != nil || value <= loss {
				return lambda, tolerance, err
			}
		}
	}
	return 0, 0, fmt.Errorf("no λ₂ reaches the loss %v of Vowpal Wabbit", loss)
}

// program returns the processor time of a process of steepest fit, and F of its weights with the penalty (μ/2)‖w‖².
func (s settings) program(text string, lambda, tolerance, mu float64, columns int, p *peers) (seconds, value float64, err error) {
	path := filepath.Join(p.dir, "model.json")
	command := exec.Command(s.steepest, "fit", text, "--loss=logistic", fmt.Sprint("--l2=", lambda), fmt.Sprint("--tolerance=", tolerance),
		"--no-intercept", "--scale=none", "--quiet", "--model="+path)
	if said, err := command.CombinedOutput(); err != nil {
		return 0, 0, fmt.Errorf("%w: %s", err, said)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		return 0, 0, err
	}
	var model struct {
		Kept       []int
		Parameters []struct{ Values []float64 }
	}
	if err := json.Unmarshal(file, &model); err != nil {
		return 0, 0, err
	}
	w := model.Parameters[0].Values
	if model.Kept != nil { // the columns that occur
		w = make([]float64, columns)
		for k, j := range model.Kept {
			w[j] = model.Parameters[0].Values[k]
		}
	}
	value, err = p.value(w, "logistic", "l2", mu)
	return (command.ProcessState.UserTime() + command.ProcessState.SystemTime()).Seconds(), value, err
}

// vw returns the processor time of Vowpal Wabbit and the mean loss of its weights.
func (p *peers) vw(text, passes string) (seconds, value float64, err error) {
	line, err := p.Ask("vw\t%s\t%s", text, passes)
	if err == nil {
		_, err = fmt.Sscan(line, &seconds, &value)
	}
	return seconds, value, err
}
