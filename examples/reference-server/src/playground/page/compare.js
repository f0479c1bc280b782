// Original and result: the pictures, the slider between them, and what they cost.

import { element } from "./app.js";

const stage = document.querySelector("#stage");
const split = document.querySelector("#split");
const original = document.querySelector("#original");
const made = document.querySelector("#made");
const problem = document.querySelector("#problem");
const STAGES = ["load", "decode", "process", "encode"];

let originalName = "";
let originalBytes = 0;

split.addEventListener("input", () => {
  stage.style.setProperty("--split", `${split.value}%`);
  split.setAttribute("aria-valuetext", `${split.value} % original`);
});

for (const view of document.querySelectorAll("input[name=view]")) {
  view.addEventListener("change", () => { stage.dataset.view = view.value; });
}

export function bytes(count) {
  if (count < 1000) return `${count} B`;
  return count < 1e6 ? `${(count / 1000).toFixed(1)} kB` : `${(count / 1e6).toFixed(2)} MB`;
}

/** Puts a picture in its place; false where the browser cannot show it. */
async function put(image, blob) {
  const url = URL.createObjectURL(blob);
  const before = image.src;
  image.src = url;
  const seen = await image.decode().then(() => true, () => false);
  if (before.startsWith("blob:")) URL.revokeObjectURL(before);
  return seen;
}

export async function showOriginal(name, signal) {
  if (name === originalName) return;
  originalName = name;
  const facts = document.querySelector("#original-facts");
  try {
    const response = await fetch(`originals/${encodeURIComponent(name)}`, { signal });
    const plain = await response.blob();
    // Pictures are told by their bytes, but not drawings.
    const beginning = await plain.slice(0, 512).text();
    const blob = beginning.includes("<svg") ? plain.slice(0, plain.size, "image/svg+xml") : plain.slice();
    originalBytes = blob.size;
    const seen = await put(original, blob);
    if (signal.aborted) return;
    if (!seen) original.removeAttribute("src");
    facts.textContent = seen
      ? `${original.naturalWidth} × ${original.naturalHeight}, ${bytes(blob.size)}`
      : `${bytes(blob.size)}, of a format that this browser does not show`;
  } catch (error) {
    originalName = "";
    if (!signal.aborted) throw error;
  }
}

export async function showMade(blob, headers, signal) {
  const seen = await put(made, blob);
  if (signal.aborted) return;
  problem.hidden = true;
  const format = blob.type.replace("image/", "").replace("svg+xml", "svg").toUpperCase();
  const size = seen ? `${made.naturalWidth} × ${made.naturalHeight} ` : "";
  const change = originalBytes ? Math.round((blob.size / originalBytes - 1) * 100) : 0;
  const sign = change > 0 ? "+" : "−";
  const text = `${size}${format}, ${bytes(blob.size)} (${sign}${Math.abs(change)} %)`;
  document.querySelector("#made-facts").textContent = text;
  const total = showTimes(headers.get("server-timing") || "");
  document.querySelector("#announce").textContent = `Result: ${text}, ${total} milliseconds`;
}

function showTimes(header) {
  const times = new Map(header.split(",").map((entry) => {
    const [name, ...parameters] = entry.trim().split(";");
    const duration = parameters.find((parameter) => parameter.startsWith("dur="));
    return [name, Number(duration?.slice(4) ?? 0)];
  }));
  const total = STAGES.reduce((sum, name) => sum + (times.get(name) ?? 0), 0);
  const bar = document.querySelector("#times-bar");
  bar.replaceChildren(...STAGES.map((name, at) => {
    const part = element("i", { className: `t${at + 1}` });
    part.style.flex = `${times.get(name) ?? 0} 0 0`;
    return part;
  }));
  const entries = STAGES.map((name, at) => {
    const time = (times.get(name) ?? 0).toFixed(1);
    return element("li", { className: `t${at + 1}`, textContent: `${name} ${time} ms` });
  });
  const sum = element("li", { className: "total", textContent: `together ${total.toFixed(1)} ms` });
  document.querySelector("#times").replaceChildren(...entries, sum);
  return total.toFixed(1);
}

export function showProblem(text) {
  problem.textContent = text;
  problem.hidden = false;
  made.removeAttribute("src");
  document.querySelector("#made-facts").textContent = "none";
  document.querySelector("#times-bar").replaceChildren();
  document.querySelector("#times").replaceChildren();
}
