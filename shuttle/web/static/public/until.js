// Minutes until the next departure; reloads the page after it has left.
// Counts from the server's time, so that a device with a wrong clock shows the right minutes and does not reload in a loop.
const PAUSE = 60000; // ms between two reloads at least
let since = performance.now();

function tell() {
  const clock = document.querySelector("[data-until]");
  const text = clock && document.getElementById(clock.dataset.until);
  if (!text) return;
  text.dataset.read ||= performance.now(); // when this text was received
  const now = new Date(text.dataset.asOf).getTime() + performance.now() - Number(text.dataset.read);
  const minutes = Math.ceil((new Date(clock.dateTime) - now) / 60000);
  if (minutes < 0 && performance.now() - since > PAUSE && !document.hidden) return location.reload();
  text.hidden = minutes > 90;
  text.textContent = minutes > 0 ? text.dataset.in.replace("#", minutes) : text.dataset.now;
}

tell();
setInterval(tell, 15000);
document.addEventListener("visibilitychange", tell);
document.addEventListener("refreshed", () => {
  since = performance.now();
  tell();
});
