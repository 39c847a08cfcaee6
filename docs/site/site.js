"use strict";
const menu = document.getElementById("menu"), list = document.getElementById("list");
menu.onclick = () => menu.setAttribute("aria-expanded", list.classList.toggle("open"));

// Commands and programs can be copied.
for (const code of document.querySelectorAll("pre > code.language-sh, pre > code.language-go")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.onclick = async () => {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  };
  code.parentNode.append(button);
}

// The search loads its index when it is used first. A section is found if it has all words; words of its title count most.
const search = document.getElementById("search"), found = document.getElementById("found"), up = document.body.dataset.up;
let loading;
const index = () => loading ??= new Promise((resolve, reject) => {
  const script = document.createElement("script");
  script.src = up + "search.js";
  script.onload = () => resolve(window.pages);
  script.onerror = reject;
  document.head.append(script);
});

const score = (section, words) => {
  const title = (section.page + " " + section.title).toLowerCase(), text = section.text.toLowerCase();
  let sum = 0;
  for (const word of words) {
    const hits = (title.includes(word) ? 20 : 0) + Math.min(text.split(word).length - 1, 5);
    if (hits === 0) return 0;
    sum += hits;
  }
  return sum;
};

const excerpt = (text, word) => {
  const at = Math.max(0, text.toLowerCase().indexOf(word)), from = Math.max(0, at - 50), part = document.createElement("small");
  part.append(from > 0 ? "…" : "", text.slice(from, at));
  if (text.toLowerCase().startsWith(word, at)) {
    const mark = document.createElement("mark");
    mark.textContent = text.slice(at, at + word.length);
    part.append(mark, text.slice(at + word.length, at + 110));
  } else {
    part.append(text.slice(at, at + 110));
  }
  return part;
};

search.oninput = async () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  found.hidden = words.length === 0;
  if (found.hidden) return;
  const sections = await index();
  const best = sections.map(s => [score(s, words), s]).filter(([n]) => n > 0).sort(([a], [b]) => b - a).slice(0, 12);
  found.replaceChildren(...best.map(([, s]) => {
    const item = document.createElement("li"), link = document.createElement("a");
    link.href = up + s.address;
    link.textContent = s.title === s.page ? s.title : s.page + ": " + s.title;
    item.append(link, excerpt(s.text, words[0]));
    return item;
  }));
  if (best.length === 0) {
    const none = document.createElement("li");
    none.textContent = "Nothing is found.";
    found.append(none);
  }
};
document.addEventListener("keydown", event => {
  if (event.key === "/" && document.activeElement !== search) {
    event.preventDefault();
    search.focus();
  } else if (event.key === "Escape") {
    search.value = "";
    found.hidden = true;
  }
});
