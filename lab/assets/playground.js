"use strict";
// The page of methods on functions of two unknowns. It shows a state, which is in the address. The server computes paths and heights; scripts
// only draw.
(() => {
const $ = id => document.getElementById(id);
const { node } = charts, { walker, spec, row } = walkers;
const most = 8, first = { function: "rosenbrock", kappa: "100", noise: "0", batch: "1", seed: "1", steps: "500", ball: "", schulz: "keller", iterations: "", sigma: "", speed: "60" };
const numbers = ["kappa", "noise", "batch", "seed", "steps"];
const state = { ...first, start: null, view: null, step: null, walkers: [] };
const plot = new excess.Plot($("excess")), spectrum = new singular.Plot($("singular"));
const map = $("map"), board = new boards.Board(map, ["relief", "trails", "heads"].map($));
const page = { about: () => about, change: () => change({}), remove: w => change({ walkers: state.walkers.filter(o => o !== w) }) };
let about = null, grid = null, descent = null, sigmas = null, playing = 0, writing = 0;

// ---- The state and the address -----------------------------------------------------------------------------------------

function readAddress() {
  const q = new URLSearchParams(location.hash.slice(1)), point = (key, n) => {
    const v = (q.get(key) ?? "").split(",").map(Number);
    return v.length === n && v.every(Number.isFinite) ? v : null;
  };
  for (const key in first) state[key] = q.get(key) ?? first[key];
  state.start = point("start", 2);
  state.view = point("view", 3);
  if (!(state.view?.[2] > 0)) state.view = null;
  state.step = q.has("step") && +q.get("step") >= 0 ? +q.get("step") : null;
  state.walkers = q.has("m") ? q.getAll("m").slice(0, most).filter(m => m).map(walker) : null;
  pause();
  load();
}

// write puts the state into the address after a delay: browsers limit the rate of such changes.
function write() {
  clearTimeout(writing);
  writing = setTimeout(() => {
    const q = new URLSearchParams();
    for (const key in first) if (state[key] !== first[key]) q.set(key, state[key]);
    if (state.start) q.set("start", state.start);
    if (state.view) q.set("view", state.view.map(v => +v.toPrecision(6)));
    if (state.step !== null) q.set("step", Math.floor(state.step));
    state.walkers?.forEach(w => q.append("m", spec(w)));
    if (state.walkers?.length === 0) q.set("m", "");
    history.replaceState(null, "", location.pathname + "#" + q.toString().replaceAll("%3A", ":").replaceAll("%2C", ",").replaceAll("%3D", "="));
  }, 200);
}

// change changes the state, and shows it.
function change(what) {
  Object.assign(state, what);
  write();
  load();
}

// ---- What the server computes ------------------------------------------------------------------------------------------

async function ask(what, q) {
  const answer = await fetch("/api/playground/" + what + "?" + q).catch(() => { throw new Error("the lab does not answer"); });
  const value = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(value.error ?? "the lab answers " + answer.status);
  return value;
}

// latest returns a function that never runs twice at a time. If it is called while it runs, it runs once more afterwards.
function latest(run) {
  let running = null, again = false;
  const all = async () => {
    do {
      again = false;
      await run();
    } while (again);
    running = null;
  };
  return () => running ? (again = true, running) : running = all();
}

const load = latest(async () => {
  const q = new URLSearchParams({ function: state.function, kappa: state.kappa, noise: state.noise });
  if (about?.asked !== q.toString()) {
    try {
      about = { ...await ask("about", q), asked: q.toString() };
    } catch (e) {
      say(e.message);
      if (about) return;
      about = await ask("about", new URLSearchParams({ function: first.function })).catch(() => null);
      return about && fields();
    }
  }
  state.start ??= about.start;
  state.walkers ??= ["gd", "heavy-ball", "adam"].map(fresh);
  say("");
  fields();
  rows();
  relief();
  fall();
  squeeze();
  await Promise.all(state.walkers.map(w => walk(w)));
  curves();
  promise();
});

// walk requests the path of a method, unless it is already there.
async function walk(w) {
  const { walkers, view, step, ball, schulz, iterations, sigma, speed, ...run } = state, q = new URLSearchParams({ ...run, method: spec(w) }).toString();
  if (w.asked === q) return;
  w.asked = q;
  try {
    const path = await ask("path", q);
    if (w.asked !== q) return;
    [w.path, w.error] = [path, ""];
  } catch (e) {
    if (w.asked !== q) return;
    [w.path, w.error, w.promises] = [null, e.message, null];
  }
  board.renew();
  frame();
}

// promise requests the bounds of theorems, once all paths are there.
const promise = latest(async () => {
  await Promise.all(state.walkers.filter(w => w.path && w.held !== w.asked).map(async w => {
    const q = w.asked, promises = await ask("bounds", q).catch(() => null);
    if (w.asked === q) [w.held, w.promises] = [q, promises];
  }));
  curves();
});

// curves shows f − f* of the methods, and the bounds of theorems.
function curves() {
  const there = state.walkers.map((w, i) => ({ w, style: about.styles[i] })).filter(({ w }) => w.path);
  const curve = ({ w, style }) => ({ style, values: w.path.loss.map(f => f - about.min), bounds: w.held === w.asked && w.promises?.bounds || [] });
  plot.show(there.map(curve), +state.steps);
  plot.at(now());
  $("promises").replaceChildren(...there.filter(({ w }) => w.held === w.asked && w.promises).flatMap(said));
}

// said returns the lines about the theorems for a method.
function said({ w, style }) {
  const { bounds, note } = w.promises, line = (style, ...text) => node("p", {}, [node("i", { innerHTML: charts.swatch(style) }), node("span", {}, text)]);
  if (note) return [line(style, "No bound: " + note + ".")];
  return bounds.map(b => line({ ...style, width: .5, dash: excess.dash(b) },
    node("b", { textContent: b.title }), node("span", { className: "statement", innerHTML: b.statement }),
    node("cite", { textContent: (b.held ? "" : "Whether all its hypotheses hold is not known. ") + b.source })));
}

// fall requests the direction of steepest descent at the start, in the norm whose ball is shown.
const fall = latest(async () => {
  const q = new URLSearchParams({ function: state.function, kappa: state.kappa, start: state.start, norm: state.ball }).toString();
  if (descent?.asked === q) return;
  try {
    descent = state.ball ? { ...await ask("descent", q), asked: q } : null;
  } catch (e) {
    return say(e.message);
  }
  $("ballnote").hidden = !descent;
  if (descent) $("ballnote").textContent = balls.words(descent, $("ball").selectedOptions[0].textContent);
  frame();
});

const relief = latest(async () => {
  const [columns, rows] = [map.clientWidth, map.clientHeight].map(size => Math.max(2, Math.min(200, Math.round(size / 4))));
  const b = board.box(view());
  const q = new URLSearchParams({ function: state.function, kappa: state.kappa, box: [b.x0, b.x1, b.y0, b.y1], columns, rows }).toString();
  if (grid?.asked !== q) {
    try {
      const values = await ask("relief", q);
      grid = { ...contour.heights(values), columns, rows, asked: q };
    } catch (e) {
      return say(e.message);
    }
  }
  background();
});

// squeeze shows the effect of an iteration on singular values.
const squeeze = latest(async () => {
  const q = new URLSearchParams({ preset: state.schulz, scale: state.sigma }).toString();
  if (sigmas?.asked !== q) {
    try {
      sigmas = { ...await ask("singular", q), asked: q };
    } catch (e) {
      return say(e.message);
    }
  }
  const most = sigmas.table.length, k = state.iterations === "" ? most : Math.min(most, Math.max(0, Math.round(+state.iterations) || 0));
  options($("preset"), sigmas.presets.map(p => [p, p]), state.schulz);
  Object.assign($("iterations"), { max: most, value: k });
  $("stepsofit").textContent = `After ${k} of ${most} steps`;
  $("logsigma").checked = state.sigma === "log";
  spectrum.show(sigmas, k, state.sigma === "log");
  $("singularnote").textContent = singular.words(sigmas, k);
});

// ---- The controls ------------------------------------------------------------------------------------------------------

for (const key of numbers) $(key).addEventListener("change", () => {
  if (key === "steps") state.step = null;
  change({ [key]: $(key).value.trim() || first[key] });
});
$("start").addEventListener("change", () => {
  const v = $("start").value.split(/[,;\s]+/).filter(t => t).map(Number);
  v.length === 2 && v.every(Number.isFinite) ? change({ start: v }) : say("The start is two numbers, such as −1.2, 1.");
});
$("function").addEventListener("change", async () => {
  const before = about;
  pause();
  Object.assign(state, { function: $("function").value, start: null, view: null, step: null });
  if (!(+state.kappa >= 1)) state.kappa = first.kappa;
  write();
  await load();
  for (const w of state.walkers ?? []) { // step sizes that the user did not choose are chosen anew
    const size = name => (name?.methods.find(m => m.name === w.name) ?? {}).first;
    if (w.options.get("lr") === String(size(before)) && size(about)) w.options.set("lr", String(size(about)));
  }
  change({});
});
for (const key of ["ball", "speed"]) $(key).addEventListener("change", () => change({ [key]: $(key).value }));
$("preset").addEventListener("change", () => change({ schulz: $("preset").value, iterations: "" }));
$("iterations").addEventListener("input", () => change({ iterations: $("iterations").value }));
$("logsigma").addEventListener("change", () => change({ sigma: $("logsigma").checked ? "log" : "" }));
$("tools").addEventListener("submit", e => e.preventDefault());
$("add").addEventListener("change", () => {
  if ($("add").value) change({ walkers: [...state.walkers, fresh($("add").value)] });
});
$("play").addEventListener("click", () => playing ? pause() : play());
$("step").addEventListener("input", () => {
  pause();
  seek(+$("step").value);
});
$("nearer").addEventListener("click", () => zoom(1 / 1.5));
$("wider").addEventListener("click", () => zoom(1.5));
$("whole").addEventListener("click", () => change({ view: null }));

// fresh returns a method with its first step size.
function fresh(name) {
  const w = walker(name), choice = about.methods.find(m => m.name === name);
  if (choice?.first) w.options.set("lr", String(choice.first));
  return w;
}

// fields shows the state in the controls.
function fields() {
  options($("function"), about.functions.map(f => [f, f[0].toUpperCase() + f.slice(1)]), state.function);
  const full = state.walkers?.length >= most, taken = about.methods.map(m => [m.name, m.title]);
  options($("add"), [["", full ? "At most eight methods" : "Add a method …"], ...(full ? [] : taken)], "");
  for (const key of numbers) $(key).value = state[key];
  for (const key of ["ball", "speed"]) $(key).value = state[key];
  $("start").value = state.start?.map(short).join(", ") ?? "";
  $("kappafield").hidden = state.function !== "quadratic";
  document.querySelectorAll(".noisy").forEach(f => f.hidden = about.terms === 1);
  $("step").max = state.steps;
}

function options(select, list, value) {
  const now = JSON.stringify(list);
  if (select.dataset.now !== now) {
    select.dataset.now = now;
    select.replaceChildren(...list.map(([value, textContent]) => node("option", { value, textContent })));
  }
  select.value = value;
}

function short(v) {
  return String(+v.toPrecision(5));
}

// rows shows the methods next to the map.
function rows() {
  state.walkers.forEach((w, i) => {
    w.row ??= row(w, page);
    w.row.show(i);
  });
  const now = state.walkers.map(w => w.row.element), list = $("walkers");
  if (now.length !== list.children.length || now.some((e, i) => e !== list.children[i])) list.replaceChildren(...now);
}

function say(text) {
  $("error").textContent = text;
  $("error").hidden = !text;
}

// ---- The map -----------------------------------------------------------------------------------------------------------

// view returns the visible part of the plane: its center, and half of its height.
function view() {
  return state.view ?? about.view;
}

function zoom(factor) {
  const [x, y, half] = view();
  change({ view: [x, y, Math.min(1e4, Math.max(1e-4, half * factor))] });
}

function pan(x, y) {
  const v = view();
  change({ view: [v[0] + x * v[2], v[1] + y * v[2], v[2]] });
}

// background draws the parts that do not depend on the step, and frame those that do.
function background() {
  board.background(view(), grid, about.minimizers);
  frame();
}

function frame() {
  if (!about || !grid || !state.walkers) return;
  const k = Math.floor(now());
  board.frame(view(), k, state.walkers, about.styles, state.start, descent);
  for (const w of state.walkers) w.row?.tell(k);
  $("step").value = k;
  $("at").textContent = k + " of " + state.steps;
  plot.at(k);
}

// aim moves the start to the pointer.
function aim(e) {
  change({ start: board.point(e, view()).map(v => +v.toPrecision(4)) });
}

$("heads").addEventListener("pointerdown", e => {
  if (e.button) return;
  $("heads").setPointerCapture(e.pointerId);
  $("heads").focus({ preventScroll: true });
  e.preventDefault();
  aim(e);
});
$("heads").addEventListener("pointermove", e => { if ($("heads").hasPointerCapture(e.pointerId)) aim(e); });
$("heads").addEventListener("keydown", e => {
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[e.key], half = view()[2];
  if (way && e.shiftKey) pan(way[0] / 10, way[1] / 10);
  else if (way) change({ start: state.start.map((v, i) => +(v + way[i] * half / 25).toPrecision(4)) });
  else if (e.key === "+" || e.key === "=") zoom(1 / 1.5);
  else if (e.key === "-") zoom(1.5);
  else if (e.key === "Home") change({ start: about.start });
  else return;
  e.preventDefault();
});
document.addEventListener("keydown", e => {
  if (e.key !== " " || e.ctrlKey || e.metaKey || !(e.target === document.body || e.target === $("heads") || e.target === $("step"))) return;
  e.preventDefault();
  playing ? pause() : play();
});

new ResizeObserver(() => {
  board.fit();
  if (about) relief();
}).observe(map);
charts.dark.addEventListener("change", () => { if (about && grid) { rows(); background(); curves(); squeeze(); } });

// ---- Time --------------------------------------------------------------------------------------------------------------

// now returns the shown step: the last one, unless the user chose another.
function now() {
  return Math.min(state.step ?? Infinity, +state.steps || 0);
}

function seek(k) {
  state.step = k >= +state.steps ? null : Math.max(0, k);
  write();
  frame();
}

function play() {
  let before = performance.now();
  if (now() >= +state.steps) state.step = 0;
  const tick = at => {
    state.step = now() + (at - before) / 1000 * state.speed;
    before = at;
    if (state.step >= +state.steps) return pause(seek(+state.steps));
    frame();
    playing = requestAnimationFrame(tick);
  };
  playing = requestAnimationFrame(tick);
  label();
}

function pause() {
  if (playing) write();
  cancelAnimationFrame(playing);
  playing = 0;
  label();
}

function label() {
  $("play").textContent = playing ? "❚❚" : "▶";
  $("play").ariaLabel = playing ? "Pause" : "Play";
}

addEventListener("hashchange", readAddress);
readAddress();
})();
