// Shows at once that the day's last bus left somebody behind: the notes are fetched anew after a count of a last bus, and nothing else changes.
const box = document.getElementById("last-buses");
const last = new Set((box?.dataset.last ?? "").split(" "));

async function renew() {
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("last-buses");
  if (fresh && fresh.innerHTML !== box.innerHTML) box.replaceChildren(...fresh.childNodes);
}

if (box && "EventSource" in window) {
  const source = new EventSource("/api/v1/today/events");
  source.addEventListener("counted", (message) => {
    if (last.has(JSON.parse(message.data).departure)) renew().catch(() => {});
  });
}
