"use strict";
// Methods on the page of the playground: their specifications, and their rows next to the map.
const walkers = (() => {
const { node, number } = charts;

// walker parses the specification of a method: a name, options, and the rest of a chain.
function walker(text) {
  const routed = /^[^:+]*[=/]/.test(text), end = routed ? text.length : text.search(/\+(?=[a-z])|$/);
  const [, name, rest] = (routed ? [, text, ""] : text.slice(0, end).match(/^([^:]*):?(.*)$/s));
  const options = new Map();
  for (const part of rest.match(/(?:[^,(]|\([^)]*\))+/g) ?? []) {
    const at = part.indexOf("=");
    options.set(at < 0 ? part : part.slice(0, at), at < 0 ? "" : part.slice(at + 1));
  }
  return { name, options, tail: text.slice(end), path: null, asked: "", error: "", promises: null, held: "", row: null, drawn: 0 };
}

function spec(w) {
  const words = [...w.options].map(([name, value]) => value === "" ? name : name + "=" + value);
  return w.name + (words.length ? ":" : "") + words.join() + w.tail;
}

// row is the row of a method: its color, its step size on a logarithmic scale, and its options.
function row(w, page) {
  const swatch = node("i"), title = node("b"), value = node("output"), why = node("p", { className: "why", hidden: true });
  const size = node("input", { type: "range", min: 0, max: 1000, step: 1 }), text = entry(), whole = entry({ ariaLabel: "Specification" });
  const command = node("code");
  const more = node("div", { className: "options" }), details = node("details", {}, [node("summary", { textContent: "options" }), more]);
  const remove = node("button", { type: "button", className: "remove", textContent: "×", onclick: () => page.remove(w) });
  let choice = null, inputs = [];
  const set = (name, value) => {
    value === "" ? w.options.delete(name) : w.options.set(name, value);
    page.change();
  };
  const range = () => choice?.low > 0 ? [choice.low, choice.high] : [1e-5, 10];
  size.oninput = () => {
    const [low, high] = range();
    set("lr", String(+(low * (high / low) ** (size.value / 1000)).toPrecision(3)));
  };
  text.onchange = () => set("lr", text.value.trim());
  whole.onchange = () => {
    const { name, options, tail } = walker(whole.value.trim());
    Object.assign(w, { name, options, tail });
    page.change();
  };
  // build offers the options of the method.
  const build = () => {
    inputs = (choice?.options ?? []).filter(o => o.name !== "lr").map(o => {
      const title = o.help + (o.range ? ": " + o.range : ""), input = entry({ placeholder: o.value, title, ariaLabel: o.name });
      input.onchange = () => set(o.name, input.value.trim());
      return { name: o.name, input, title };
    });
    const named = inputs.flatMap(o => [node("span", { textContent: o.name, title: o.title }), o.input]);
    more.replaceChildren(...named, node("span", { textContent: "in one line" }), whole, command);
  };
  const element = node("div", { className: "walker" }, [
    node("div", { className: "top" }, [swatch, title, value, remove]),
    node("div", { className: "size" }, [node("span", { textContent: "lr" }), size, text]),
    why, details,
  ]);
  const show = i => {
    const about = page.about(), found = about.methods.find(m => m.name === w.name) ?? null;
    if (choice?.name !== found?.name || !more.children.length) {
      choice = found;
      build();
    }
    choice = found;
    const [low, high] = range(), lr = w.options.get("lr"), given = Number(lr ?? choice?.options.find(o => o.name === "lr")?.value);
    swatch.innerHTML = charts.swatch(about.styles[i]);
    const others = [...w.options].filter(([name]) => name !== "lr").map(([name, value]) => name + "=" + value);
    title.textContent = [choice?.title ?? w.name, ...others].join(", ") + w.tail;
    title.title = choice ? title.textContent + ": " + choice.formula : "";
    remove.ariaLabel = "Remove " + title.textContent;
    size.ariaLabel = text.ariaLabel = "Step size of " + title.textContent;
    size.disabled = !(given > 0);
    if (given > 0) size.value = Math.round(1000 * Math.log(given / low) / Math.log(high / low));
    if (document.activeElement !== text) text.value = lr ?? "";
    text.placeholder = choice?.options.find(o => o.name === "lr")?.value ?? "";
    for (const o of inputs) if (document.activeElement !== o.input) o.input.value = w.options.get(o.name) ?? "";
    if (document.activeElement !== whole) whole.value = spec(w);
  };
  // tell shows the position of the method.
  let told = [];
  const tell = k => {
    const at = w.path ? Math.min(k, w.path.loss.length - 1) : -1;
    value.textContent = at < 0 ? "" : number(w.path.loss[at] - page.about().min);
    if (told[0] === w.path && told[1] === w.error) return;
    told = [w.path, w.error];
    why.hidden = !(w.error || w.path?.end);
    why.textContent = w.error || w.path?.end || "";
    command.textContent = w.path ? "steepest " + w.path.args.map(quoted).join(" ") : "";
  };
  return { element, show, tell };
}

function entry(properties) {
  return node("input", { spellcheck: false, autocomplete: "off", ...properties });
}

// quoted returns an argument, quoted for a shell.
function quoted(text) {
  return /^[\w:=,.+\-/]+$/.test(text) ? text : "'" + text.replaceAll("'", "'\\''") + "'";
}

return { walker, spec, row };
})();
