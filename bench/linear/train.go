package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"steepest/bench/paired"
	"steepest/data"
)

// compareTrain prints a row for each solver of LIBLINEAR's program: the time from the text to the saved model.
func (s settings) compareTrain(label string, lambda float64, set *data.Set, p *peers) error {
	text := filepath.Join(p.dir, "rows.libsvm")
	if err := writeText(text, set); err != nil {
		return err
	}
	rows, columns := set.X.Dims()
	for _, solver := range []string{"0", "7"} {
		c := fmt.Sprint(1 / (float64(rows) * lambda)) // of LIBLINEAR's ½‖w‖² + C Σ loss
		theirs := func() (float64, float64, error) { return s.liblinear(text, solver, c, lambda, columns, p) }
		_, least, err := theirs()
		if err != nil {
			return err
		}
		tolerance, err := s.loosest(least, text, lambda, columns, p)
		if err != nil {
			return err
		}
		var fits, trains, ratios []float64
		var reached float64
		for range s.rounds {
			fit, value, err := s.program(text, lambda, tolerance, lambda, columns, p)
			if err != nil {
				return err
			}
			train, _, err := theirs()
			if err != nil {
				return err
			}
			fits, trains, ratios, reached = append(fits, 1e3*fit), append(trains, 1e3*train), append(ratios, train/fit), value
		}
		fmt.Printf("| %s | -s %s | %s | %.0f | %.0f | %.6f, %.6f | %.1g |\n", label, solver, paired.SpreadOf(ratios),
			paired.SpreadOf(fits).Median, paired.SpreadOf(trains).Median, reached, least, tolerance)
	}
	return nil
}

func writeText(path string, set *data.Set) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return data.WriteLIBSVM(file, set)
}

// loosest returns the loosest tolerance with which the program reaches F, to rounding.
func (s settings) loosest(value float64, text string, lambda float64, columns int, p *peers) (float64, error) {
	for tolerance := range tolerances {
		if tolerance == 1 { // which the program refuses
			continue
		}
		_, reached, err := s.program(text, lambda, tolerance, lambda, columns, p)
		if err != nil || reached <= value*(1+1e-12) {
			return tolerance, err
		}
	}
	return 0, fmt.Errorf("no tolerance reaches F = %v", value)
}

// liblinear returns the processor time of LIBLINEAR's program, and F of its weights.
func (s settings) liblinear(text, solver, c string, lambda float64, columns int, p *peers) (seconds, value float64, err error) {
	path := filepath.Join(p.dir, "liblinear.model")
	command := exec.Command(s.train, "-q", "-s", solver, "-c", c, text, path)
	if said, err := command.CombinedOutput(); err != nil {
		return 0, 0, fmt.Errorf("%w: %s", err, said)
	}
	model, err := os.ReadFile(path)
	if err != nil {
		return 0, 0, err
	}
	head, numbers, _ := strings.Cut(string(model), "\nw\n")
	w := make([]float64, columns)
	for j, number := range strings.Fields(numbers) {
		if w[j], err = strconv.ParseFloat(number, 64); err != nil {
			return 0, 0, err
		}
		if strings.Contains(head, "label -1 ") { // the weights of its first label
			w[j] = -w[j]
		}
	}
	value, err = p.value(w, "logistic", "l2", lambda)
	return (command.ProcessState.UserTime() + command.ProcessState.SystemTime()).Seconds(), value, err
}
