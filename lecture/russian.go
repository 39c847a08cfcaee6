package lecture

import (
	"strings"

	"steepest/report"
)

// Russian returns the outcome with the labels of its figures in Russian.
func (o *Outcome) Russian() *Outcome {
	if o.russian != nil {
		return o.russian
	}
	out := *o
	out.Figure = report.Relabel(o.Figure, russian)
	if o.Motion != nil {
		motion := *o.Motion
		motion.Frame = func(i int) report.Picture { return report.Relabel(o.Motion.Frame(i), russian) }
		out.Motion = &motion
	}
	return &out
}

// russian translates the words of a label. Whole phrases come before their words.
var russian = strings.NewReplacer(
	"Stochastic gradient descent, batch 2", "Стохастический градиентный спуск, батч 2",
	"Strongly convex binary logistic regression", "Сильно выпуклая логистическая регрессия",
	"Least squares, constant step", "Наименьшие квадраты, постоянный шаг",
	"Least squares with twelve targets", "Наименьшие квадраты с двенадцатью выходами",
	"Error of the linear model", "Ошибка линейной модели",
	"Logistic regression without a penalty", "Логистическая регрессия без регуляризации",
	"Steps under a constant gradient", "Шаги при постоянном градиенте",
	"Reddi, Kale and Kumar's example", "Пример Reddi, Kale и Kumar",
	"How weights decay", "Затухание весов",
	"Rosenbrock's function, step size 0.003, step", "Функция Розенброка, шаг обучения 0.003, шаг",
	"Unit balls of ‖·‖_p, and the oracle", "Единичные шары ‖·‖_p и LMO",
	"The polar factor of an n × n matrix", "Полярный множитель матрицы n × n",
	"Two spirals, step", "Две спирали, шаг",
	"Published: scores by training compute", "Опубликовано: оценки по вычислениям",
	"Published: NanoGPT speedrun", "Опубликовано: NanoGPT speedrun",

	"the minimizer jumps", "минимум прыгает",
	"the minimizer stays", "минимум на месте",
	"lower bound", "нижняя оценка",
	"ms/step", "мс/шаг", "FLOPs", "операции",
	"average of the iterates", "среднее итераций",
	"frequency of the feature", "частота признака",
	"f − f*, step sizes tuned", "f − f*, шаги подобраны",
	"the batch and its optimum", "батч и его оптимум",
	"minimum found by search", "минимум, найденный перебором",
	"normalized gradient descent", "нормированный градиентный спуск",
	"gradient descent", "градиентный спуск",
	"safe schedule", "безопасное расписание",
	"averaged SGD", "усреднённый SGD",
	"as in the public notebook", "как в публичном ноутбуке",
	"trained with Muon", "обучены методом Muon",
	"training tokens", "токены обучения",
	"training FLOPs", "операции обучения",
	"validation loss", "потери на валидации",
	"minutes on", "минуты на",
	"singular values", "сингулярные числа",
	"Jordan's coefficients", "коэффициенты Джордана",
	"mean square error", "средний квадрат ошибки",
	"mean and bound", "среднее и оценка",
	"with replacement", "с повторениями",
	"full gradient", "полный градиент",
	"and their mean", "и их среднее",
	"last iterate", "последняя итерация",
	"printed bound", "напечатанная оценка",
	"sharper bound", "уточнённая оценка",
	"without noise", "без шума",
	"with noise", "с шумом",
	"every step", "каждый шаг",
	"step of", "шаг",
	"batch size", "размер батча",
	"after 5 epochs", "после 5 эпох",
	"after k steps", "после k шагов",
	"of G: by", "у G: к",
	"not convex", "невыпуклый",
	"by tokens", "по токенам",
	"by time", "по времени",
	"best α", "лучший α",
	"law of", "формула:",
	"Newton-type, two phases", "ньютоновского типа, две фазы",
	"Newton-type", "ньютоновского типа",

	"error", "ошибка", "corrected", "исправленный", "gradient", "градиент", "iterations", "итерации", "iteration", "итерация",
	"minimizer", "минимум",
	"normalized", "нормированный", "regularized", "регуляризованный", "convex", "выпуклый", "measured", "измерено",
	"without", "без повторений", "optimum", "оптимум", "others", "другие", "frontier", "граница", "second", "вторая", "first", "первая", "epochs", "эпохи",
	"slope", "наклон", "score", "оценка", "steps", "шагов", "step", "шаг", "mean", "среднее", "batch", "батч", "time, s", "время, с",
	"Jordan", "Джордан", "Nesterov", "Нестеров", "Polyak", "Поляк", "from", "из",
).Replace
