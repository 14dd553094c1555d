// Minutes until the next departure; reloads the page after it has left.
// Counts from the server's time, so that a device with a wrong clock shows the right minutes and does not reload in a loop.
const PAUSE = 60000; // ms between two reloads at least
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
