// A form that is checked and kept while it is typed: the server's answer is shown in #checked. Without this script both happen at
// each button.
const form = document.querySelector("form[data-checked]");
const place = document.getElementById("checked");
const PAUSE = 350;
let timer = 0;
let latest = 0;
let waiting = false;

const typed = () => new URLSearchParams(new FormData(form));

async function check() {
  const number = ++latest;
  waiting = false;
  const answer = await fetch(form.dataset.checked, { method: "POST", body: typed() }).catch(() => null);
  if (!answer || number !== latest) return;
  if (answer.status === 401) {
    place.textContent = form.dataset.signedOut;
    return;
  }
  if (!answer.ok) return;
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  place.replaceChildren(...parsed.body.childNodes);
  const wrong = new Set([...place.querySelectorAll('a[href^="#"]')].map((link) => link.hash.slice(1)));
  for (const input of form.elements) {
    if (!input.id || input.type === "hidden") continue;
    if (wrong.has(input.id)) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }
}

form.addEventListener("input", () => {
  waiting = true;
  clearTimeout(timer);
  timer = setTimeout(check, PAUSE);
});
addEventListener("pagehide", () => {
  if (waiting) navigator.sendBeacon(form.dataset.checked, typed());
});
