/* app.js – what every page shares.  It runs before the first paint, so the theme never flashes;
   everything here only improves plain HTML that works without it. */
(function () {
  "use strict";
  var root = document.documentElement, key = "theme", own = document.querySelector("meta[name=person-theme]");
  var given = root.dataset.theme || own && own.content || "";   /* the person's own; the admin's frame has only the meta */

  /* what was chosen in this browser, "system" included; nothing where the person's own holds */
  function remembered() {
    try { return localStorage.getItem(key) || ""; } catch (refused) { return ""; }
  }
  function remember(theme) {
    try { theme ? localStorage.setItem(key, theme) : localStorage.removeItem(key); } catch (refused) { return; }
  }
  function show(theme) {
    if (theme === "system") delete root.dataset.theme; else root.dataset.theme = theme;
    document.querySelectorAll("meta[data-scheme]").forEach(function (meta) {   /* the browser's own bar follows */
      var scheme = meta.dataset.scheme;
      meta.media = theme === "system" ? "(prefers-color-scheme: " + scheme + ")" : theme === scheme ? "all" : "not all";
    });
  }

  if (remembered() || given) show(remembered() || given);
  root.classList.add("js");

  function themeButton() {
    var button = document.getElementById("theme");
    if (!button) return;
    function name() {
      button.setAttribute("aria-label", button.dataset.name + ": " + button.dataset[root.dataset.theme || "system"]);
    }
    button.hidden = false;
    name();
    button.addEventListener("click", function () {
      var next = { system: "light", light: "dark", dark: "system" }[root.dataset.theme || "system"];
      show(next);
      remember(next === (given || "system") ? "" : next);
      name();
      dispatchEvent(new Event("themechange"));
    });
  }

  function themeChoice() {                              /* choosing one for the account ends what this browser chose */
    document.querySelectorAll("form[data-theme-choice]").forEach(function (form) {
      form.addEventListener("submit", function () { remember(""); });
    });
  }

  function closers() {                                  /* whatever is on the page by then: parts of it may be swapped */
    document.addEventListener("click", function (event) {
      var button = event.target.closest("[data-close]");
      if (button) button.parentNode.remove();
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

  /* data-copy="id" copies what stands in a field; where the browser refuses, it is marked to be copied by hand */
  function copies() {
    document.querySelectorAll("[data-copy]").forEach(function (button) {
      var field = document.getElementById(button.dataset.copy), status = button.parentNode.querySelector("[role=status]");
      button.hidden = false;
      button.addEventListener("click", function () {
        function done() { status.textContent = button.dataset.done; }
        field.select();
        if (navigator.clipboard) navigator.clipboard.writeText(field.value).then(done, function () { field.focus(); });
        else if (document.execCommand("copy")) done();
      });
    });
  }

  function timeZones() {                                /* the reader's own zone is the likeliest, until they chose */
    if (document.querySelector("[data-focus]")) return;
    var own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    document.querySelectorAll("select[data-time-zone]").forEach(function (select) {
      if (Array.from(select.options).some(function (option) { return option.value === own; })) select.value = own;
    });
  }

  addEventListener("load", function () {                /* chart script blocked or broken? show the table */
    setTimeout(function () { if (!root.classList.contains("chart-ready")) root.classList.add("chart-failed"); }, 3000);
  });
  addEventListener("DOMContentLoaded", function () {
    [themeButton, themeChoice, closers, menus, filters, problem, dependents, copies, timeZones].forEach(function (improve) { improve(); });
  });
})();
