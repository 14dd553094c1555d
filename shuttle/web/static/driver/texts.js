// Texts in the page's language, embedded by the server, so that they exist without coverage.
const texts = JSON.parse(document.getElementById("texts").textContent);
const english = document.documentElement.lang === "en";

export function say(key, values = {}) {
  return texts[`driver.${key}`].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

export function clockText(moment) {
  const at = new Date(moment);
  const two = (n) => String(n).padStart(2, "0");
  return `${two(at.getHours())}${english ? ":" : "."}${two(at.getMinutes())}`;
}
