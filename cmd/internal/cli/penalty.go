package cli

import (
	"fmt"
	"math"
)

// penaltyFlags are the flags for the penalties of a linear model, in the notation of several programs.
type penaltyFlags struct {
	L2      *float64 `group:"problem" name:"l2" aliases:"lambda" placeholder:"NUMBER" help:"Penalty (l2/2)‖x‖², added to the mean loss of a row; --lambda is the same. Default: 1/n, which is C = 1, or 0 with --l1."`
	Alpha   *float64 `group:"problem" placeholder:"NUMBER" help:"scikit-learn's alpha: as in Ridge for least squares, as in ElasticNet with --l1-ratio, and as in SGDClassifier and SGDRegressor for other losses."`
	C       *float64 `group:"problem" name:"C" placeholder:"NUMBER" help:"C of LIBLINEAR and scikit-learn's LogisticRegression and LinearSVC: l2 is 1/(C·n), or half of that for squared-hinge."`
	L1      float64  `group:"problem" name:"l1" default:"0" placeholder:"NUMBER" help:"Penalty l1·‖x‖₁, added to the mean loss (${default})."`
	L1Ratio *float64 `group:"problem" name:"l1-ratio" placeholder:"SHARE" help:"The share of the ℓ1 penalty in --alpha or --C, 1 for the lasso, as in scikit-learn's elastic net."`
}

// penalties are λ₁ and λ₂, with a formula that says where λ₂ comes from.
type penalties struct {
	l1, l2 float64
	from   string
}

// check returns an error for numbers that are not valid as penalties. Path says that --l1-ratio may belong to a regularization path.
func (f *penaltyFlags) check(path bool) error {
	given := 0
	for _, v := range []struct {
		name  string
		value *float64
		most  float64
	}{{"l2", f.L2, math.MaxFloat64}, {"alpha", f.Alpha, math.MaxFloat64}, {"C", f.C, math.MaxFloat64}, {"l1", &f.L1, math.MaxFloat64}, {"l1-ratio", f.L1Ratio, 1}} {
		if v.value == nil {
			continue
		}
		if !(*v.value >= 0 && *v.value <= v.most) {
			if v.most == 1 {
				return usage("", "--%s: %v is not between 0 and 1", v.name, *v.value)
			}
			return usage("", "--%s: %v is not a finite number of at least 0", v.name, *v.value)
		}
		if v.name == "l2" || v.name == "alpha" || v.name == "C" {
			given++
		}
	}
	switch {
	case given > 1:
		return usage("keep one of them", "--l2, --alpha and --C say the same penalty in three ways")
	case f.L1Ratio != nil && f.Alpha == nil && f.C == nil && !path:
		return usage("give --l1 and --l2, or --alpha", "--l1-ratio is the share in --alpha, --C, --path or --cv, and there is none of them")
	case f.L1Ratio != nil && f.L1 != 0:
		return usage("keep one of them", "--l1 and --l1-ratio both say the ℓ1 penalty")
	}
	return nil
}

// refusePenalties returns an error for penalties that a loss cannot have. It names the flag that they come from.
func (f *penaltyFlags) refusePenalties(p penalties, loss string) error {
	flag, value := "", 0.0
	switch {
	case f.L2 != nil:
		flag, value = "l2", *f.L2
	case f.C != nil:
		flag, value = "C", *f.C
	case f.Alpha != nil:
		flag, value = "alpha", *f.Alpha
	default:
		return nil
	}
	switch {
	case math.IsInf(p.l1, 1) || math.IsInf(p.l2, 1):
		return usage("--l2 says it as a factor of the penalty", "--%s: %g is an infinite penalty", flag, value)
	case loss == "hinge" && p.l2 == 0:
		return usage("give a positive penalty, or --loss squared-hinge", "--%s: %g is no penalty, and the hinge loss needs one", flag, value)
	}
	return nil
}

// of returns the penalties for a loss and n rows with a given sum of weights.
//
// scikit-learn and LIBLINEAR write the squared hinge loss without our factor of ½, so that their sum of losses is twice ours.
func (f *penaltyFlags) of(loss string, n int, weight float64) penalties {
	rows := "n"
	if weight != float64(n) {
		rows = "W"
	}
	twice, factor := 1.0, ""
	if loss == "squared-hinge" {
		twice, factor = 2, "2·"
	}
	whole, from := 0.0, ""
	switch {
	case f.L2 != nil:
		return penalties{f.L1, *f.L2, ""}
	case f.C != nil:
		whole, from = 1/(twice**f.C*weight), fmt.Sprintf("1/(%sC·%s), C = %g", factor, rows, *f.C)
	case f.Alpha != nil && loss == "least-squares" && f.L1Ratio == nil:
		whole, from = *f.Alpha/weight, fmt.Sprintf("alpha/%s, alpha = %g of Ridge", rows, *f.Alpha)
	case f.Alpha != nil && loss == "least-squares":
		whole, from = *f.Alpha, fmt.Sprintf("alpha = %g of ElasticNet", *f.Alpha)
	case f.Alpha != nil:
		peer := "SGDClassifier"
		if loss == "huber" {
			peer = "SGDRegressor"
		}
		whole, from = *f.Alpha*float64(n)/(twice*weight), fmt.Sprintf("alpha = %g of %s", *f.Alpha, peer)
		if twice == 2 {
			from = "alpha/2, " + from
		}
	case f.L1 > 0:
		return penalties{f.L1, 0, ""}
	default:
		whole, from = 1/(twice*weight), fmt.Sprintf("1/(%sC·%s), C = 1", factor, rows)
	}
	if f.L1Ratio == nil {
		return penalties{f.L1, whole, from}
	}
	return penalties{whole * *f.L1Ratio, whole * (1 - *f.L1Ratio), fmt.Sprintf("λ₁ + λ₂ = %s, l1-ratio = %g", from, *f.L1Ratio)}
}

// String formats the penalties and their origin.
func (p penalties) String() string {
	text := fmt.Sprintf("λ₂ = %.6g", p.l2)
	if p.l1 > 0 {
		text = fmt.Sprintf("λ₁ = %.6g, ", p.l1) + text
	}
	switch {
	case p.from == "":
	case p.l1 > 0:
		text += ", of " + p.from
	default:
		text += " = " + p.from
	}
	return text
}
