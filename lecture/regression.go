package lecture

import (
	"steepest/data"
	"steepest/internal/threefry"
	"steepest/objective"
)

// regression is the linear regression of the lecture's notebook: a hundred points with x uniform in [−½, ½) and y = 3x + 4 + 0.2ξ with ξ
// normal, equal to those of JAX bit by bit. The unknowns are the slope w₁ and the intercept w₂.
type regression struct {
	*objective.Linear[float64]
	x, y []float64
	best []float64 // the least squares solution
}

// lineStart is the starting point of the lecture's run on this regression.
var lineStart = []float64{5.5, 1.5}

func newRegression() regression {
	const n = 100
	key := threefry.New(228)
	noise, _ := key.Split()
	r := regression{x: make([]float64, n), y: make([]float64, n)}
	rows := &data.Dense{Rows: n, Cols: 2}
	uniform := key.Uniform(n)
	for i, e := range noise.Normal(n) {
		x := uniform[i] - 0.5
		r.x[i], r.y[i] = float64(x), float64(3*x+4+0.2*e)
		rows.Data = append(rows.Data, r.x[i], 1)
	}
	p, err := objective.LeastSquares(rows, r.y)
	if err != nil {
		panic("lecture: " + err.Error())
	}
	r.Linear, r.best = p, fit(r.x, r.y)
	return r
}

// fit returns the slope and the intercept of the least squares line through points.
func fit(x, y []float64) []float64 {
	var mx, my, xx, xy float64
	for i := range x {
		mx, my = mx+x[i]/float64(len(x)), my+y[i]/float64(len(x))
	}
	for i := range x {
		xx, xy = xx+(x[i]-mx)*(x[i]-mx), xy+(x[i]-mx)*(y[i]-my)
	}
	return []float64{xy / xx, my - xy/xx*mx}
}
