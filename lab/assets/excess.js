"use strict";
// Draws f − f* over the steps, with the bounds of theorems for each curve.
const excess = (() => {
const { node } = charts;

// Plot draws curves in an element. A curve has a style, values, and bounds with values, which may be null.
function Plot(element) {
  const line = node("div", { className: "now" }), box = node("div", { className: "box" }, [line]);
  let uplot = null, now = 0;
  element.append(box);
  new ResizeObserver(() => uplot?.setSize(size())).observe(box);

  function size() {
    return { width: box.clientWidth, height: box.clientHeight };
  }

  const options = (series, steps) => {
    const css = getComputedStyle(element), ink = { stroke: css.getPropertyValue("--soft"), font: "13px " + css.fontFamily };
    const rule = { stroke: css.getPropertyValue("--line"), width: 1 }, range = heights(series);
    const ruler = (space, size, splits, values) => ({
      ...ink, grid: rule, ticks: { ...rule, size: 5 }, gap: 4, space, size, splits, values, filter: (u, v) => v,
    });
    const room = (u, side, space) => u.bbox[side] / uPlot.pxRatio / space;
    return {
      ...size(), hooks: { draw: [() => this.at(now)] }, pxAlign: 0, legend: { show: false }, cursor: { show: false }, padding: [8, 14, 0, 0],
      scales: { x: { time: false, range: [0, steps] }, y: { distr: 3, range } },
      axes: [
        ruler(64, 28, (u, i, min, max) => charts.round(min, max, room(u, "width", 64)), (u, v) => v.map(charts.compact)),
        ruler(36, 52, (u, i, min, max) => charts.decades(min, max, room(u, "height", 36)), (u, v) => charts.labelled(v)),
      ],
      series: [{}, ...series.map(({ style, bound }) => ({
        stroke: charts.colour(style) + (bound && !bound.held ? "88" : ""), width: bound ? 1 : 1.75, points: { show: false },
        dash: bound ? dash(bound) : style.dash,
      }))],
    };
  };

  // show draws curves over a number of steps.
  this.show = (curves, steps) => {
    uplot?.destroy();
    uplot = null;
    const series = curves.flatMap(c => [{ style: c.style, values: c.values }, ...c.bounds.map(b => ({ style: c.style, values: b.values.mid, bound: b }))]);
    if (!series.length) return;
    const x = Array.from({ length: steps + 1 }, (_, k) => k);
    const pad = values => x.map(k => values[k] > 0 ? values[k] : null);
    uplot = new uPlot(options(series, steps), [x, ...series.map(s => pad(s.values))], box);
  };

  // at moves the vertical line to a step.
  this.at = k => {
    now = k;
    if (uplot) line.style.transform = `translateX(${uplot.valToPos(k, "x") + uplot.bbox.left / uPlot.pxRatio}px)`;
  };

  // heights returns the range of the measured values, and of bounds up to a thousand times as large. Values 10¹⁶ times less than the
  // largest are only rounding errors.
  function heights(series) {
    let low = Infinity, high = 0;
    const take = (values, most) => {
      for (const v of values) if (v > 0 && v <= most) [low, high] = [Math.min(low, v), Math.max(high, v)];
    };
    const first = Math.max(1e-300, ...series.filter(s => !s.bound).map(s => s.values[0] ?? 0));
    for (const s of series) if (!s.bound) take(s.values, 1e3 * first);
    for (const s of series) if (s.bound) take(s.values, 1e3 * first);
    low = Math.max(low, high * 1e-16);
    return low < high ? [low / 1.3, high * 1.3] : [high / 10 || .1, high * 10 || 10];
  }
}

// dash distinguishes bounds as printed from sharper ones.
function dash(bound) {
  return bound.printed ? [6, 5] : [2, 3];
}

return { Plot, dash };
})();
