package lecture

import (
	"cmp"
	"embed"
	"encoding/csv"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"steepest/report"
)

// published holds the numbers behind figures of others, which the scenes below draw.
//
//go:embed published
var published embed.FS

// table reads one of these files. A row maps column names to values.
func table(name string) ([]map[string]string, error) {
	f, err := published.Open("published/" + name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, column := range lines[0] {
			row[column] = line[i]
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// field returns a number of a row; NaN if it is missing.
func field(row map[string]string, column string) float64 {
	v, err := strconv.ParseFloat(row[column], 64)
	if err != nil {
		return math.NaN()
	}
	return v
}

var speedrun = Scene{
	Name:  "speedrun",
	Title: Text{"Training GPT-2 (124M) on FineWeb", "Обучение GPT-2 (124M) на FineWeb"},
	Claim: Text{
		"In the NanoGPT speedrun Muon reaches a validation loss with fewer tokens than Adam and, since its steps cost hardly " +
			"more, in less time. SOAP needs as few tokens, but is twice as slow.",
		"В NanoGPT speedrun Muon достигает того же значения функции потерь за меньшее число токенов, чем Adam, и, так как " +
			"его шаги почти не дороже, за меньшее время; SOAP не хуже по токенам, но вдвое медленнее.",
	},
	Shows: Text{
		"Published numbers, not ours: validation loss of 5100 steps of 524 288 tokens on 8 H100, by tokens and by time " +
			"(github.com/KellerJordan/modded-nanogpt, records of 2024-10-29_Optimizers, from the log files).",
		"Опубликованные числа, не наши: потери на валидации за 5100 шагов по 524 288 токенов на 8 H100, по токенам и по " +
			"времени (github.com/KellerJordan/modded-nanogpt, records 2024-10-29_Optimizers, из файлов журналов).",
	},
	Note: Text{
		"The log of Shampoo with an update every 32 steps is not in the repository. The kink is where the step size begins to " +
			"fall. In all runs Adam updates the embedding of the tokens and the head. The clock of the logs starts after ten " +
			"steps, so the ms per step are the final time divided by 5090, rounded to whole ms as in the slide's legend.",
		"Журнала Shampoo с обновлением раз в 32 шага в репозитории нет. Излом — начало убывания шага. Матрицы эмбеддингов и " +
			"последнего слоя во всех запусках обучает Adam. Часы журналов идут с десятого шага, поэтому мс на шаг — это время в " +
			"конце, делённое на 5090 и округлённое до целых, как в легенде слайда.",
	},
	run: runSpeedrun,
}

func runSpeedrun(s *stage) (*Outcome, error) {
	rows, err := table("nanogpt-speedrun-2024-10-29.csv")
	if err != nil {
		return nil, err
	}
	type run struct{ tokens, minutes, loss []float64 }
	runs, names := map[string]*run{}, []string(nil)
	for _, row := range rows {
		name := row["optimizer"]
		if runs[name] == nil {
			runs[name], names = &run{}, append(names, name)
		}
		r := runs[name]
		loss := field(row, "val_loss")
		r.tokens = append(r.tokens, field(row, "tokens")/1e9)
		r.minutes = append(r.minutes, field(row, "train_time_ms")/60000)
		r.loss = append(r.loss, loss)
	}
	var byTokens, byTime []report.Curve
	perStep, ends := map[string]float64{}, map[string]float64{}
	for _, name := range names {
		r := runs[name]
		last := len(r.loss) - 1
		ends[name] = r.loss[last]
		perStep[name] = math.Round(r.minutes[last] * 60000 / (5100 - 10))
		seen := slices.Clone(r.loss) // the part that the published figure shows
		for i, v := range seen {
			if v > 4.1 {
				seen[i] = math.NaN()
			}
		}
		label := fmt.Sprintf("%s, %.0f ms/step", name, perStep[name])
		byTokens, byTime = append(byTokens, curve(label, r.tokens, seen)), append(byTime, curve(label, r.minutes, seen))
	}
	loss := report.Axis{Label: "validation loss"}
	adam, muon := runs["Adam"], runs["Muon"]
	goal := ends["Adam"]
	verdict := Verdict{
		atMost("Muon: tokens to the final loss of Adam, by those of Adam", "Muon: токенов до итоговых потерь Adam к токенам Adam",
			reach(muon.tokens, muon.loss, goal)/reach(adam.tokens, adam.loss, goal), s.predict(0.95)),
		atMost("Muon: time to the final loss of Adam, divided by that of Adam", "Muon: время до итоговых потерь Adam ко времени Adam",
			reach(muon.minutes, muon.loss, goal)/reach(adam.minutes, adam.loss, goal), s.predict(0.95)),
		equal("final loss of SOAP less that of Muon", "итоговые потери SOAP минус потери Muon", ends["SOAP"]-ends["Muon"], 0, 0.002),
	}
	legend := map[string]float64{"Adam": 139, "Muon": 142, "SOAP": 301, "DistributedShampoo(freq=10)": 179}
	for _, name := range names {
		verdict = append(verdict, equal(name+": ms a step, as in the legend", name+": мс на шаг, как в легенде",
			perStep[name], s.predict(legend[name]), 0))
	}
	return &Outcome{
		Figure: &report.Figure{Title: "Published: NanoGPT speedrun, 2024-10-29", Panels: []report.Panel{
			panel("by tokens", report.Axis{Label: "training tokens, 10⁹"}, loss, byTokens...),
			panel("by time", report.Axis{Label: "minutes on 8 H100"}, loss, byTime...),
		}},
		Verdict: verdict,
	}, nil
}

// reach returns the least x at which y is at most goal.
func reach(x, y []float64, goal float64) float64 {
	for i, v := range y {
		if v <= goal {
			return x[i]
		}
	}
	return math.Inf(1)
}

var frontier = Scene{
	Name:  "frontier",
	Title: Text{"Models trained with Muon, by training compute", "Новый подход к оптимизации"},
	Claim: Text{
		"Models marked with a star were trained with Muon, the others with other algorithms; the stars lie on the frontier " +
			"of score by compute.",
		"Модели, отмеченные звёздочкой, были обучены методом Muon, остальные модели были обучены другими алгоритмами " +
			"оптимизации; звёздочки лежат на границе «оценка — вычисления».",
	},
	Shows: Text{
		"Published numbers, not ours: scores by training FLOPs (Liu et al., Muon is Scalable for LLM Training, " +
			"arXiv:2502.16982, the figure of the Pareto frontier). Dashed: the frontier as the slide draws it, the upper hull of " +
			"the scores over the logarithm of FLOPs, computed from them.",
		"Опубликованные числа, не наши: оценки по затраченным на обучение операциям (Liu и др., Muon is Scalable for LLM " +
			"Training, arXiv:2502.16982, рисунок с границей Парето). Пунктир — граница, как на слайде: верхняя выпуклая оболочка " +
			"оценок над логарифмом числа операций, вычисленная по ним.",
	},
	Note: Text{
		"The slide names Kimi K2 as the source. The figures are those of the paper on Moonlight, half a year earlier. Other " +
			"models, such as Gemma-2-9B, are not beaten by any model with as little compute, but lie below the line between " +
			"two others. The slide continues its line beyond the first and the last model.",
		"На слайде источником названа Kimi K2. Эти рисунки — из статьи о Moonlight, вышедшей на полгода раньше. Не превзойдены при тех же вычислениях и другие модели, " +
			"например Gemma-2-9B, но они лежат ниже прямой между двумя соседними. На слайде линия продолжена за первую и " +
			"последнюю модели.",
	},
	run: runFrontier,
}

// trained is a published model.
type trained struct {
	name         string
	flops, score float64
	muon         bool
}

func runFrontier(s *stage) (*Outcome, error) {
	rows, err := table("moonlight-frontier.csv")
	if err != nil {
		return nil, err
	}
	picture := &report.Charts{Title: "Published: scores by training compute (Moonlight, 2025)", Columns: 2, Width: 400,
		Height: 320, Legend: []report.Mark{
			{Name: "trained with Muon", Glyph: star(red, 6)}, {Name: "others", Glyph: dot(report.Hue(4, 0.8), 3)},
			{Name: "frontier", Line: draw.LineStyle{Color: report.Hue(0, 1), Width: 1.1, Dashes: dashes}},
		}}
	var verdict Verdict
	for _, exam := range []struct {
		name  string
		score float64 // score of Moonlight after 5.7 T tokens
	}{{"MMLU", 70}, {"GSM8k", 77.4}} {
		var models []trained
		best := 0.0
		for _, row := range rows {
			if row["figure"] == exam.name {
				m := trained{row["model"], field(row, "training_flops"), field(row, "score"), row["trained_with_muon"] == "yes"}
				models = append(models, m)
				if m.muon {
					best = max(best, m.score)
				}
			}
		}
		edge := hull(models)
		stars, onEdge := 0, 0
		for _, m := range models {
			if m.muon {
				stars++
				if slices.Contains(edge, m) {
					onEdge++
				}
			}
		}
		verdict = append(verdict,
			equal(exam.name+": stars on the frontier", exam.name+": звёздочек на границе", float64(onEdge), s.predict(float64(stars)), 0),
			equal(exam.name+": models on the frontier", exam.name+": моделей на границе", float64(len(edge)), s.predict(3), 0),
			equal(exam.name+": score of Moonlight after 5.7 T tokens", exam.name+": оценка Moonlight после 5.7 трлн токенов", best,
				s.predict(exam.score), 0))
		picture.Plots = append(picture.Plots, frontierChart(exam.name, models, edge))
	}
	return &Outcome{Figure: picture, Verdict: verdict}, nil
}

// hull returns the models on the upper hull of score over log compute, up to the best score, ordered by compute.
func hull(models []trained) []trained {
	models = slices.SortedFunc(slices.Values(models), func(a, b trained) int {
		return cmp.Or(cmp.Compare(a.flops, b.flops), cmp.Compare(b.score, a.score))
	})
	var edge []trained
	for _, m := range models {
		if n := len(edge); n > 0 && m.score <= edge[n-1].score {
			continue
		}
		for len(edge) > 1 && edge[len(edge)-2].slope(m) >= edge[len(edge)-2].slope(edge[len(edge)-1]) {
			edge = edge[:len(edge)-1]
		}
		edge = append(edge, m)
	}
	return edge
}

// slope returns the slope of the line from m to o over the logarithm of the compute.
func (m trained) slope(o trained) float64 { return (o.score - m.score) / math.Log(o.flops/m.flops) }

// leftOf reports whether the label of o would overlap that of m.
func (o trained) leftOf(m trained) bool {
	return o.flops < m.flops && m.flops < 3*o.flops && math.Abs(o.score-m.score) < 0.6
}

func frontierChart(title string, models, edge []trained) *plot.Plot {
	chart := report.NewChart(title, report.Axis{Label: "training FLOPs", Log: true}, report.Axis{Label: "score"})
	window := box{1.2e22, 4e24, math.Inf(1), math.Inf(-1)}
	for _, m := range models {
		window.y0, window.y1 = min(window.y0, m.score-3), max(window.y1, m.score+3)
	}
	var line [][]float64
	for _, m := range edge {
		line = append(line, []float64{m.flops, m.score})
	}
	above := &plotter.Polygon{Color: report.Hue(0, 0.12), XYs: []plotter.XYs{xys(append([][]float64{{edge[0].flops, window.y1}},
		append(line, []float64{edge[len(edge)-1].flops, window.y1})...))}}
	dashedLine := trail(line, report.Hue(0, 1), 1.1)
	dashedLine.Dashes = dashes
	chart.Add(above, report.NewGrid(), dashedLine)
	for _, p := range line {
		guide := trail([][]float64{{window.x0, p[1]}, p, {p[0], window.y0}}, report.Hue(0, 0.7), 0.6)
		guide.Dashes = []vg.Length{1, 2}
		chart.Add(guide)
	}
	text := report.Letters(6.5)
	text.Color = color.Gray{70}
	high, low := &plotter.Labels{Offset: vg.Point{X: 4, Y: 5}}, &plotter.Labels{Offset: vg.Point{X: 4, Y: -9}}
	for _, m := range models {
		mark := dot(report.Hue(4, 0.8), 3)
		if m.muon {
			mark = star(red, 6)
		}
		chart.Add(dots([][]float64{{m.flops, m.score}}, mark))
		labels := high
		if slices.ContainsFunc(models, func(o trained) bool { return o.leftOf(m) }) {
			labels = low
		}
		labels.XYs = append(labels.XYs, plotter.XY{X: m.flops, Y: m.score})
		labels.Labels, labels.TextStyle = append(labels.Labels, m.name), append(labels.TextStyle, text)
	}
	chart.Add(high, low)
	window.show(chart)
	return chart
}
