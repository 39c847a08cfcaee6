"use strict";
// The page of runs. It shows a view: search, groups, smoothing, and the view of the plot. The view is in the address. The page asks the server
// again when the view changes, or when the server says that runs have changed.
(() => {
const $ = id => document.getElementById(id);
const { node, number } = charts;
const section = $("plot");
const chart = new charts.Chart(section, 0, changed);
let params = new URLSearchParams(location.hash.slice(1));
let busy = false, again = false, sorted = { column: null, down: true }, answered = null, styles = {}, seen = null;

chart.view = charts.readView({ x: [], y: [], curves: [] }, () => []);
readAddress();
addEventListener("hashchange", readAddress);
charts.dark.addEventListener("change", () => { chart.draw(); table(); });
$("tools").addEventListener("submit", e => e.preventDefault());
$("where").addEventListener("input", () => set("where", $("where").value.trim()));
$("smooth").addEventListener("change", () => set("smooth", $("smooth").value));
$("group").addEventListener("change", () => set("group", $("group").value));
listen();

function readAddress() {
  params = new URLSearchParams(location.hash.slice(1));
  $("where").value = params.get("where") ?? "";
  $("smooth").value = params.get("smooth") ?? "";
  if ($("smooth").selectedIndex < 0) { // not an offered factor
    params.delete("smooth");
    $("smooth").value = "";
  }
  load(true);
}

// set changes a part of the view that the server computes.
function set(key, value) {
  value ? params.set(key, value) : params.delete(key);
  write();
  load(false);
}

// changed handles a change of the plot's view. Other axes need other numbers.
function changed(what) {
  const kept = ["where", "smooth", "group"].map(key => [key, params.getAll(key)]);
  params = new URLSearchParams();
  for (const [key, values] of kept) values.forEach(v => params.append(key, v));
  charts.writeView(chart.plot, chart.view, (key, value) => params.append(key, value));
  write();
  links();
  if ("x" in what || "y" in what) load(false);
}

// links makes the downloads those of the view.
function links() {
  for (const a of $("downloads").children) a.href = "/download/" + a.dataset.file + "?" + asked();
}

function write() {
  const hash = params.toString();
  history.replaceState(null, "", location.pathname + (hash && "#" + hash));
}

// asked returns the parameters for the server.
function asked() {
  const q = new URLSearchParams();
  for (const key of ["where", "smooth", "group", "x", "y"]) if (params.get(key)) q.set(key, params.get(key));
  if (chart.view.x) q.set("x", chart.view.x);
  if (chart.view.y) q.set("y", chart.view.y);
  for (const key of ["logx", "logy"]) if (chart.view[key] !== undefined) q.set(key, +chart.view[key]);
  return q;
}

// load requests the runs and the curves, one request at a time. Changes meanwhile lead to another request.
async function load(fresh) {
  if (fresh) chart.view = { ...chart.view, x: params.get("x") ?? "", y: params.get("y") ?? "" };
  if (busy) return again = true, undefined;
  busy = true;
  try {
    do {
      again = false;
      const q = asked();
      const [list, data] = await Promise.all([ask("/api/runs?" + q), ask("/api/plot?" + q)]);
      show(list, data, fresh);
      fresh = false;
    } while (again);
  } catch (e) {
    say(e.message, false);
  }
  busy = false;
}

async function ask(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error ?? "the lab answers " + answer.status);
  return answer.json();
}

function show(list, data, fresh) {
  const plot = data.plots[0], first = !answered || fresh;
  answered = list;
  styles = data.styles;
  $("empty").hidden = list.all > 0;
  section.hidden = $("runs").hidden = list.all === 0;
  if (list.all === 0) {
    $("emptytitle").textContent = list.folder ? "No runs yet" : "No folder of runs";
    $("emptytext").textContent = list.error ?? (list.folder ? "Runs appear here as soon as they begin." : "Commands keep their runs in a folder. Give it to the lab:");
    $("note").textContent = "";
    return;
  }
  chart.show(plot, styles);
  if (first || strays(plot, "x") || strays(plot, "y")) chart.view = charts.readView(plot, key => params.getAll(key));
  chart.draw();
  links();
  groups(list.keys);
  table();
  notes(plot);
}

// strays reports whether the view shows another axis than the address asks for, or an axis that the plot lacks. A plot without curves has no
// axes, and leaves the view as it is.
function strays(plot, which) {
  const keys = plot[which].map(a => a.key), asked = params.get(which);
  return keys.length > 0 && (keys.includes(asked) ? asked !== chart.view[which] : !keys.includes(chart.view[which]));
}

// groups offers the ways to group runs into curves.
function groups(keys) {
  const select = $("group"), value = params.get("group") ?? "";
  const options = [["", "all but the seed"], ["name", "each run"], ...keys.map(k => [k, k.replace(/^options\./, "")])];
  if (value && !options.some(o => o[0] === value)) options.push([value, value]);
  const now = JSON.stringify(options);
  if (select.dataset.now !== now) {
    select.dataset.now = now;
    select.replaceChildren(...options.map(([v, text]) => node("option", { value: v, textContent: text })));
  }
  select.value = value;
}

// notes explains the curves.
function notes(plot) {
  const parts = [];
  if (answered.rows.length === 0) parts.push("No run matches. A word is part of a name, a method or a status; a condition such as lr=0.1 has a key of the table.");
  if (plot.curves.some(c => Object.values(c.y).some(b => b.low))) parts.push("Median of the runs of each curve, with a band from the 10 % to the 90 % quantile.");
  if (params.get("smooth")) parts.push(`Smoothed: an exponential moving average with the factor ${params.get("smooth")} per point, corrected for its start at 0.`);
  const most = Math.max(100, Math.min(1000, Math.floor(1e5 / Math.max(1, plot.curves.filter(c => !c.of).length))));
  if (plot.curves.some(c => Object.values(c.x).some(x => x.length >= most))) parts.push(`A curve shows at most ${most} of its points; the CSV and JSONL files have all.`);
  if (plot.curves.some(c => c.of)) parts.push("Thin lines: bounds of theorems for the mean, dashed as printed, solid in a sharper form.");
  $("note").textContent = parts.join(" ");
}

function table() {
  if (!answered || answered.all === 0) return;
  const list = answered, measured = ["excess", "loss", "validation", "test", "gap"].filter(n => list.rows.some(r => n in r.last)).slice(0, 3);
  const first = ["method", "options.lr", "batch", "seed"].filter(k => list.keys.includes(k));
  const hidden = ["race", "entrant", "spec", "data", "instructions"];
  const count = k => list.rows.filter(r => k in r.config).length;
  const others = list.keys.filter(k => !first.includes(k) && !hidden.includes(k)).sort((a, b) => count(b) - count(a)); // keys of most runs first
  const keys = [...first, ...others];
  const columns = [
    { name: "run", of: r => r.name, cell: r => [node("i", { className: "swatch", innerHTML: styles[r.curve] ? charts.swatch(styles[r.curve]) : "" }), r.name] },
    { name: "status", of: r => r.status, cell: r => [node("span", { className: "status " + r.status, textContent: r.status, title: r.message ?? "" })] },
    { name: "steps", numeric: true, of: r => r.last.step },
    ...measured.map(n => ({ name: n, numeric: true, of: r => r.last[n] })),
    { name: "time, s", numeric: true, of: r => r.seconds || undefined },
    ...keys.map(k => ({ name: k.replace(/^options\./, ""), of: r => r.config[k] })),
  ];
  const rows = [...list.rows], by = columns.find(c => c.name === sorted.column);
  if (by) rows.sort((a, b) => {
    const [x, y] = [by.of(a), by.of(b)];
    if (x === undefined || y === undefined) return (x === undefined) - (y === undefined);
    const order = typeof x === "number" ? x - y : x.localeCompare(y, "en", { numeric: true });
    return sorted.down ? -order : order;
  });
  const running = rows.filter(r => r.status === "running").length;
  $("count").textContent = (list.rows.length === list.all ? list.all : list.rows.length + " of " + list.all) + (list.all === 1 ? " run" : " runs") + (running ? ", " + running + " running" : "");
  const body = $("runs").querySelector("table");
  const heads = JSON.stringify([columns.map(c => [c.name, c.numeric]), sorted]);
  if (body.dataset.heads !== heads) body.tHead.rows[0].replaceChildren(...columns.map(c => head(c))); // leave unchanged heads alone, so that they keep the focus
  body.dataset.heads = heads;
  body.tBodies[0].replaceChildren(...rows.map(r => node("tr", {}, columns.map((c, i) => {
    const value = c.of(r), cell = node(i ? "td" : "th", i ? { className: c.numeric ? "numeric" : "" } : { scope: "row" });
    cell.append(...(c.cell ? c.cell(r) : [value === undefined ? "—" : typeof value === "number" ? number(value) : value]));
    return cell;
  }))));
}

function head(column) {
  const button = node("button", { type: "button", textContent: column.name, onclick: () => {
    sorted = { column: column.name, down: sorted.column === column.name ? !sorted.down : false };
    table();
    [...$("runs").querySelectorAll("thead button")].find(b => b.textContent === column.name)?.focus();
  } });
  const cell = node("th", { scope: "col", className: column.numeric ? "numeric" : "" }, [button]);
  if (sorted.column === column.name) cell.setAttribute("aria-sort", sorted.down ? "descending" : "ascending");
  return cell;
}

// listen waits for changes, and loads them. If the lab has too many clients it tries again later.
function listen() {
  const source = new EventSource("/api/changes");
  source.onmessage = e => {
    say("live", true);
    if (seen !== null && seen !== e.data) load(false);
    seen = e.data;
  };
  source.onerror = () => {
    say("not connected", false);
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 10_000);
  };
}

function say(text, on) {
  $("live").textContent = text;
  $("live").classList.toggle("on", on);
}
})();
