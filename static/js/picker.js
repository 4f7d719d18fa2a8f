/* picker.js – asks the server for the "You picked" panel of each number that is clicked, and filters the tree.
   Without it the form posts the number with "Use this number", and the next page shows the same panel. */
(function () {
  "use strict";
  var box = document.getElementById("json"), panel = document.getElementById("panel"), find = document.getElementById("find");
  if (!box || !panel) return;
  var bar = document.getElementById("pickbar"), latest = 0, typed = {};

  document.getElementById("choose").hidden = true;
  document.getElementById("finding").hidden = false;

  /* what a person has typed themselves stays when another number is clicked */
  panel.addEventListener("input", function (event) {
    if (/^(name|unit|decimals|every)$/.test(event.target.name)) typed[event.target.name] = event.target.value;
  });

  function show(text) {
    var page = new DOMParser().parseFromString(text, "text/html");
    panel.replaceChildren.apply(panel, Array.from(page.body.childNodes));
    Object.keys(typed).forEach(function (name) { panel.querySelector('[name="' + name + '"]').value = typed[name]; });
    bar.querySelector("b").textContent = panel.querySelector(".picked").textContent;
    bar.querySelector("code").textContent = panel.querySelector(".path").textContent;
  }

  box.addEventListener("change", function (event) {
    var turn = ++latest, address = new URL(location.href);
    if (event.target.name !== "at") return;
    address.search = new URLSearchParams({ at: event.target.value, part: "panel" });
    fetch(address, { credentials: "same-origin" })
      .then(function (answer) { if (!answer.ok) throw new Error(answer.status); return answer.text(); })
      .then(function (text) { if (turn === latest) show(text); })
      .catch(function () { document.getElementById("choose").hidden = false; });
  });

  find.addEventListener("input", function () {
    var wanted = this.value.trim().toLowerCase(), all = box.querySelectorAll("input"), shown = 0;
    box.querySelectorAll("li").forEach(function (line) { line.hidden = wanted && line.textContent.toLowerCase().indexOf(wanted) < 0; });
    box.querySelectorAll("details").forEach(function (fold) { fold.open = Boolean(wanted); });
    all.forEach(function (number) { if (!number.closest("[hidden]")) shown++; });
    document.getElementById("count").textContent = wanted
      ? shown + (shown === 1 ? " number in sight" : " numbers in sight") : all.length + " numbers to choose from";
  });

  /* Enter in the search field would otherwise press the form's first button */
  find.addEventListener("keydown", function (event) { if (event.key === "Enter") event.preventDefault(); });
})();
