"use strict";
// A page of plots and tables: the view of each plot is in the address.
(() => {
const { plots, styles } = JSON.parse(document.getElementById("data").textContent);
const sections = document.querySelectorAll("section.plot");
const drawn = plots?.map((plot, i) => {
  const chart = new charts.Chart(sections[i], i, writeAddress);
  chart.show(plot, styles);
  return chart;
}) ?? [];

readAddress();
charts.dark.addEventListener("change", () => drawn.forEach(c => c.draw()));
addEventListener("hashchange", readAddress);
document.querySelectorAll("section.table table").forEach(sortable);
paintSwatches();
charts.dark.addEventListener("change", paintSwatches);

function readAddress() {
  const params = new URLSearchParams(location.hash.slice(1));
  for (const c of drawn) {
    c.view = charts.readView(c.plot, key => params.getAll(key + (c.index || "")));
    c.draw();
  }
}

function writeAddress() {
  const params = new URLSearchParams();
  for (const c of drawn) charts.writeView(c.plot, c.view, (key, value) => params.append(key + (c.index || ""), value));
  const hash = params.toString();
  history.replaceState(null, "", location.href.split("#")[0] + (hash && "#" + hash));
}

// paintSwatches paints the samples of the curves that a text mentions.
function paintSwatches() {
  for (const e of document.querySelectorAll("[data-curve]")) e.innerHTML = charts.swatch(styles[e.dataset.curve]);
}

// ---- Tables ------------------------------------------------------------------------------------------------------------

// sortable sorts a table when a column is clicked; the next click reverses the order. Values without an order come last.
function sortable(table) {
  const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
  heads.forEach((head, column) => head.firstChild.addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") === "ascending";
    const key = row => row.cells[column].dataset.order;
    const text = row => row.cells[column].textContent;
    const compare = (a, b) => {
      if (key(a) === undefined) return (down ? -1 : 1) * text(a).localeCompare(text(b), "en", { numeric: true });
      if (key(a) === "" || key(b) === "") return (key(a) === "") - (key(b) === "");
      return (down ? -1 : 1) * (+key(a) > +key(b) ? 1 : +key(a) < +key(b) ? -1 : 0);
    };
    heads.forEach(h => h.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    body.append(...[...body.rows].sort(compare));
  }));
}
})();
