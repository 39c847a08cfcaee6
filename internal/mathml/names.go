package mathml

// symbols are the commands that stand for a letter or an operator.
var symbols = map[string]string{
	"alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε", "eta": "η", "theta": "θ",
	"kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ",
	"varphi": "φ", "omega": "ω", "Delta": "Δ", "Sigma": "Σ", "ell": "ℓ",
	"nabla": "∇", "infty": "∞", "partial": "∂", "cdot": "·", "times": "×", "odot": "⊙", "pm": "±", "le": "≤", "ge": "≥",
	"ne": "≠", "approx": "≈", "equiv": "≡", "propto": "∝", "in": "∈", "to": "→", "gets": "←", "dots": "…", "star": "⋆",
	"sum": "∑", "prod": "∏", "langle": "⟨", "rangle": "⟩", "|": "‖", "{": "{", "}": "}", "top": "⊤", "gg": "≫", "ll": "≪",
	"Rightarrow": "⇒", "sim": "∼", "%": "%", "cup": "∪", "cap": "∩", "varnothing": "∅", "mid": "|",
}

// functions are set upright.
var functions = map[string]string{
	"log": "log", "exp": "exp", "min": "min", "max": "max", "sign": "sign", "argmin": "arg min", "tr": "tr", "LMO": "LMO",
	"diag": "diag", "polar": "polar", "tanh": "tanh",
}

// limits are the tokens whose scripts are set below and above.
var limits = map[string]bool{`\sum`: true, `\prod`: true, `\min`: true, `\max`: true, `\argmin`: true}

var accents = map[string]string{"hat": "^", "bar": "¯", "tilde": "~"}

var alphabets = map[string]string{"mathbbE": "𝔼", "mathbbR": "ℝ", "mathcalO": "𝒪", "mathcalN": "𝒩"}
