package cli

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"runtime"
	"strings"

	"steepest/objective"
	"steepest/optimum"
	"steepest/report"
)

// facts describes a problem, its constants and its solution for a report.
func (p *problem) facts(best *optimum.Optimum) []report.Fact {
	facts := []report.Fact{{Name: "Problem", Value: p.describe()}}
	if p.set != nil {
		facts = append(facts, report.Fact{Name: "Data", Value: p.describeData()})
	}
	start := report.Fact{Name: "Start", Value: p.startText()}
	if p.flags.isNetwork() {
		start.Value += ", another for each seed"
	}
	facts = append(facts, start)
	if a, ok := p.FiniteSum.(objective.Analytic); ok {
		facts = append(facts, report.Fact{Name: "Constants", Value: constants(a.Constants())})
	}
	if p.flags.isNetwork() {
		return append(facts, report.Fact{Name: "Optimum", Value: "not known for a network; losses are compared"})
	}
	return append(facts, solution(best)...)
}

func (p *problem) describe() string {
	if p.function != nil {
		return fmt.Sprintf("%s, %d unknowns, no noise", p.title(), objective.Dim(p.FiniteSum))
	}
	f := p.flags
	if p.factors != nil {
		return fmt.Sprintf("least squares over %d entries, a product of rank %d, λ₂ = %g, %d unknowns",
			p.factors.Len(), f.Rank, f.l2(), objective.Dim(p.FiniteSum))
	}
	text := fmt.Sprintf("%s, λ₂ = %g, λ₁ = %g, %d unknowns", f.Loss, f.l2(), f.L1, objective.Dim(p.FiniteSum))
	if f.Loss == "huber" {
		text += fmt.Sprintf(", δ = %g", f.Delta)
	}
	if p.flags.isNetwork() {
		text += fmt.Sprintf(", network %s, %s", p.layers(), f.Activation)
		if f.LayerNorm {
			text += ", layer norm"
		}
		if f.NoBias {
			text += ", no biases"
		}
	}
	return text
}

func (p *problem) describeData() string {
	rows, cols := p.set.X.Dims()
	text := fmt.Sprintf("%s, %d rows, %d features, density %.3g", p.name, rows, cols, p.density)
	if p.classes != nil {
		text += fmt.Sprintf(", %d classes", len(p.classes))
	}
	text += ", scaling " + p.flags.Scale
	if p.flags.Intercept {
		text += ", a column of ones"
	}
	return text
}

// constants writes what theorems ask of f.
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

// solution writes what is known of the optimum and how.
func solution(best *optimum.Optimum) []report.Fact {
	if best == nil {
		return []report.Fact{{Name: "Optimum", Value: "not asked for; losses are compared"}}
	}
	found := fmt.Sprintf("f* = %.12g by %s, %d steps", best.Value, best.Method, best.Iterations)
	switch {
	case best.Method == "closed form":
		found = fmt.Sprintf("f* = %g, known in closed form", best.Value)
	case best.Certified:
		found += fmt.Sprintf("; certified: f − f* ≤ %.2g", best.Gap)
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

// machineFacts describes where and by what the numbers were made.
func (w *world) machineFacts() []report.Fact {
	machine := fmt.Sprintf("%d cores, %s/%s", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)
	if model := cpuModel(); model != "" {
		machine = model + ", " + machine
	}
	return []report.Fact{
		{Name: "Machine", Value: machine},
		{Name: "Version", Value: version()},
		{Name: "Command", Value: commandLine(w.args)},
	}
}

// commandLine writes the arguments as a shell takes them.
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

// cpuModel returns the name of the processor where Linux tells it.
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
