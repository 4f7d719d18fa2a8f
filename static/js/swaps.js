/* swaps.js – htmx takes one part out of a whole page; where that part is not in the answer, the browser goes there itself:
   somebody was signed out, the page is gone, the server is in trouble. */
(function () {
  "use strict";
  function insist(asked) {                              /* the same again without htmx, so that its answer is seen */
    var form = asked.requestConfig.elt.closest("form");
    if (form && form.hasAttribute("data-quiet")) return;   /* only a look ahead: sending the form would save it */
    if (asked.requestConfig.verb === "get" || !form) location.assign(asked.pathInfo.finalRequestPath); else form.submit();
  }

  addEventListener("htmx:beforeSwap", function (event) {
    var answer = event.detail;
    if (answer.isError || !answer.target.id || answer.serverResponse.indexOf('id="' + answer.target.id + '"') >= 0) return;
    answer.shouldSwap = false;
    location.assign(answer.xhr.responseURL);
  });
  ["htmx:responseError", "htmx:sendError", "htmx:timeout"].forEach(function (name) {
    addEventListener(name, function (event) { insist(event.detail); });
  });
})();
