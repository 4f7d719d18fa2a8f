/* swaps.js – htmx takes one part out of a whole page; where that part is not in the answer, the browser goes there itself:
   somebody was signed out, the page is gone, the server is in trouble. */
(function () {
  "use strict";
  function insist(config) {                             /* the same again without htmx, so that its answer is seen */
    var form = config.elt.closest("form");
    if (config.verb === "get" || !form) location.assign(config.path); else form.submit();
  }

  addEventListener("htmx:beforeSwap", function (event) {
    var answer = event.detail;
    if (answer.isError || !answer.target.id || answer.serverResponse.indexOf('id="' + answer.target.id + '"') >= 0) return;
    answer.shouldSwap = false;
    location.assign(answer.xhr.responseURL);
  });
  ["htmx:responseError", "htmx:sendError", "htmx:timeout"].forEach(function (name) {
    addEventListener(name, function (event) { insist(event.detail.requestConfig); });
  });
})();
