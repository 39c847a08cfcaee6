// Package schedule gives step sizes as closed-form functions of the step.
//
// A schedule has no memory: the step size α_k depends on k alone, so a run that is resumed at step k goes on exactly as
// if it had never stopped, and a plot of the whole schedule costs nothing. Steps count from 0, as in the lecture.
package schedule

import (
	"math"
	"slices"

	"steepest/internal/cosine"
)

// Schedule is a step size α_k as a function of the step.
type Schedule interface {
	// At returns α_k for k ≥ 0.
	At(k int) float64
}

// Constant is α_k = α.
type Constant float64

// At returns α.
func (c Constant) At(int) float64 { return float64(c) }

// OrConstant returns s, or the constant step size def if s is nil (left open by a rule).
func OrConstant(s Schedule, def float64) Schedule {
	if s == nil {
		return Constant(def)
	}
	return s
}

// InvSqrt is the lecture's decreasing step of the convex case, α_k = α₀/√(k+1).
type InvSqrt struct{ Initial float64 }

// At returns α₀/√(k+1).
func (s InvSqrt) At(k int) float64 { return s.Initial / math.Sqrt(float64(k+1)) }

// StronglyConvex is the lecture's step for μ-strongly convex (or PL) problems, α_k = (2k+1)/(2μ(k+1)²) (Karimi, Nutini
// and Schmidt 2016, theorem 4). Its first step is 1/(2μ), which is κ/2 times the usual 1/L. On an ill-conditioned problem it
// first moves far away from the solution before it converges. Switch avoids this.
type StronglyConvex struct{ Mu float64 }

// At returns (2k+1)/(2μ(k+1)²).
func (s StronglyConvex) At(k int) float64 {
	t := float64(k + 1)
	return (2*t - 1) / (2 * s.Mu * t * t)
}

// Switch is the safe step for μ-strongly convex problems, 1/(2L) while k ≤ 4⌈L/μ⌉ and (2k+1)/(μ(k+1)²) from there on, which
// begins where the constant ends (Gower, Loizou, Qian, Sailanbayev, Shulgin and Richtárik 2019, theorem 3.2). L is the
// smoothness of the stochastic gradients: L_max for one term at a time.
type Switch struct{ Mu, L float64 }

// At returns 1/(2L), or (2k+1)/(μ(k+1)²) beyond step 4⌈L/μ⌉.
func (s Switch) At(k int) float64 {
	if float64(k) <= 4*math.Ceil(s.L/s.Mu) {
		return 1 / (2 * s.L)
	}
	return 2 * StronglyConvex{s.Mu}.At(k)
}

// Inverse is α_k = α₀/(1 + γk), the Robbins–Monro step 1/k with its transient; γ is Decay. torch's lr_decay of AdaGrad is γ. Decay 0
// stands for γ = 1, that is α₀/(k+1). The form β/(γ′+k) of Bottou, Curtis and Nocedal (2018) is α₀ = β/γ′, γ = 1/γ′.
type Inverse struct{ Initial, Decay float64 }

// At returns α₀/(1 + γk).
func (s Inverse) At(k int) float64 {
	decay := s.Decay
	if decay == 0 {
		decay = 1
	}
	return s.Initial / (1 + float64(decay*float64(k)))
}

// Polynomial goes from Initial to Final over Steps steps as (1 − k/Steps)^Power and stays there. Power 0 stands for 1,
// a straight line.
type Polynomial struct {
	Initial, Final float64
	Steps          int
	Power          float64
}

// At returns Final + (Initial − Final)(1 − k/Steps)^Power.
func (s Polynomial) At(k int) float64 {
	power := s.Power
	if power == 0 {
		power = 1
	}
	return s.Final + float64((s.Initial-s.Final)*math.Pow(1-progress(k, s.Steps), power))
}

// PowerCool is min(Initial, Factor·(Steps − k)^Power): constant at first, then falling to 0 at the end (the speedrun's third track, result 20, 2026).
// Power 0 stands for 1.
type PowerCool struct {
	Initial, Factor float64
	Steps           int
	Power           float64
}

// At returns min(Initial, Factor·max(0, Steps − k)^Power).
func (s PowerCool) At(k int) float64 {
	power := s.Power
	if power == 0 {
		power = 1
	}
	return min(s.Initial, s.Factor*math.Pow(float64(max(0, s.Steps-k)), power))
}

// Exponential is α_k = α₀·r^(k/Every), falling a little at every step. Every 0 stands for 1.
type Exponential struct {
	Initial, Rate float64
	Every         int
}

// At returns α₀·r^(k/Every).
func (s Exponential) At(k int) float64 {
	return s.Initial * math.Pow(s.Rate, float64(k)/float64(max(s.Every, 1)))
}

// Step is the staircase α_k = α₀·r^⌊k/Every⌋. Every 0 stands for 1.
type Step struct {
	Initial, Rate float64
	Every         int
}

