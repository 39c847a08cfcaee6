package methods

import (
	"steepest/optim/matrix"
	"steepest/optim/rules"
	"steepest/train"
)

// The files of golden numbers.
const (
	elementwise = "optim/testdata/golden.json"
	matrices    = "optim/testdata/matrix.json"
	recent      = "optim/testdata/recent.json"
	steepest    = "optim/testdata/steepest.json"
	estimators  = "train/testdata/estimators.json"
)

var table = []Method{{
	Name: "gd", Title: "Gradient descent", Rule: rules.SGD{}, FullBatch: true,
	Formula: "x ← x − α∇f(x)",
	Source:  "Cauchy 1847",
	Goldens: elementwise,
}, {
	Name: "sgd", Title: "SGD", Rule: rules.SGD{},
	Formula: "x ← x − αg",
	Source:  "Robbins and Monro 1951",
	Goldens: elementwise,
}, {
	Name: "heavy-ball", Aliases: []string{"momentum"}, Title: "Heavy ball", Rule: rules.HeavyBall{},
	Formula: "b ← μb + g,  x ← x − αb",
	Source:  "Polyak 1964",
	Goldens: elementwise,
}, {
	Name: "nesterov", Title: "Nesterov", Rule: rules.Nesterov{},
	Formula: "b ← μb + g,  x ← x − α(g + μb)",
	Source:  "Nesterov 1983; Sutskever et al. 2013",
	Goldens: elementwise,
}, {
	Name: "adagrad", Title: "AdaGrad", Rule: rules.AdaGrad{},
	Formula: "s ← s + g²,  x ← x − αg/√(s + ε)",
	Source:  "Duchi, Hazan and Singer 2011",
	Space:   []Axis{lr(1e-3, 10, Lengths)},
	Goldens: elementwise,
}, {
	Name: "ftrl", Title: "FTRL-Proximal", Rule: rules.FTRL{},
	Formula: "q = (β + √Σg²)/α + λ₂,  x ← argmin Σ⟨g, x⟩ + Σ ½(q − q₋)‖x − x₋‖² + λ₁‖x‖₁ + ½λ₂‖x‖²",
	Source:  "McMahan et al. 2013",
	Space:   []Axis{lr(1e-2, 100, Lengths)},
	Goldens: elementwise,
}, {
	Name: "rmsprop", Title: "RMSProp", Rule: rules.RMSProp{},
	Formula: "v ← γv + (1−γ)g²,  x ← x − αg/√(v + ε)",
	Source:  "Tieleman and Hinton 2012",
	Same:    "sgd:lr=0.001+rms:0.9,eps-place=inside",
	Goldens: elementwise,
}, {
	Name: "adadelta", Title: "AdaDelta", Rule: rules.AdaDelta{},
	Formula: "u = √(d+ε)/√(v+ε)·g,  d ← ρd + (1−ρ)u²,  x ← x − αu",
	Source:  "Zeiler 2012, arXiv:1212.5701",
	Space:   []Axis{lr(1e-2, 1e3, Lengths)},
	Goldens: elementwise,
}, {
	Name: "adam", Title: "Adam", Rule: rules.Adam{},
	Formula: "x ← x − α·m̂/(√v̂ + ε)",
	Source:  "Kingma and Ba 2015, arXiv:1412.6980",
	Goldens: elementwise,
}, {
	Name: "amsgrad", Title: "AMSGrad", Rule: rules.AMSGrad{},
	Formula: "w ← max(w, v),  x ← x − α·m/(√w + ε)",
	Source:  "Reddi, Kale and Kumar 2018, arXiv:1904.09237",
	Goldens: elementwise,
}, {
	Name: "adamw", Title: "AdamW", Rule: rules.AdamW{}, Untuned: true,
	Formula: "x ← x − α(m̂/(√v̂ + ε) + λx)",
	Source:  "Loshchilov and Hutter 2019, arXiv:1711.05101",
	Same:    "adam+decay",
	Goldens: elementwise,
}, {
	Name: "nadam", Title: "NAdam", Rule: rules.NAdam{},
	Formula: "x ← x − α·(βm̂ + (1−β)ĝ)/(√v̂ + ε)",
	Source:  "Dozat 2016",
	Goldens: elementwise,
}, {
	Name: "nag-gs", Title: "NAG-GS", Rule: rules.NAGGS{},
	Formula: "v ← (γv + αμx − αg)/(γ + αμ),  x ← (x + αv)/(1+α)",
	Source:  "Leplat et al. 2022, arXiv:2209.14937",
	Space:   []Axis{lr(1e-2, 1, Absolute), {Options: []string{"mu", "gamma"}, Low: 1e-3, High: 10, Unit: TimesL}},
	Goldens: elementwise,
}, {
	Name: "lion", Title: "Lion", Rule: rules.Lion{},
	Formula: "x ← x − α(sign(β₁m + (1−β₁)g) + λx),  m ← β₂m + (1−β₂)g",
	Source:  "Chen et al. 2023, arXiv:2302.06675",
	Space:   []Axis{lr(1e-5, 1e-1, Lengths)},
	Goldens: elementwise,
}, {
	Name: "fromage", Title: "Fromage", Rule: rules.Fromage{},
	Formula: "x ← (x − α‖x‖/‖g‖·g)/√(1+α²)",
	Source:  "Bernstein et al. 2020, arXiv:2002.03432",
	Space:   []Axis{lr(1e-4, 1, Absolute)},
	Goldens: elementwise,
}, {
	Name: "radam", Title: "RAdam", Rule: rules.RAdam{},
	Formula: "x ← x − αr·m̂/(√v̂ + ε), r the rectification;  x ← x − αm̂ before there is one",
	Source:  "Liu et al. 2020, arXiv:1908.03265",
	Goldens: elementwise,
}, {
	Name: "adamax", Title: "Adamax", Rule: rules.Adamax{},
	Formula: "w ← max(β₂w, |g|),  x ← x − αm̂/w",
	Source:  "Kingma and Ba 2015, arXiv:1412.6980",
	Goldens: elementwise,
}, {
	Name: "adabelief", Title: "AdaBelief", Rule: rules.AdaBelief{},
	Formula: "v ← β₂v + (1−β₂)(g − m)² + ε,  x ← x − αm̂/(√v̂ + ε)",
	Source:  "Zhuang et al. 2020, arXiv:2010.07468",
	Goldens: elementwise,
}, {
	Name: "yogi", Title: "Yogi", Rule: rules.Yogi{},
	Formula: "v ← v − (1−β₂)·sign(v − g²)·g²,  x ← x − αm̂/(√v̂ + ε)",
	Source:  "Zaheer et al. 2018",
	Goldens: elementwise,
}, {
	Name: "ademamix", Title: "AdEMAMix", Rule: rules.AdEMAMix{},
	Formula: "s ← β₃s + (1−β₃)g,  x ← x − α((m̂ + as)/(√v̂ + ε) + λx)",
	Source:  "Pagliardini, Ablin and Grangier 2024, arXiv:2409.03137",
	Goldens: elementwise,
}, {
	Name: "adopt", Title: "ADOPT", Rule: rules.ADOPT{},
	Formula: "m ← β₁m + (1−β₁)clip(g/√v₋, t^¼),  x ← x − αm",
	Source:  "Taniguchi et al. 2024, arXiv:2411.02853",
	Goldens: elementwise,
}, {
	Name: "adan", Title: "Adan", Rule: rules.Adan{},
	Formula: "d = g − g₋,  v ← β₃v + (1−β₃)(g + wd)²,  x ← (x − α(m̂ + wn̂)/(√v̂ + ε))/(1 + αλ)",
	Source:  "Xie et al. 2022, arXiv:2208.06677",
	Goldens: elementwise,
}, {
	Name: "stable-adamw", Title: "StableAdamW", Rule: rules.StableAdamW{},
	Formula: "x ← x − α(m̂/(√v̂ + ε) + λx)/max(1, rms(g/√v̂))",
	Source:  "Wortsman et al. 2023, arXiv:2304.13013",
	Goldens: elementwise,
}, {
	Name: "mars", Title: "MARS", Rule: rules.MARS{},
	Formula: "c = g + γβ₁/(1−β₁)·(g − g₋),  x ← x − adamw(c/max(1, ‖c‖))",
	Source:  "Yuan et al. 2024, arXiv:2411.10438",
	Goldens: elementwise,
}, {
	Name: "lamb", Title: "LAMB", Rule: rules.LAMB{},
	Formula: "u = m̂/(√v̂ + ε) + λx,  x ← x − α‖x‖/‖u‖·u",
	Source:  "You et al. 2019, arXiv:1904.00962",
	Same:    "adam:eps=1e-6+decay:0+trust",
	Space:   []Axis{lr(1e-4, 1, Absolute)},
	Goldens: elementwise,
}, {
	Name: "lars", Title: "LARS", Rule: rules.LARS{},
	Formula: "u = g + λx,  b ← μb + ακ‖x‖/‖u‖·u,  x ← x − b",
	Source:  "You, Gitman and Ginsburg 2017, arXiv:1708.03888",
	Same:    "sgd:lr=1+decay:0+trust:0.001+lr+momentum",
	Space:   []Axis{lr(1e-2, 100, Absolute)},
	Goldens: elementwise,
}, {
	Name: "rprop", Title: "Rprop", Rule: rules.Rprop{}, FullBatch: true,
	Formula: "s ← 1.2s or ½s as the sign of ∇f stays or changes,  x ← x − αs·sign(∇f)",
	Source:  "Riedmiller and Braun 1993",
	Space:   []Axis{lr(1e-5, 1e-1, Lengths)},
	Goldens: elementwise,
}, {
	Name: "muon", Title: "Muon", Rule: matrix.Muon{}, Family: Matrix, Untuned: true,
	Formula: "b ← μb + g,  x ← x − α(s·polar(g + μb) + λx)",
	Same:    "hidden=sgd:lr=0.02+average:0.95,nesterov=true+polar+shape/rest=adamw:lr=3e-4,beta2=0.95,eps=1e-10,weight-decay=0",
	Source:  "Jordan 2024",
	Goldens: matrices,
}, {
	Name: "normuon", Title: "NorMuon", Rule: matrix.NorMuon{}, Family: Matrix,
	Formula: "O = polar(g + μb),  x ← x − α(s·O/√v_row + λx)",
	Source:  "Li et al. 2025, arXiv:2510.05491",
	Goldens: matrices,
}, {
	Name: "adamuon", Title: "AdaMuon", Rule: matrix.AdaMuon{}, Family: Matrix,
	Formula: "O = polar(sign(g + μb)),  v ← β₂v + (1−β₂)O²,  x ← x − α(s·N(O/√v) + λx)",
	Same:    "hidden=sgd:lr=0.02+average:0.95,nesterov=true+sign+polar+rms:0.95,eps=1e-8+unit+shape:shorter+shape:rms+decay/rest=adamw:lr=3e-4,beta2=0.95,eps=1e-10,weight-decay=0",
	Source:  "Si, Zhang and Shen 2025, arXiv:2507.11005",
	Goldens: recent,
}, {
	Name: "muon-squared", Aliases: []string{"muon2"}, Title: "Muon²", Rule: matrix.MuonSquared{}, Family: Matrix,
	Formula: "m ← μm + (1−μ)g,  v ← β₂v + (1−β₂)g²,  x ← x − α(s·polar(m/√v) + λx)",
	Source:  "arXiv:2604.09967",
	Goldens: recent,
}, {
	Name: "scion", Title: "Scion", Rule: matrix.Scion{}, Family: Matrix,
	Formula: "m ← μm + (1−μ)g,  x ← (1−α)x + αρ·lmo(m)",
	Source:  "Pethick et al. 2025, arXiv:2502.07529",
	Space:   []Axis{lr(1e-5, 1e-1, Absolute)},
	Goldens: matrices,
}, {
	Name: "dion", Title: "Dion", Rule: matrix.Dion{}, Family: Matrix,
	Formula: "P = qr(MQ),  Q = MᵀP/|·|,  x ← x − α(√(r/c)·PQᵀ + λx)",
	Source:  "Ahn et al. 2025, arXiv:2504.05295",
	Goldens: matrices,
}, {
	Name: "dion2", Title: "Dion2", Rule: matrix.Dion2{}, Family: Matrix,
	Formula: "M ← M + G,  x ← x − α(√(r/c)·polar(C) + λx),  C ← μC,  C the largest rows of M",
	Source:  "Ahn et al. 2025, arXiv:2512.16928",
	Goldens: recent,
}, {
	Name: "dion3", Aliases: []string{"nordion2"}, Title: "Dion3", Rule: matrix.Dion3{}, Family: Matrix,
	Formula: "M ← M + G,  x ← x − α(√(r/c)·polar(C)/√v_row + λx),  C ← μC,  C the largest rows of M",
	Source:  "github.com/microsoft/dion, 2026",
	Goldens: recent,
}, {
	Name: "shampoo", Title: "Shampoo", Rule: matrix.Shampoo{}, Family: Matrix,
	Formula: "L ← βL + (1−β)GGᵀ,  R ← βR + (1−β)GᵀG,  x ← x − αL^(−¼)·G·R^(−¼)",
	Source:  "Gupta et al. 2018, arXiv:1802.09568; Anil et al. 2020, arXiv:2002.09018",
	Space:   []Axis{lr(1e-3, 10, Lengths)},
	Goldens: matrices,
}, {
	Name: "soap", Title: "SOAP", Rule: matrix.SOAP{}, Family: Matrix,
	Formula: "x ← x − α·Q_L·adam(Q_LᵀGQ_R)·Q_Rᵀ",
	Source:  "Vyas et al. 2024, arXiv:2409.11321",
	Goldens: matrices,
}, {
	Name: "kl-soap", Title: "KL-SOAP", Rule: matrix.KLSOAP{}, Family: Matrix,
	Formula: "L ← βL + (1−β)GR⁻¹Gᵀ/c,  R ← βR + (1−β)GᵀL⁻¹G/r,  x ← x − α·Q_L·adam(Q_LᵀGQ_R)·Q_Rᵀ",
	Source:  "Lin et al. 2025, arXiv:2509.03378",
	Goldens: recent,
}, {
	Name: "kl-shampoo", Title: "KL-Shampoo", Rule: matrix.KLShampoo{}, Family: Matrix,
	Formula: "L ← βL + (1−β)GR⁻¹Gᵀ/c,  R ← βR + (1−β)GᵀL⁻¹G/r,  x ← x − αL^(−½)·m̂·R^(−½)",
	Source:  "Lin et al. 2025, arXiv:2509.03378",
	Goldens: recent,
}, {
	Name: "psgd", Aliases: []string{"kron", "psgd-kron"}, Title: "PSGD-Kron", Rule: matrix.PSGD{}, Family: Matrix,
	Formula: "Q ← Q − η·triu(AAᵀ − BBᵀ)Q/‖·‖,  A = Qm̂Q'ᵀ,  B = Q⁻ᵀVQ'⁻¹,  x ← x − α(QᵀQm̂Q'ᵀQ' + λx)",
	Same:    "sgd:lr=3e-4+average:0.9,corrected=true+whiten+clip-rms:1.1",
	Source:  "Li 2015, arXiv:1512.04202; Pooladzandi and Li 2024, arXiv:2402.04553",
	Goldens: recent,
}, {
	Name: "adafactor", Title: "Adafactor", Rule: matrix.Adafactor{}, Family: Matrix,
	Formula: "V ≈ rcᵀ/mean(r),  u = g/√V,  x ← x − min(α, 1/√t)·rms(x)·u/max(1, rms(u))",
	Source:  "Shazeer and Stern 2018, arXiv:1804.04235",
	Space:   []Axis{lr(1e-4, 1, Absolute)},
	Goldens: recent,
}, {
	Name: "sign", Title: "Sign descent", Rule: rules.SignDescent{},
	Formula: "x ← x − α·sign(g)",
	Same:    "sgd:lr=0.001+sign",
	Source:  "Bernstein et al. 2018, arXiv:1802.04434",
	Space:   []Axis{lr(1e-5, 1e-1, Lengths)},
	Goldens: elementwise,
}, {
	Name: "normalized", Title: "Normalized descent", Rule: rules.NormalizedDescent{},
	Formula: "x ← x − αg/‖g‖₂",
	Same:    "sgd+normalize",
	Source:  "Nesterov 1984; Hazan, Levy and Shalev-Shwartz 2015",
	Goldens: elementwise,
}, {
	Name: "steepest", Title: "Steepest descent", Rule: matrix.SteepestDescent{}, Family: Matrix,
	Formula: "x ← x + α·lmo(g),  lmo(g) = argmin ⟨g, d⟩ over ‖d‖ ≤ 1",
	Source:  "Bernstein and Newhouse 2024, arXiv:2409.20325",
	Goldens: steepest,
}, {
	Name: "schedule-free-sgd", Title: "Schedule-Free SGD", Rule: rules.ScheduleFreeSGD{}, Untuned: true,
	Formula: "z ← z − αg((1−β)z + βx),  x ← (1−c)x + cz",
	Same:    "sgd:lr=1+schedule-free",
	Source:  "Defazio et al. 2024, arXiv:2405.15682",
	Space:   []Axis{lr(1e-3, 10, PerL)},
	Goldens: elementwise,
}, {
	Name: "schedule-free-adamw", Aliases: []string{"schedule-free"}, Title: "Schedule-Free AdamW", Rule: rules.ScheduleFreeAdamW{}, Untuned: true,
	Formula: "z ← z − α(g/(√v̂ + ε) + λy),  x ← (1−c)x + cz,  y = (1−β₁)z + β₁x",
	Same:    "sgd:lr=0.0025+rms:0.999,corrected=true+schedule-free",
	Source:  "Defazio et al. 2024, arXiv:2405.15682",
	Goldens: elementwise,
}, {
	Name: "prodigy", Title: "Prodigy", Rule: rules.Prodigy{}, Untuned: true,
	Formula: "d ← max(d, r/‖s‖₁),  x ← x − αd·m/(√v + dε)",
	Source:  "Mishchenko and Defazio 2024, arXiv:2306.06101",
	Space:   []Axis{lr(0.1, 10, Absolute)},
	Goldens: elementwise,
}, {
	Name: "dadapt-adam", Title: "D-Adaptation of Adam", Rule: rules.DAdaptAdam{}, Untuned: true,
	Formula: "d ← max(d, r/‖s‖₁),  m ← β₁m + (1−β₁)αdg,  x ← x − m/(√v + ε)",
	Source:  "Defazio and Mishchenko 2023, arXiv:2301.07733",
	Space:   []Axis{lr(0.1, 10, Absolute)},
	Goldens: recent,
}, {
	Name: "dadapt-sgd", Title: "D-Adaptation of SGD", Rule: rules.DAdaptSGD{}, Untuned: true,
	Formula: "s ← s + αd/‖g₀‖·g,  d ← max(d, 2r/‖s‖₂),  x ← x₀ − s",
	Source:  "Defazio and Mishchenko 2023, arXiv:2301.07733",
	Space:   []Axis{lr(0.1, 10, Absolute)},
	Goldens: recent,
}, {
	Name: "dog", Title: "DoG", Rule: rules.DoG{}, Untuned: true,
	Formula: "r ← max(r, ‖x − x₀‖),  x ← x − αr/√(Σ‖g‖² + ε)·g",
	Source:  "Ivgi, Hinder and Carmon 2023, arXiv:2302.12022",
	Space:   []Axis{lr(0.1, 10, Absolute)},
	Goldens: elementwise,
}, {
	Name: "sag", Title: "SAG", Rule: train.SAG{}, Family: Estimating,
	Formula: "tᵢ ← ∇fᵢ(x),  x ← x − α·mean(t)",
	Source:  "Schmidt, Le Roux and Bach 2017, arXiv:1309.2388",
	Goldens: estimators,
}, {
	Name: "saga", Title: "SAGA", Rule: train.SAGA{}, Family: Estimating,
	Formula: "x ← x − α(∇fᵢ(x) − tᵢ + mean(t)),  tᵢ ← ∇fᵢ(x)",
	Source:  "Defazio, Bach and Lacoste-Julien 2014, arXiv:1407.0202",
	Goldens: estimators,
}, {
	Name: "svrg", Title: "SVRG", Rule: train.SVRG{}, Family: Estimating,
	Formula: "x ← x − α(∇fᵢ(x) − ∇fᵢ(w) + ∇f(w)),  w ← x every m steps",
	Source:  "Johnson and Zhang 2013",
	Goldens: estimators,
}, {
	Name: "lsvrg", Title: "Loopless SVRG", Rule: train.LSVRG{}, Family: Estimating,
	Formula: "x ← x − α(∇fᵢ(x) − ∇fᵢ(w) + ∇f(w)),  w ← x with probability p",
	Source:  "Kovalev, Horváth and Richtárik 2020, arXiv:1901.08689",
	Goldens: estimators,
}, {
	Name: "newton-sgd", Title: "Newton-type SGD", Rule: train.NewtonSGD{}, Family: Estimating,
	Formula: "x ← x − γ(∇fᵢ(x̄) + ∇²fᵢ(x̄)(x − x̄))",
	Source:  "Bach and Moulines 2013, arXiv:1306.2119",
	Goldens: estimators,
}, {
	Name: "sam", Title: "SAM", Rule: train.SAM{}, Family: Estimating,
	Formula: "x ← x − α∇f(x + ρ∇f(x)/‖∇f(x)‖)",
	Source:  "Foret et al. 2021, arXiv:2010.01412",
	Space:   []Axis{lr(1e-3, 10, PerL), {Options: []string{"rho"}, Low: 1e-3, High: 1}},
	Goldens: estimators,
}}
