package train

import "steepest/optim"

// Methods lists all named methods: the rules of optim, and those that set themselves apart by their estimate of the gradient,
// which only Minimize can run.
func Methods() []optim.Method {
	return append(optim.Methods(), []optim.Method{{
		Name: "sag", Title: "SAG", Rule: SAG{},
		Formula: "tᵢ ← ∇fᵢ(x),  x ← x − α·mean(t)",
		Source:  "Schmidt, Le Roux and Bach 2017, arXiv:1309.2388",
	}, {
		Name: "saga", Title: "SAGA", Rule: SAGA{},
		Formula: "x ← x − α(∇fᵢ(x) − tᵢ + mean(t)),  tᵢ ← ∇fᵢ(x)",
		Source:  "Defazio, Bach and Lacoste-Julien 2014, arXiv:1407.0202",
	}, {
		Name: "svrg", Title: "SVRG", Rule: SVRG{},
		Formula: "x ← x − α(∇fᵢ(x) − ∇fᵢ(w) + ∇f(w)),  w ← x every m steps",
		Source:  "Johnson and Zhang 2013",
	}, {
		Name: "lsvrg", Title: "Loopless SVRG", Rule: LSVRG{},
		Formula: "x ← x − α(∇fᵢ(x) − ∇fᵢ(w) + ∇f(w)),  w ← x with probability p",
		Source:  "Kovalev, Horváth and Richtárik 2020, arXiv:1901.08689",
	}, {
		Name: "newton-sgd", Title: "Newton-type SGD", Rule: NewtonSGD{},
		Formula: "x ← x − γ(∇fᵢ(x̄) + ∇²fᵢ(x̄)(x − x̄))",
		Source:  "Bach and Moulines 2013, arXiv:1306.2119",
	}}...)
}
