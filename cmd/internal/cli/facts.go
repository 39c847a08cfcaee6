package cli

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"

	"steepest/objective"
	"steepest/optimum"
	"steepest/report"
)

// facts describes a problem, its constants and its solution for a report.
func facts(p problem, start string, best *optimum.Optimum) []report.Fact {
	list := []report.Fact{{Name: "Problem", Value: p.describe()}}
	if s := p.sample(); s != nil {
		list = append(list, report.Fact{Name: "Data", Value: s.describe()})
	}
	if p.traits().scattered {
		start += ", another for each seed"
	}
	list = append(list, report.Fact{Name: "Start", Value: start})
	if a, ok := p.sum().(objective.Analytic); ok {
		list = append(list, report.Fact{Name: "Constants", Value: constants(a.Constants())})
	}
	if p.traits().unsolvable {
		return append(list, report.Fact{Name: "Optimum", Value: "not known for a network; losses are compared"})
	}
	return append(list, solution(best)...)
}

// constants lists the constants of f that theorems use.
func constants(c objective.Constants) string {
	parts := []string{"L = " + number(c.L), "L_max = " + number(c.LMax), "μ = " + number(c.Mu)}
	if c.Mu > 0 && !math.IsInf(c.L, 1) {
		parts = append(parts, "κ = L/μ = "+number(c.L/c.Mu))
	}
	if c.PL > c.Mu {
		parts = append(parts, "PL = "+number(c.PL))
	}
	text := strings.Join(parts, ", ")
	if !c.Convex {
		text += "; not convex"
	}
	if c.Composite {
		text += "; of the smooth part"
	}
	return text
}

func number(v float64) string {
	if math.IsInf(v, 1) {
		return "∞"
	}
	return fmt.Sprintf("%.4g", v)
}

// solution says what is known about the optimum, and how it was found.
func solution(best *optimum.Optimum) []report.Fact {
	if best == nil {
		return []report.Fact{{Name: "Optimum", Value: "not asked for; losses are compared"}}
	}
	found := fmt.Sprintf("f* = %v by %s, %d steps", best.Value, best.Method, best.Iterations)
	switch {
	case best.Method == "closed form":
		found = fmt.Sprintf("f* = %g, known in closed form", best.Value)
	case best.Certified:
		found += "; " + certificate(best)
	default:
		found = fmt.Sprintf("not certified, so losses are compared: the least f found is %.12g by %s, %s",
			best.Value, best.Method, inFlags(best.Status))
	}
	facts := []report.Fact{{Name: "Optimum", Value: found}}
	if best.Certified {
		facts = append(facts, report.Fact{Name: "Noise at x*", Value: "σ*² = (1/n) Σ ‖∇fᵢ(x*)‖² = " + number(best.Noise)})
	}
	return facts
}

// certificate says how large the error of f* can be, and what proves it.
func certificate(best *optimum.Optimum) string {
	text := fmt.Sprintf("certified: it is at most %s off, proved by %v with all rounding counted", roundedUp(best.Gap), best.Proof)
	switch {
	case best.Proof == optimum.Unproved:
		return fmt.Sprintf("it is at most %s off by a duality gap in float64, whose own rounding is not counted", roundedUp(best.Gap))
	case best.Checked:
		return text + "; a second route, by an orthogonal factorization, agrees"
	case best.Proof == optimum.Curvature:
		return text + ", from eigenvalues that no second route has checked"
	}
	return text
}

// roundedUp formats a number with two digits, rounded up.
func roundedUp(v float64) string {
	text := fmt.Sprintf("%.1e", v)
	if short, _ := strconv.ParseFloat(text, 64); short < v {
		text = fmt.Sprintf("%.1e", v*1.05)
	}
	return text
}

// machineFacts describes the machine and the program that computed the numbers.
func (w *world) machineFacts() []report.Fact {
	machine := fmt.Sprintf("%d cores, %s/%s", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)
	if model := cpuModel(); model != "" {
		machine = model + ", " + machine
	}
	return []report.Fact{
		{Name: "Machine", Value: machine},
		{Name: "Version", Value: version()},
		{Name: "Instructions", Value: instructions()},
		{Name: "Command", Value: commandLine(w.args)},
	}
}

// commandLine joins the arguments, quoted for a shell.
func commandLine(args []string) string {
	text := "steepest"
	for _, arg := range args {
		if arg == "" || strings.ContainsAny(arg, " \t\n\"'`$&|;<>()*?[]#~!{}\\") {
			arg = "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
		}
		text += " " + arg
	}
	return text
}

// cpuModel returns the name of the processor on Linux.
func cpuModel() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
