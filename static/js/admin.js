/* admin.js – names for what Django's administration leaves without one: choices of select2, and the cells of inline
   tables, whose names stand only in the heads of their columns.  Its words come from its own script element. */
(function () {
  "use strict";
  var words = document.currentScript.dataset;

  function choices() {
    document.querySelectorAll("select.admin-autocomplete").forEach(function (select) {
      var label = document.querySelector('label[for="' + select.id + '"]'), box = select.nextElementSibling;
      if (!label || !box) return;
      box.querySelectorAll("[role=combobox], [role=textbox]").forEach(function (part) {
        part.setAttribute("aria-label", label.textContent.replace(/:\s*$/, ""));
        part.removeAttribute("aria-labelledby");
      });
    });
  }

  function inlineTables() {
    document.querySelectorAll(".tabular.inline-related table").forEach(function (table) {
      var heads = Array.from(table.querySelectorAll("thead th"));
      heads.forEach(function (head) { if (!head.textContent.trim()) head.textContent = words.row; });
      table.querySelectorAll("tbody tr").forEach(function (row) {
        Array.from(row.cells).forEach(function (cell, column) {
          cell.querySelectorAll("input:not([type=hidden]), select, textarea").forEach(function (control) {
            if (!control.labels.length && heads[column]) control.setAttribute("aria-label", heads[column].textContent.trim());
          });
        });
      });
    });
  }

  /* after Django's own scripts, which wait in the same queue; pages without forms have neither */
  if (window.django && django.jQuery) django.jQuery(function () { choices(); inlineTables(); });
})();
