/* mail-frame.js – the mail in its frame: as tall as it is, and as the form beside it says.
   Without a script the frame scrolls, and a button shows the mail. */
(function () {
  "use strict";
  var frame = document.querySelector("iframe.mail"), form = document.querySelector("form[data-draft]");
  if (!frame) return;

  function fit() {
    var page = frame.contentDocument;
    if (page && page.body) frame.height = Math.ceil(page.body.getBoundingClientRect().height);
  }
  function show() {
    var query = new URLSearchParams(new FormData(form));
    query.delete("csrfmiddlewaretoken");
    frame.contentWindow.location.replace(form.dataset.draft + "?" + query);       /* leaves the Back button alone */
  }

  frame.addEventListener("load", fit);
  addEventListener("resize", fit);
  fit();
  if (form) form.addEventListener("change", show);
})();
