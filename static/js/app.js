/* app.js – what every page shares.  It runs before the first paint, so the theme never flashes;
   everything here only improves plain HTML that works without it. */
(function () {
  "use strict";
  var root = document.documentElement, key = "theme";

  function remembered() {
    try { return localStorage.getItem(key); } catch (refused) { return null; }   /* then the system decides */
  }
  function remember(theme) {
    try { theme ? localStorage.setItem(key, theme) : localStorage.removeItem(key); } catch (refused) { return; }
  }

  var saved = remembered();
  if (saved) root.dataset.theme = saved;
  root.classList.add("js");

  function themeButton() {
    var button = document.getElementById("theme");
    if (!button) return;
    function name() { button.setAttribute("aria-label", "Theme: " + (root.dataset.theme || "system")); }
    button.hidden = false;
    name();
    button.addEventListener("click", function () {
      var next = { "": "light", light: "dark", dark: "" }[root.dataset.theme || ""];
      if (next) root.dataset.theme = next; else delete root.dataset.theme;
      remember(next);
      name();
      dispatchEvent(new Event("themechange"));
    });
  }

  function closers() {
    document.querySelectorAll("[data-close]").forEach(function (button) {
      button.hidden = false;
      button.addEventListener("click", function () { button.parentNode.remove(); });
    });
  }

  function menus() {                                    /* a click elsewhere, or Escape, closes an open menu */
    function closeAll(except) {
      document.querySelectorAll("details.menu[open]").forEach(function (menu) { if (menu !== except) menu.open = false; });
    }
    document.addEventListener("click", function (event) { closeAll(event.target.closest("details.menu")); });
    document.addEventListener("keydown", function (event) {
      if (event.key !== "Escape") return;
      var open = document.querySelector("details.menu[open]");
      if (!open) return;
      open.open = false;
      open.querySelector("summary").focus();
    });
  }

  function filters() {                                  /* choosing is enough; without a script there is Apply */
    document.querySelectorAll("form[data-auto] select").forEach(function (select) {
      select.addEventListener("change", function () { select.form.requestSubmit(); });
    });
  }

  function problem() {                                  /* the summary of a refused form is read first */
    var summary = document.querySelector("[data-focus]");
    if (summary) summary.focus();
  }

  /* fields that only make sense with a certain choice: data-when="period" data-is="range other" */
  function dependents() {
    document.querySelectorAll("[data-when]").forEach(function (block) {
      var control = document.querySelector('[name="' + block.dataset.when + '"]');
      if (!control) return;
      function update() { block.hidden = block.dataset.is.split(" ").indexOf(control.value) < 0; }
      control.addEventListener("change", update);
      update();
    });
  }

  /* what a form would mean, while somebody types: the same page, of which one part is taken over */
  function previews() {
    document.querySelectorAll("form[data-preview]").forEach(function (form) {
      var timer, latest = 0;
      function refresh() {
        var turn = ++latest, asked = new FormData(form);
        asked.set("preview", "1");
        fetch(location.href, { method: "POST", body: asked })
          .then(function (answer) { return answer.ok ? answer.text() : ""; })
          .then(function (html) {
            var fresh = new DOMParser().parseFromString(html, "text/html").querySelector(form.dataset.preview);
            if (fresh && turn === latest) document.querySelector(form.dataset.preview).replaceChildren(...fresh.childNodes);
          });
      }
      form.addEventListener("input", function () { clearTimeout(timer); timer = setTimeout(refresh, 400); });
    });
  }

  function timeZones() {                                /* the reader's own zone is the likeliest */
    var own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    document.querySelectorAll("select[data-time-zone]").forEach(function (select) {
      if (Array.from(select.options).some(function (option) { return option.value === own; })) select.value = own;
    });
  }

  addEventListener("load", function () {                /* chart script blocked or broken? show the table */
    setTimeout(function () { if (!root.classList.contains("chart-ready")) root.classList.add("chart-failed"); }, 3000);
  });
  addEventListener("DOMContentLoaded", function () {
    [themeButton, closers, menus, filters, problem, dependents, previews, timeZones].forEach(function (improve) { improve(); });
  });
})();
