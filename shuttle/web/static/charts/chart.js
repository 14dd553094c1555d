// Draws the charts of the page: Vega-Lite documents fetched from their addresses, in the page's colours, without eval.
// The libraries are loaded as classic scripts before this module (macro `chart_scripts`).
import { expressionInterpreter } from "../vendor/vega-interpreter.js";

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function config() {
  const text = colour("--ds-color-neutral-text-default");
  const line = colour("--ds-color-neutral-border-subtle");
  const axis = { labelColor: text, titleColor: text, gridColor: line, domainColor: line, tickColor: line };
  const font = getComputedStyle(document.body).fontFamily;
  const marks = { mark: { color: colour("--ds-color-accent-base-default") }, text: { color: text }, style: { limit: { color: colour("--ds-color-danger-base-default") } } };
  return { ...marks, background: "transparent", font, axis, legend: { labelColor: text, titleColor: text }, title: { color: text }, view: { stroke: null } };
}

async function draw(picture) {
  const answer = await fetch(picture.dataset.chart, { credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok) return; // the table below has the same figures
  const options = { actions: false, renderer: "svg", ast: true, expr: expressionInterpreter, defaultStyle: false, tooltip: false };
  await globalThis.vegaEmbed(picture, await answer.json(), { ...options, config: config() });
  picture.querySelector("svg")?.setAttribute("aria-hidden", "true"); // the figure has a label; Vega's own are English
}

const redraw = () => Promise.all([...document.querySelectorAll("[data-chart]")].map(draw));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
await redraw();
