/* swaps.js – htmx takes one part out of a whole page; where that part is not in the answer, the browser goes there itself:
   somebody was signed out, the page is gone, the server is in trouble. */
(function () {
  "use strict";
  function insist(asked) {                              /* the same again without htmx, so that its answer is seen */
    var pressed = asked.requestConfig.elt, form = pressed.closest("form");
    if (form && form.hasAttribute("data-quiet")) return;   /* only a look ahead: sending the form would save it */
    if (asked.requestConfig.verb === "get" || !form) return location.assign(asked.pathInfo.finalRequestPath);
    if (pressed.name) say(form, pressed.name, pressed.value);
    form.submit();
  }
  function say(form, name, value) {                     /* which button it was: a form that is sent by script leaves it out */
    var said = document.createElement("input");
    said.type = "hidden"; said.name = name; said.value = value;
    form.appendChild(said);
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
