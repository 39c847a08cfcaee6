"use strict";
// Draws the effect of the steps of an iteration for polar factors on singular values.
const singular = (() => {
const { node } = charts;

// Plot draws in an element. The values of one step are strong, those of all others faint.
function Plot(element) {
  const box = node("div", { className: "box" });
  let uplot = null;
  element.append(box);
  new ResizeObserver(() => uplot?.setSize({ width: box.clientWidth, height: box.clientHeight })).observe(box);

  this.show = (values, k, log) => {
    const css = getComputedStyle(element), [ink, line, accent] = ["--soft", "--line", "--accent"].map(name => css.getPropertyValue(name));
    const ruler = (space, size, splits, values) => ({
      stroke: ink, font: "13px " + css.fontFamily, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1, size: 5 }, gap: 4,
      space, size, splits, values, filter: (u, v) => v,
    });
    const room = (u, side, space) => u.bbox[side] / uPlot.pxRatio / space, top = Math.min(2, 1.05 * Math.max(1, ...values.after.flat()));
    uplot?.destroy();
    uplot = new uPlot({
      width: box.clientWidth, height: box.clientHeight, pxAlign: 0, legend: { show: false }, cursor: { show: false }, padding: [8, 14, 0, 0],
      scales: { x: { time: false, distr: log ? 3 : 1, range: [values.sigma[0], 1] }, y: { range: [0, top] } },
      axes: [
        ruler(64, 28, (u, i, min, max) => (log ? charts.decades : charts.round)(min, max, room(u, "width", 64)), (u, v) => log ? charts.labelled(v) : v.map(charts.compact)),
        ruler(36, 42, (u, i, min, max) => charts.round(min, max, room(u, "height", 36)), (u, v) => v.map(charts.compact)),
      ],
      series: [{}, ...values.after.map((_, i) => ({ stroke: accent + (i === k ? "" : "60"), width: i === k ? 2.25 : 1, points: { show: false } })),
        { stroke: ink, width: 1, dash: [6, 5], points: { show: false } }],
    }, [values.sigma, ...values.after, values.sigma.map(() => 1)], box);
  };
}

// words describes a step, and the range of the singular values after it.
function words(values, k) {
  const from = values.sigma.findIndex(s => s >= .01), after = values.after[k].slice(from), number = charts.number;
  const term = (c, power, first) => c === 0 ? "" : (c < 0 ? " − " : first ? "" : " + ") + number(Math.abs(c)) + "σ" + power;
  const range = `After ${k} of ${values.table.length} steps, singular values in [0.01, 1] lie in [${number(Math.min(...after))}, ${number(Math.max(...after))}].`;
  if (k === 0) return range;
  const [a, b, c] = values.table[k - 1];
  return `Step ${k} takes σ to ${term(a, "", true)}${term(b, "³")}${term(c, "⁵")}. ${range}`;
}

return { Plot, words };
})();
