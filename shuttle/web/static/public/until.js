// Says how many minutes are left until the next departure, and asks for a fresh page when it has left.
// Counts on from the server's clock: a device whose own clock is wrong tells the right minutes, and never asks in a circle.
const PAUSE = 60000; // ms that a page stands at least before a fresh one is asked for
const clock = document.querySelector("[data-until]");
const text = clock && document.getElementById(clock.dataset.until);
const ahead = text && new Date(text.dataset.asOf) - performance.timeOrigin;

function tell() {
  const now = performance.timeOrigin + performance.now() + ahead;
  const minutes = Math.ceil((new Date(clock.dateTime) - now) / 60000);
  if (minutes < 0 && performance.now() > PAUSE && !document.hidden) return location.reload();
  text.hidden = minutes > 90;
  text.textContent = minutes > 0 ? text.dataset.in.replace("#", minutes) : text.dataset.now;
}

if (text) {
  tell();
  setInterval(tell, 15000);
  document.addEventListener("visibilitychange", tell);
}
