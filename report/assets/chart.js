"use strict";
// Draws plots with uPlot, and lets the reader change them. Each plot has a view: the axes, their scales, the hidden curves and the zoom. A
// control changes the view, and the creator of the chart is notified.
const charts = (() => {
const dark = matchMedia("(prefers-color-scheme: dark)");

// ---- The view of a plot, in parameters of an address --------------------------------------------------------------------

function readView(plot, all) {
  const flag = (key, otherwise) => all(key).length ? all(key)[0] === "1" : otherwise;
  const x = axis(plot.x, all("x")[0]), y = axis(plot.y, all("y")[0]);
  const names = plot.curves?.map(c => c.name) ?? [];
  const hidden = all("show").length ? names.filter(n => !all("show").includes(n)) : all("hide");
  const logx = flag("logx", x?.log), logy = flag("logy", y?.log);
  const [x0, x1, y0, y1] = all("zoom")[0]?.split(",").map(Number) ?? [];
  const zoomed = x0 < x1 && y0 < y1 && (x0 > 0 || !logx) && (y0 > 0 || !logy);
  return {
    x: x?.key, y: y?.key, logx, logy, spread: flag("spread", true), hidden: new Set(hidden),
    zoom: zoomed ? [x0, x1, y0, y1] : null,
  };
}

function writeView(plot, view, put) {
  const first = readView(plot, () => []);
  const x = axis(plot.x, view.x), y = axis(plot.y, view.y);
  if (view.x !== first.x) put("x", view.x);
  if (view.y !== first.y) put("y", view.y);
  if (view.logx !== x?.log) put("logx", +view.logx);
  if (view.logy !== y?.log) put("logy", +view.logy);
  if (!view.spread) put("spread", 0);
  const shown = (plot.curves ?? []).map(c => c.name).filter(n => !view.hidden.has(n));
  if (shown.length < view.hidden.size) (shown.length ? shown : [""]).forEach(n => put("show", n));
  else view.hidden.forEach(n => put("hide", n));
  if (view.zoom) put("zoom", view.zoom.map(v => +v.toPrecision(6)).join());
}

function axis(axes, key) {
  return axes?.find(a => a.key === key) ?? axes?.[0];
}

// ---- One plot ----------------------------------------------------------------------------------------------------------

// Chart draws a plot in a section, in the styles of its curves. It calls changed after each change of the view.
function Chart(section, index, changed) {
  let plot = { x: [], y: [], curves: [] }, styles = {}, curves = [], methods = [], xs, ys;
  let uplot = null, shown = [], scientific = false, outline = "", held = false, missed = false;
  const chart = node("div", { className: "chart" });
  const reset = link("reset zoom", () => change({ zoom: null }));
  const where = node("span"), above = node("div", { className: "above" }), below = node("div", { className: "below" });
  const list = node("div", { className: "methods-list" });
  const spread = tick("spread", "Show the bands around the curves", on => change({ spread: on }));

  section.append(node("div", { className: "view" }, [
    node("div", {}, [
      above, chart, below,
    ]),
    node("div", { className: "methods" }, [
      node("div", { className: "methods-head" }, [where, node("span", {}, [
        link("all", () => change({ hidden: new Set() }), "Show every method"),
        link("none", () => change({ hidden: new Set(curves.map(c => c.name)) }), "Hide every method"),
      ])]),
      list,
    ]),
    node("div", { className: "actions" }, [
      reset, link("save picture", () => picture()),
      link("save data", () => save(new Blob([JSON.stringify(plot)], { type: "application/json" }), ".json")),
    ]),
  ]));
  chart.addEventListener("dblclick", () => change({ zoom: null }));
  chart.addEventListener("pointerdown", () => held = true); // a chart that is being dragged stays, so that the drag can end
  for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => {
    held = false;
    if (missed) requestAnimationFrame(draw);
  });
  new ResizeObserver(() => uplot?.setSize(size())).observe(chart);

  this.index = index;
  this.draw = draw;
  this.show = show;
  const self = this;

  // show draws a plot with the styles of its curves. If the plot has the same curves and axes as before, the controls stay in place.
  function show(next, looks) {
    [this.plot, plot, styles, curves] = [next, next, looks, next.curves ?? []];
    spread.hidden = !curves.some(c => Object.values(c.y).some(b => b.low));
    const drawn = JSON.stringify([plot.x, plot.y, curves.map(c => [c.name, c.of])]);
    if (drawn === outline) return methods.forEach((m, i) => m.curve = curves[i]);
    outline = drawn;
    [xs, ys] = [choices("horizontal axis", "x", plot.x), choices("vertical axis", "y", plot.y)];
    above.replaceChildren(ys.element, spread);
    below.replaceChildren(xs.element);
    methods = curves.map(method);
    list.replaceChildren(...methods.map(m => m.button));
  }

  function change(what) {
    Object.assign(self.view, what);
    draw();
    changed(what);
  }

  function size() {
    return { width: chart.clientWidth, height: chart.clientHeight };
  }

  // choices returns the radio buttons that choose an axis, with the box for its logarithmic scale.
  function choices(title, which, axes) {
    const inputs = (axes ?? []).map(a => node("input", {
      type: "radio", name: which + index, value: a.key,
      onchange: () => change({ [which]: a.key, ["log" + which]: a.log, zoom: null }),
    }));
    const log = tick("log", "Logarithmic " + title, on => change({ ["log" + which]: on, zoom: null }));
    const element = node("fieldset", { className: "axis", hidden: !inputs.length }, [
      node("legend", { textContent: title }),
      node("div", { className: "choices" },
        inputs.map((input, i) => node("label", {}, [input, node("span", { textContent: axes[i].label })]))),
      log,
    ]);
    const show = view => {
      inputs.forEach(input => input.checked = input.value === view[which]);
      log.firstChild.checked = view["log" + which];
    };
    return { element, show };
  }

  // method returns a row of the legend: a click hides or shows the curve, a double or alt-click shows only this curve.
  function method(curve) {
    const value = node("output"), swatch = node("i"), m = { curve, value, swatch };
    m.button = node("button", {
      type: "button", className: curve.of ? "method about" : "method",
      title: "Click to hide or show, double-click or Alt-click to see it alone",
      onclick: e => {
        const hidden = new Set(self.view.hidden);
        if (e.altKey) return alone(curve);
        hidden.delete(curve.name) || hidden.add(curve.name);
        change({ hidden });
      },
      ondblclick: () => alone(curve),
      onmouseenter: () => focus(m.curve),
      onmouseleave: () => focus(null),
    }, [swatch, node("span", { textContent: curve.of ? curve.name.replace(curve.of, "").trim() : curve.name }), value]);
    return m;
  }

  function alone(curve) {
    const others = curves.map(c => c.name).filter(n => n !== curve.name);
    const already = others.every(n => self.view.hidden.has(n)) && !self.view.hidden.has(curve.name);
    change({ hidden: new Set(already ? [] : others) });
  }

  function focus(curve) {
    const i = shown.findIndex(s => s.curve === curve);
    uplot?.setSeries(i < 0 ? null : i + 1, { focus: i >= 0 });
  }

  function draw() {
    if (missed = held) return;
    const view = self.view, { left, top } = uplot?.cursor ?? {};
    xs.show(view);
    ys.show(view);
    spread.firstChild.checked = view.spread;
    reset.hidden = !view.zoom;
    shown = curves.filter(c => !view.hidden.has(c.name)).map(c => points(c, view)).filter(s => s);
    const [low, high] = extent(shown.flatMap(s => s.mid), view.logy, 0);
    scientific = view.logy && high / low > 1e4;
    for (const m of methods) {
      const drawn = shown.some(s => s.curve === m.curve);
      m.button.setAttribute("aria-pressed", !view.hidden.has(m.curve.name));
      m.button.classList.toggle("absent", !drawn);
      m.swatch.innerHTML = swatch(styles[m.curve.name]);
    }
    uplot?.destroy();
    uplot = null;
    chart.replaceChildren();
    if (shown.length) uplot = new uPlot(options(), uPlot.join(shown.map(s => [s.x, s.mid])), chart);
    else chart.append(node("div", { className: "empty", textContent: "Nothing to show over these axes." }));
    if (left >= 0) uplot?.setCursor({ left, top });
    readOut();
  }

  function options() {
    const view = self.view, css = getComputedStyle(section);
    const range = view.zoom ?? [...extent(shown.flatMap(s => s.x), view.logx, 0), ...extent(heights(), view.logy, .04)];
    const ink = { stroke: css.getPropertyValue("--soft"), font: "13px " + css.fontFamily };
    const line = { stroke: css.getPropertyValue("--line"), width: 1 };
    const scale = (log, from) => ({
      time: false, distr: log ? 3 : 1, range: () => [range[from], range[from + 1]],
    });
    const ruler = (log, space, size) => ({
      ...ink, grid: line, ticks: { ...line, size: 5 }, gap: 4, space, size,
      filter: (u, splits) => splits,
      splits: (u, i, min, max) => (log ? decades : round)(min, max, u.bbox[i ? "height" : "width"] / uPlot.pxRatio / space),
      values: (u, splits) => log ? labelled(splits) : splits.map(compact),
    });
    return {
      ...size(), legend: { show: false }, focus: { alpha: .22 }, padding: [8, 18, 0, 0],
      scales: { x: scale(view.logx, 0), y: scale(view.logy, 2) },
      axes: [ruler(view.logx, 64, 28), ruler(view.logy, 36, (u, labels) => 14 + 7 * Math.max(3, ...(labels ?? []).map(width)))],
      series: [{}, ...shown.map(s => {
        const style = styles[s.curve.name], alone = lonely(s);
        return {
          stroke: colour(style), width: style.width, pxAlign: 0,
          points: { show: alone.length > 0, filter: u => alone.map(x => u.data[0].indexOf(x)), fill: colour(style), size: 6 },
          dash: style.dash?.map(d => d * uPlot.pxRatio),
        };
      })],
      cursor: {
        dataIdx: nearest, focus: { prox: 20 }, points: { size: 7, width: 0 },
        drag: { x: true, y: true, uni: 40, setScale: false },
      },
      hooks: {
        drawAxes: [drawBands],
        setCursor: [readOut],
        setSeries: [(u, i) => methods.forEach(m => m.button.classList.toggle("near", !!i && shown[i - 1]?.curve === m.curve))],
        setSelect: [u => zoomTo(u, u.select)],
      },
    };
  }

  // heights returns all values that the vertical axis must cover.
  function heights() {
    return shown.flatMap(s => self.view.spread && s.low ? [...s.mid, ...s.low, ...s.high] : s.mid);
  }

  // nearest finds the curve's own point next to the cursor. The curves share the union of their positions, so most values of
  // a curve are missing. Outside the range of the curve there is no such point.
  function nearest(u, series, closest, at) {
    const x = u.data[0], y = u.data[series];
    if (series === 0) return closest;
    let left = closest, right = closest;
    while (left >= 0 && (y[left] == null || x[left] > at)) left--;
    while (right < x.length && (y[right] == null || x[right] < at)) right++;
    if (left < 0 || right === x.length) return null;
    return u.valToPos(at, "x") - u.valToPos(x[left], "x") <= u.valToPos(x[right], "x") - u.valToPos(at, "x") ? left : right;
  }

  function readOut() {
    const at = uplot?.cursor.left >= 0 ? uplot.cursor.idx : null;
    where.textContent = at == null ? "last values" : "at " + position(uplot.data[0][at]);
    for (const m of methods) {
      const i = shown.findIndex(s => s.curve === m.curve);
      const value = i < 0 ? null : at == null ? shown[i].mid.findLast(v => v != null)
        : uplot.data[i + 1][uplot.cursor.idxs[i + 1]];
      m.value.textContent = value == null ? "" : number(value, scientific);
    }
  }

  function zoomTo(u, { left, top, width, height }) {
    if (width < 4 || height < 4) return;
    const zoom = [u.posToVal(left, "x"), u.posToVal(left + width, "x"), u.posToVal(top + height, "y"), u.posToVal(top, "y")];
    requestAnimationFrame(() => change({ zoom }));
  }

  // drawBands fills the area between the quantiles, a polygon for each stretch without a gap.
  function drawBands(u) {
    if (!self.view.spread) return;
    const { ctx, bbox } = u, floor = bbox.top + bbox.height;
    const px = v => u.valToPos(v, "x", true);
    const py = v => self.view.logy && v <= 0 ? floor : u.valToPos(v, "y", true);
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    shown.forEach((s, i) => {
      if (!s.low) return;
      ctx.fillStyle = colour(styles[s.curve.name]);
      ctx.globalAlpha = .13 * (u.series[i + 1].alpha ?? 1);
      for (const [from, to] of stretches(s)) {
        ctx.beginPath();
        for (let k = from; k < to; k++) ctx.lineTo(px(s.x[k]), py(s.high[k]));
        for (let k = to; k-- > from;) ctx.lineTo(px(s.x[k]), py(s.low[k]));
        ctx.fill();
      }
    });
    ctx.restore();
  }

  // picture saves the curves with their title, axes and legend.
  function picture() {
    if (!uplot) return;
    const view = self.view, ratio = uPlot.pxRatio, { width, height } = size(), css = getComputedStyle(document.body);
    const cell = 40 + Math.max(...shown.map(s => measure(s.curve.name, css)));
    const columns = Math.max(1, Math.floor((width - 32) / cell));
    const canvas = node("canvas", {
      width: (width + 32) * ratio, height: (height + 116 + 22 * Math.ceil(shown.length / columns)) * ratio,
    });
    const ctx = canvas.getContext("2d");
    const write = (text, x, y, font) => {
      ctx.font = font + " " + css.fontFamily;
      ctx.fillStyle = css.color;
      ctx.fillText(text, x, y);
    };
    ctx.scale(ratio, ratio);
    ctx.fillStyle = css.backgroundColor;
    ctx.fillRect(0, 0, canvas.width, canvas.height);
    write(plot.title, 16, 32, "600 18px");
    write(axis(plot.y, view.y).label, 16, 60, "13px");
    ctx.drawImage(uplot.ctx.canvas, 16, 68, width, height);
    ctx.textAlign = "center";
    write(axis(plot.x, view.x).label, 16 + width / 2, height + 84, "13px");
    ctx.textAlign = "left";
    shown.forEach((s, i) => {
      const x = 24 + cell * (i % columns), y = height + 112 + 22 * Math.floor(i / columns), style = styles[s.curve.name];
      ctx.strokeStyle = colour(style);
      ctx.lineWidth = style.width;
      ctx.setLineDash(style.dash ?? []);
      ctx.beginPath();
      ctx.moveTo(x, y - 4);
      ctx.lineTo(x + 26, y - 4);
      ctx.stroke();
      write(s.curve.name, x + 32, y, "13px");
    });
    canvas.toBlob(blob => save(blob, ".png"));
  }

  function save(blob, suffix) {
    const name = (plot.title || document.title).toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "");
    const url = URL.createObjectURL(blob);
    node("a", { href: url, download: (name || "plot") + suffix }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  }
}

// ---- Data --------------------------------------------------------------------------------------------------------------

// points returns the values of a curve on the axes of the view, with null for values that the scales cannot show; null for a
// curve that lacks an axis.
function points(curve, view) {
  const x = curve.x[view.x], band = curve.y[view.y];
  if (!x || !band) return null;
  const can = (v, log) => v != null && (!log || v > 0);
  const keep = x.map((v, i) => i).filter(i => can(x[i], view.logx));
  const pick = list => list && keep.map(i => list[i]);
  const mid = pick(band.mid).map(v => can(v, view.logy) ? v : null);
  return mid.some(v => v != null) ? { curve, x: pick(x), mid, low: pick(band.low), high: pick(band.high) } : null;
}

// stretches returns the index ranges [from, to) in which the band has no gap.
function stretches({ mid, low, high }) {
  const out = [];
  let from = 0;
  for (let i = 0; i <= mid.length; i++) {
    if (i < mid.length && mid[i] != null && low[i] != null && high[i] != null) continue;
    if (i > from) out.push([from, i]);
    from = i + 1;
  }
  return out;
}

// lonely returns the positions of points between two gaps. Lines would not show them.
function lonely({ x, mid }) {
  return x.filter((v, i) => mid[i] != null && mid[i - 1] == null && mid[i + 1] == null);
}

// extent returns the range of the values with a margin, which is given as a part of the range.
function extent(values, log, margin) {
  let min = Infinity, max = -Infinity;
  for (const v of values) {
    if (v == null || log && v <= 0 || Math.abs(v) > 1e300) continue; // the length of the axis would overflow
    min = Math.min(min, v);
    max = Math.max(max, v);
  }
  if (log) {
    const pad = max > min ? (max / min) ** margin : 2;
    return [min / pad, max * pad];
  }
  const pad = max > min ? (max - min) * margin : Math.abs(min) / 2 || 1;
  return [min - pad, max + pad];
}

// ---- Numbers -----------------------------------------------------------------------------------------------------------

// decades returns the ticks of a logarithmic axis: powers of ten; for less than two decades also 2 and 5 times these; for an even
// smaller range the round numbers of a linear axis.
function decades(min, max, room) {
  const first = Math.ceil(Math.log10(min) - 1e-9), last = Math.floor(Math.log10(max) + 1e-9);
  const exponents = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  if (last - first >= 2) {
    const stride = Math.ceil((last - first + 1) / Math.max(2, room));
    return exponents.filter(e => e % stride === 0).map(e => 10 ** e);
  }
  const short = [first - 1, ...exponents].flatMap(e => [1, 2, 5].map(m => m * 10 ** e)).filter(v => min <= v && v <= max);
  return short.length > 2 ? short : round(min, max, room);
}

// round returns the ticks of a linear axis: multiples of 1, 2 or 5 times a power of ten.
function round(min, max, room) {
  const rough = (max - min) / Math.max(2, Math.min(10, room)), unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * [1, 2, 5, 10].find(m => m * unit >= rough);
  const out = [];
  for (let k = Math.ceil(min / step); k * step <= max; k++) out.push(k * step);
  return out;
}

function labelled(splits) {
  const exponents = splits.map(Math.log10);
  const powers = splits.length > 2 && exponents.every(e => Math.abs(e - Math.round(e)) < 1e-9);
  return powers ? exponents.map(e => "10" + superscript(Math.round(e))) : splits.map(compact);
}

function superscript(n) {
  return String(n).replace(/./g, c => c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]);
}

