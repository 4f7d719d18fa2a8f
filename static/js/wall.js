/* wall.js – keeps a screen on a wall fresh and turns its pages.  Without it the page is simply as it was read. */
(function () {
  "use strict";
  var REFRESH = 60e3, TURN = 30e3, SILENT = 180e3, REST = 5e3;
  var page = 1, paused = false, heard = Date.now(), rest;
  var silent = document.querySelector(".wall-silent"), pause = document.querySelector(".wall-pause");

  function wall() { return document.querySelector("main.wall"); }

  function show() {                                     /* the cards of this page, and those of every page */
    var pages = Number(wall().dataset.pages);
    if (page > pages) page = 1;
    wall().querySelectorAll("[data-page]").forEach(function (card) {
      card.classList.toggle("away", Number(card.dataset.page) !== page);
    });
    var turns = wall().querySelector(".turns");
    if (turns) turns.textContent = turns.dataset.words.replace("%(page)s", page).replace("%(pages)s", pages);
  }

  function warn() {
    silent.hidden = Date.now() - heard < SILENT;
    if (!silent.hidden) silent.textContent = wall().dataset.silent;
  }

  function styles(where) {
    return Array.from(where.querySelectorAll("link[rel=stylesheet], script[src]"), function (part) {
      return part.getAttribute("href") || part.getAttribute("src");
    }).join();
  }

  function take(html) {
    var fresh = new DOMParser().parseFromString(html, "text/html"), main = fresh.querySelector("main.wall");
    /* the link was revoked, somebody was signed out, or the product is newer than this page: the browser goes itself */
    if (!main || styles(fresh) !== styles(document)) return location.reload();
    heard = Date.now();
    wall().replaceWith(document.adoptNode(main));
    document.title = fresh.title;
    show();
  }

  function refresh() {
    if (paused) return;
    fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(REFRESH / 2) })
      .then(function (answer) {
        if (answer.status === 404) return location.reload();
        return answer.ok ? answer.text().then(take) : undefined;
      })
      .catch(function () { /* no answer: the banner says so in time */ })
      .then(warn);
  }

  function wake() {                                     /* the pointer is hidden while nobody moves it */
    document.body.classList.remove("no-pointer");
    clearTimeout(rest);
    rest = setTimeout(function () { document.body.classList.add("no-pointer"); }, REST);
  }

  pause.hidden = false;
  pause.addEventListener("click", function () {
    var words = pause.textContent;
    paused = !paused;
    heard = Date.now();
    pause.textContent = pause.dataset.goOn;
    pause.dataset.goOn = words;
  });
  setInterval(refresh, REFRESH);
  setInterval(function () { if (!paused) { page += 1; show(); } }, TURN);
  ["pointermove", "pointerdown", "keydown"].forEach(function (event) { addEventListener(event, wake); });
  show();
  wake();
})();
