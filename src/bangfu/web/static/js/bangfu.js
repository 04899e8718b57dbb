// Help that no page needs: everything works without it.
(function () {
  "use strict";
  var all = function (selector, root) { return Array.prototype.slice.call((root || document).querySelectorAll(selector)); };

  // A link to a clause opens what holds it.
  function openTarget() {
    var id = decodeURIComponent(location.hash.slice(1));
    var target = id && document.getElementById(id);
    for (var at = target; at; at = at.parentElement) { if (at.tagName === "DETAILS") { at.open = true; } }
    if (target) { target.scrollIntoView(); }
  }
  window.addEventListener("hashchange", openTarget);

  // On paper nothing is folded away.
  var folded = [];
  window.addEventListener("beforeprint", function () {
    folded = all("main details.more:not([open])");
    folded.forEach(function (one) { one.open = true; });
  });
  window.addEventListener("afterprint", function () { folded.forEach(function (one) { one.open = false; }); });

  document.addEventListener("click", function (event) {
    var at = event.target.closest("[data-print],[data-fill],[data-copy]");
    if (at && at.hasAttribute("data-print")) { event.preventDefault(); window.print(); }
    if (at && at.hasAttribute("data-fill")) {
      var values = JSON.parse(at.getAttribute("data-fill"));
      Object.keys(values).forEach(function (name) {
        var input = document.querySelector("[name='" + name + "']");
        if (input) { input.value = values[name]; input.focus(); }
      });
    }
    // A menu closes when the reader goes elsewhere.
    all("details.menu[open]").forEach(function (menu) { if (!menu.contains(event.target)) { menu.open = false; } });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") { all("details.menu[open]").forEach(function (menu) { menu.open = false; }); }
  });

  // A form is sent once.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post" || event.defaultPrevented) { return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    all("button[type=submit]", form).forEach(function (button) { button.setAttribute("aria-disabled", "true"); });
  });
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) { all("form[data-sent]").forEach(function (form) { delete form.dataset.sent; }); }
  });

  // A select that goes by itself, where the page says so.
  document.addEventListener("change", function (event) {
    if (event.target.form && event.target.hasAttribute("data-go")) { event.target.form.requestSubmit(); }
  });

  document.addEventListener("DOMContentLoaded", function () {
    openTarget();
    var first = document.querySelector("[data-focus]");
    if (first) { first.focus(); }
    all("[data-needs-js]").forEach(function (one) { one.hidden = false; });
  });
})();