// compact formats a tick value briefly: 0.25, 4000, 40k, 2.5M, 3·10⁻⁷.
function compact(v) {
  let unit = "", size = Math.abs(v);
  if (size >= 1e4 && size < 1e18)
    for (unit of "kMGTP") if (Math.abs(v /= 1e3) < 1e3) break;
  if (size !== 0 && (size < 1e-4 || size >= 1e18)) {
    const [mantissa, exponent] = v.toExponential().split("e");
    return (+(+mantissa).toPrecision(6) + "·10" + superscript(+exponent)).replace(/^-/, "−");
  }
  return (+v.toPrecision(6) + unit).replace("-", "−");
}

// number formats a value with four digits, or three and an exponent.
function number(v, scientific = false) {
  const size = Math.abs(v);
  const text = !scientific && (size === 0 || 1e-3 <= size && size < 1e5) ? String(+v.toPrecision(4)) : v.toExponential(2);
  return text.replaceAll("-", "−").replace("e+", "e");
}

function position(v) {
  return Number.isInteger(v) && Math.abs(v) < 1e7 ? v.toLocaleString("en") : number(v);
}

// ---- Elements ----------------------------------------------------------------------------------------------------------

function node(tag, properties = {}, children = []) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function link(text, onclick, title = "") {
  return node("button", { type: "button", className: "link", textContent: text, onclick, title });
}

function tick(text, title, onchange) {
  const input = node("input", { type: "checkbox", onchange: () => onchange(input.checked) });
  return node("label", { className: "tick", title }, [input, text]);
}

function colour(style) {
  return (dark.matches ? style.dark : style.light) + (style.faint ? "66" : "");
}

function swatch(style) {
  return `<svg width="26" height="10" aria-hidden="true"><line x1="0" x2="26" y1="5" y2="5" stroke="${colour(style)}"
    stroke-width="${style.width + .5}" stroke-dasharray="${style.dash?.join(" ") ?? ""}"/></svg>`;
}

// width estimates the width of a label in letters. Superscripts are narrow.
function width(label) {
  return [...label].reduce((sum, c) => sum + ("⁻⁰¹²³⁴⁵⁶⁷⁸⁹".includes(c) ? .7 : 1), 0);
}

function measure(text, css) {
  const ctx = measure.ctx ??= document.createElement("canvas").getContext("2d");
  ctx.font = "13px " + css.fontFamily;
  return ctx.measureText(text).width;
}

return { Chart, readView, writeView, dark, swatch, colour, node, link, number, compact, round, decades, labelled };
})();
