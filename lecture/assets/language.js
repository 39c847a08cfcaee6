"use strict";
// Chooses the language of a page from its buttons, its address or the browser.
(() => {
  const root = document.documentElement;
  const show = language => {
    root.dataset.show = root.lang = language;
    for (const b of document.querySelectorAll("[data-set]")) b.setAttribute("aria-pressed", b.dataset.set === language);
  };
  for (const b of document.querySelectorAll("[data-set]")) b.addEventListener("click", () => {
    show(b.dataset.set);
    const address = new URL(location);
    address.searchParams.set("lang", b.dataset.set);
    history.replaceState(null, "", address);
  });
  const asked = new URLSearchParams(location.search).get("lang");
  show(asked === "ru" || !asked && navigator.language.startsWith("ru") ? "ru" : "en");
})();
