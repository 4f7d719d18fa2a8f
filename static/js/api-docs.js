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

SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
  onComplete: () => document.getElementById("operations")?.setAttribute("role", "group"),   /* the page has its main part */
  requestInterceptor: (request) => {
    if (request.method && request.method !== "GET" && new URL(request.url, location.href).origin === location.origin) {
      request.headers["X-CSRFToken"] = place.dataset.csrf;
    }
    return request;
  },
});
