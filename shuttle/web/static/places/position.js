// A stop's position, picked on the drawing of all stops. Without this script it is typed.
const DECIMALS = 5; // a metre

const place = document.querySelector(".position");
if (place) {
  place.hidden = false;
  const svg = place.querySelector("svg");
  const mark = document.createElementNS("http://www.w3.org/2000/svg", "path");
  mark.setAttribute("class", "picked");
  const { north, west, northPerUnit, eastPerUnit } = Object.fromEntries(
    Object.entries(place.dataset).map(([name, text]) => [name, Number(text)]),
  );
  svg.addEventListener("click", (event) => {
    const box = svg.getBoundingClientRect();
    const scale = svg.viewBox.baseVal.width / box.width;
    const [x, y] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
    document.querySelector("#stop-lat").value = (north - y * northPerUnit).toFixed(DECIMALS);
    document.querySelector("#stop-lon").value = (west + x * eastPerUnit).toFixed(DECIMALS);
    mark.setAttribute("d", `M${x - 9} ${y}h18M${x} ${y - 9}v18`);
    svg.append(mark);
  });
}
