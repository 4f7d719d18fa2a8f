// Draws the documentation of the API. Calls tried from the page carry the token that writes over a session need.
"use strict";

const place = document.getElementById("api"), root = document.documentElement;
const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

/* the library has its own dark colours, under a class of its own */
function dress() {
  root.classList.toggle("dark-mode", root.dataset.theme ? root.dataset.theme === "dark" : systemIsDark.matches);
}

dress();
addEventListener("themechange", dress);
systemIsDark.addEventListener("change", dress);

/* the library's own layout has a main part, which the page has already; and links inside the buttons that open a call */
function ours({ React, getComponent }) {
  const part = (name) => React.createElement(getComponent(name, true));
  const box = (name, ...inside) => React.createElement("div", { className: name }, ...inside);
  return {
    components: {
      Calls: ({ specSelectors }) => specSelectors.loadingStatus() === "success"
        ? box("swagger-ui", part("SvgAssets"), part("errors"), box("scheme-container", part("AuthorizeBtnContainer")), part("operations"), part("Models"))
        : box("swagger-ui", part("errors")),
      DeepLink: ({ text }) => React.createElement("span", null, text),
    },
  };
}

/* what the library names only by where it stands, if at all; a call is drawn when it is opened, so this comes again then */
function name() {
  place.querySelectorAll("table[role=region]").forEach((table) => table.removeAttribute("role"));
  place.querySelectorAll("pre.microlight, pre.example").forEach((example) => { example.tabIndex = 0; });   /* it scrolls */
  place.querySelectorAll(".close-modal").forEach((button) => { button.ariaLabel = "Close"; });
  place.querySelectorAll("select, textarea, input").forEach((field) => {
    const parameter = field.closest("[data-param-name], [data-property-name]");
    if (!field.labels.length && !field.ariaLabel) field.ariaLabel = parameter?.dataset.paramName || parameter?.dataset.propertyName || "Request body";
  });
}

new MutationObserver(name).observe(place, { childList: true, subtree: true });

SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  presets: [SwaggerUIBundle.presets.apis],
  plugins: [ours],
  layout: "Calls",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
  requestInterceptor: (request) => {
    if (request.method && request.method !== "GET" && new URL(request.url, location.href).origin === location.origin) {
      request.headers["X-CSRFToken"] = place.dataset.csrf;
    }
    return request;
  },
});
