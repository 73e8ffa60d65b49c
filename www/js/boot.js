/** Starts the page, and says so in words where that fails. Kept apart so that a package that is not there is an answer, not a blank. */

/** The person's choice of colours comes before anything is painted. */
const THEMES = ["auto", "light", "dark"];
const button = document.getElementById("theme");
let theme = new URLSearchParams(location.hash.slice(1)).get("theme") ?? stored() ?? "auto";
show();
button.addEventListener("click", () => {
  theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
  try {
    localStorage.setItem("theme", theme);
  } catch { /* a browser that keeps nothing forgets the choice, and that is all */ }
  show();
});

import("./main.js").then(
  () => { document.getElementById("boot").hidden = true; },
  (error) => {
    const boot = document.getElementById("boot");
    boot.classList.add("failed");
    boot.textContent = `The package could not be loaded: ${error.message}. Is it built? “make build” makes pkg/, “make demo” builds it and serves this page.`;
  },
);

function show() {
  if (!THEMES.includes(theme)) theme = "auto";
  document.documentElement.dataset.theme = theme;
  button.textContent = `Theme: ${theme}`;
}

function stored() {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null;
  }
}
