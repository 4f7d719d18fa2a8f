/* picker.js – asks the server for the "You picked" panel of each number that is clicked, and filters the answer.
   Without it the form posts the number with "Use this number", and the next page shows the same panel.
   Everything listens at the document, because "Test again" replaces the page's inside. */
(function () {
  "use strict";
  var latest = 0, typed = {};
  function $(id) { return document.getElementById(id); }

  function begin() {                                    /* what only a script needs comes in, what it replaces goes */
    if (!$("json") || !$("panel")) return;
    $("choose").hidden = true;
    $("finding").hidden = false;
  }

  function show(text) {
    var page = new DOMParser().parseFromString(text, "text/html"), panel = $("panel"), bar = $("pickbar");
    panel.replaceChildren.apply(panel, Array.from(page.body.childNodes));
    Object.keys(typed).forEach(function (name) {
      var field = panel.querySelector('[name="' + name + '"]');
      if (field) field.value = typed[name];
    });
    bar.querySelector("b").textContent = panel.querySelector(".picked").textContent;
    bar.querySelector("code").textContent = panel.querySelector(".path").textContent;
  }

  function pick(path) {
    var turn = ++latest, address = new URL(location.href);
    address.search = new URLSearchParams({ at: path, part: "panel" });
    fetch(address, { credentials: "same-origin" })
      .then(function (answer) { if (!answer.ok) throw new Error(answer.status); return answer.text(); })
      .then(function (text) { if (turn === latest) show(text); })
      .catch(function () { $("choose").hidden = false; });
  }

  function filter(text) {
    var wanted = text.trim().toLowerCase(), box = $("json"), count = $("count"), shown = 0;
    count.dataset.all = count.dataset.all || count.textContent;
    box.querySelectorAll("li, tbody tr").forEach(function (line) {
      line.hidden = wanted && line.textContent.toLowerCase().indexOf(wanted) < 0;
    });
    box.querySelectorAll("details").forEach(function (fold) { fold.open = Boolean(wanted); });
    box.querySelectorAll("input").forEach(function (number) { if (!number.closest("[hidden]")) shown++; });
    count.textContent = !wanted ? count.dataset.all
      : shown === 1 ? count.dataset.one : count.dataset.many.replace("#", shown.toLocaleString(document.documentElement.lang));
  }

  document.addEventListener("change", function (event) {
    if (event.target.name === "at" && event.target.closest("#json")) pick(event.target.value);
  });
  document.addEventListener("input", function (event) {
    if (event.target.id === "find") filter(event.target.value);
    /* what a person has typed themselves stays when another number is clicked */
    if (event.target.closest("#panel") && /^(name|unit|decimals|running_period|every)$/.test(event.target.name)) typed[event.target.name] = event.target.value;
  });
  /* Enter in the search field would otherwise press the form's first button */
  document.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && event.target.id === "find") event.preventDefault();
  });
  document.addEventListener("htmx:afterSwap", begin);
  begin();
})();
