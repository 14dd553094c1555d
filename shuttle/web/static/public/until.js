// Says how many minutes are left until the next departure, and asks for a fresh page when it has left.
const clock = document.querySelector("[data-until]");
const text = clock && document.getElementById(clock.dataset.until);

function tell() {
  const minutes = Math.ceil((new Date(clock.dateTime) - Date.now()) / 60000);
  if (minutes < -1) return document.hidden ? undefined : location.reload();
  text.hidden = minutes > 90;
  text.textContent = minutes > 0 ? text.dataset.in.replace("#", minutes) : text.dataset.now;
}

if (text) {
  tell();
  setInterval(tell, 15000);
  document.addEventListener("visibilitychange", tell);
}