// At returns α₀·r^⌊k/Every⌋.
func (s Step) At(k int) float64 {
	return s.Initial * math.Pow(s.Rate, float64(k/max(s.Every, 1)))
}

// Cosine goes from Initial to Final over Steps steps along half a cosine and stays there (Loshchilov and Hutter 2017,
// equation 5, without restarts).
type Cosine struct {
	Initial, Final float64
	Steps          int
}

// At returns Final + (Initial − Final)(1 + cos(πk/Steps))/2.
func (s Cosine) At(k int) float64 {
	return s.Final + float64((s.Initial-s.Final)*(1+cosine.Pi(progress(k, s.Steps)))/2)
}

// Warmup multiplies another schedule by (k+1)/Steps during the first Steps steps, so that step Steps−1 is the first one at
// full size. The inner schedule counts steps from the start of the run.
type Warmup struct {
	Steps int
	Then  Schedule
}

// At returns min(1, (k+1)/Steps) times the inner schedule.
func (s Warmup) At(k int) float64 {
	if k+1 < s.Steps {
		return s.Then.At(k) * float64(k+1) / float64(s.Steps)
	}
	return s.Then.At(k)
}

// Delay is another schedule by a clock that falls behind: from step From to step To it loses Steps steps, evenly, or at once if From = To. Between
// whole steps of the clock the schedule is a straight line. (The speedrun's third track, results 43 and #338, 2026.)
type Delay struct {
	Steps, From, To int
	Then            Schedule
}

// At returns the value of the other schedule at the step of the clock.
func (s Delay) At(k int) float64 {
	switch {
	case k < s.From:
		return s.Then.At(k)
	case k >= s.To:
		return s.Then.At(k - s.Steps)
	}
	clock := float64(k) - float64(float64(s.Steps)*progress(k-s.From, s.To-s.From))
	at := int(clock)
	before, after := s.Then.At(at), s.Then.At(at+1)
	return before + float64((after-before)*(clock-float64(at)))
}

// Trapezoid is warm-up, stable, decay (WSD): a straight rise to Peak over Warmup steps, Peak, and a straight fall to
// Final over the last Decay of Steps steps.
type Trapezoid struct {
	Peak, Final          float64
	Warmup, Decay, Steps int
}

// At returns the height of the trapezoid at step k.
func (s Trapezoid) At(k int) float64 {
	fall := Polynomial{Initial: s.Peak, Final: s.Final, Steps: s.Decay}
	switch start := s.Steps - s.Decay; {
	case k+1 < s.Warmup:
		return s.Peak * float64(k+1) / float64(s.Warmup)
	case k < start:
		return s.Peak
	default:
		return fall.At(k - start)
	}
}

// Piecewise is α_k = Values[j] for Boundaries[j−1] ≤ k < Boundaries[j]. Boundaries ascend, and there is one more value than
// boundaries.
type Piecewise struct {
	Boundaries []int
	Values     []float64
}

// At returns the value of the piece that contains k. It panics unless there is one more value than boundaries.
func (s Piecewise) At(k int) float64 {
	if len(s.Values) != len(s.Boundaries)+1 {
		panic("schedule: Piecewise needs one value more than boundaries")
	}
	j := 0
	for j < len(s.Boundaries) && k >= s.Boundaries[j] {
		j++
	}
	return s.Values[j]
}

// Linear joins values by straight lines: it goes from Values[0] at step 0 to Values[j] at step Boundaries[j−1], and then stays at the last
// value. Boundaries ascend, and there is one more value than boundaries.
type Linear struct {
	Boundaries []int
	Values     []float64
}

// At returns the height of the line at step k. It panics unless there is one more value than boundaries.
func (s Linear) At(k int) float64 {
	if len(s.Values) != len(s.Boundaries)+1 {
		panic("schedule: Linear needs one value more than boundaries")
	}
	start := 0
	for j, end := range s.Boundaries {
		if k < end {
			return s.Values[j] + float64((s.Values[j+1]-s.Values[j])*progress(k-start, end-start))
		}
		start = end
	}
	return s.Values[len(s.Boundaries)]
}

// Extremes returns the lowest and the highest value that a schedule has at any step. For a schedule of another package these are its first
// value and its value after 2³⁰ steps.
func Extremes(s Schedule) (lowest, highest float64) {
	values := []float64{s.At(0), s.At(1 << 30)}
	switch s := s.(type) {
	case Piecewise:
		values = s.Values
	case Linear:
		values = s.Values
	case Trapezoid:
		values = append(values, s.Peak)
	case Delay:
		return Extremes(s.Then)
	case Warmup:
		lowest, highest = Extremes(s.Then)
		values = append(values, lowest, highest)
	}
	return slices.Min(values), slices.Max(values)
}

// progress returns min(1, k/steps): the share of a finite schedule that is over at step k.
func progress(k, steps int) float64 {
	if k >= steps {
		return 1
	}
	return float64(k) / float64(steps)
}
