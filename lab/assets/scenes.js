"use strict";
// The page of the lecture. The server plays scenes in the order of the requests.
(() => {
const all = [...document.querySelectorAll("#lecture section")].map(s => s.id);
const waiting = []; // names of the requested scenes
let playing = null; // the current scene, with its AbortController
let of = 0, done = 0; // progress: how many scenes were requested since the queue was empty, and how many of them are over

const both = (en, ru) => [span("en", en), span("ru", ru)];
const span = (lang, textContent) => Object.assign(document.createElement("span"), { lang, textContent });
const node = (tag, props, ...inside) => { const n = Object.assign(document.createElement(tag), props); n.append(...inside); return n; };
const section = name => document.getElementById(name);

const progress = node("progress", { hidden: true, max: 1 });
const said = node("span", { className: "said" });
said.setAttribute("role", "status");
const whole = node("button", { type: "button", onclick: () => playing ? stop() : ask(all.filter(n => !section(n).querySelector("figure"))) });
document.querySelector("#lecture header").append(node("p", { className: "play whole" }, whole, progress, said));
all.forEach(prepare);
show();

// prepare adds the button to a section that was not played yet.
function prepare(name) {
  const s = section(name);
  if (s.querySelector("figure")) return;
  const button = node("button", { type: "button", onclick: () => playing?.name === name || waiting.includes(name) ? drop(name) : ask([name]) });
  s.querySelector("h2").after(node("p", { className: "play" }, button, node("progress", { hidden: true }), node("span", { className: "said" })));
}

function ask(names) {
  for (const name of names) if (name !== playing?.name && !waiting.includes(name)) { waiting.push(name); of++; }
  show();
  next();
}

// drop cancels a scene.
function drop(name) {
  if (playing?.name === name) return playing.abort.abort();
  waiting.splice(waiting.indexOf(name), 1);
  of--;
  show();
}

function stop() {
  waiting.length = 0;
  playing?.abort.abort();
}

async function next() {
  if (playing || waiting.length === 0) return;
  const name = waiting.shift(), abort = new AbortController();
  playing = { name, abort, since: performance.now() };
  show();
  const clock = setInterval(show, 100);
  let failed = null;
  try {
    const lang = document.documentElement.lang;
    const answer = await fetch(`/lecture/${name}?lang=${lang}`, { method: "POST", signal: abort.signal });
    const text = await answer.text();
    if (!answer.ok) throw new Error(text.trim());
    put(name, text);
  } catch (e) {
    if (e.name !== "AbortError") failed = e.message;
  }
  clearInterval(clock);
  playing = null;
  done++;
  if (waiting.length === 0) of = done = 0;
  show();
  if (failed) {
    waiting.length = of = done = 0;
    show();
    section(name).querySelector(".play .said").replaceChildren(...both("It failed: " + failed, "Ошибка: " + failed));
  }
  next();
}

// put replaces a section, and shows its verdict in the table of contents.
function put(name, text) {
  const made = document.createElement("template");
  made.innerHTML = text; // made by the template of the server
  const focused = section(name).contains(document.activeElement), now = made.content.querySelector("section");
  section(name).replaceWith(now);
  if (focused) { const h = now.querySelector("h2"); h.tabIndex = -1; h.focus({ preventScroll: true }); }
  const entry = document.querySelector(`#lecture nav a[href="#${name}"]`).parentElement, verdict = now.querySelector(".verdict");
  entry.querySelector(".yes, .no")?.remove();
  if (verdict) entry.append(node("span", verdict.classList.contains("no") ? { className: "no", textContent: "✗" } : { className: "yes", textContent: "✓" }));
}

// show updates the labels of the buttons, and the progress.
function show() {
  for (const name of all) {
    const play = section(name).querySelector(".play");
    if (!play) continue;
    const [button, bar, text] = play.children, now = playing?.name === name, queued = waiting.includes(name);
    const state = now ? "now" : queued ? "queued" : "";
    if (play.dataset.state !== state) {
      play.dataset.state = state;
      button.replaceChildren(...(now || queued ? both("Cancel", "Отменить") : both("Play", "Показать")));
      text.replaceChildren(...(queued ? both("waits for the one before", "ждёт предыдущую") : []));
      bar.hidden = !now;
    }
    if (now) text.replaceChildren(...both("computing, " + seconds() + " s", "вычисляется, " + seconds() + " с"));
  }
  const left = all.filter(n => !section(n).querySelector("figure")).length;
  const state = playing ? "now" + done + of : "left" + left;
  if (whole.dataset.state === state) return;
  whole.dataset.state = state;
  whole.hidden = left === 0 && !playing;
  whole.replaceChildren(...(playing ? both("Stop", "Остановить") : left === all.length ? both("Play all scenes", "Показать все сцены") : both(`Play the ${left} others`, `Показать остальные: ${left}`)));
  progress.hidden = !playing || of < 2;
  progress.value = of ? done / of : 0;
  said.replaceChildren(...(playing && of > 1 ? both(`scene ${done + 1} of ${of}`, `сцена ${done + 1} из ${of}`) : []));
}

const seconds = () => Math.floor((performance.now() - playing.since) / 1000);
})();
