// The recipe: from the controls to URLs, and to the image that the chosen one makes.

import { showMade, showOriginal, showProblem } from "./compare.js";
import { setUrls, startPolicy } from "./policy.js";

const recipe = document.querySelector("#recipe");
const images = document.querySelector("#images");
const lifetime = document.querySelector("#lifetime");
const NAMES = { imagor: "imagor", imagekit: "ImageKit", imgproxy: "imgproxy", ipx: "IPX" };
// What browsers say of an image. A script would say that it takes anything.
const ACCEPT = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8";

let shown = "imagor";
let known = [];
let pending = null;
let timer = 0;

export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

export async function ask(path, options = {}) {
  const response = await fetch(path, { cache: "no-store", ...options });
  const body = await response.json();
  if (!response.ok) throw new Error(body.detail || body.title);
  return body;
}

// ---- Images

function addImage(image, checked) {
  const radio = element("input", { type: "radio", name: "image", value: image.name, checked });
  radio.setAttribute("aria-label", image.title);
  const picture = element("img", { src: image.thumbnail, alt: "" });
  images.append(element("label", { className: "pick", title: image.title }, radio, picture));
}

async function drop(file) {
  const status = document.querySelector("#upload");
  status.textContent = `Taking in ${file.name || "the image"} …`;
  try {
    const image = await ask("./", { method: "POST", body: file });
    image.title = file.name || "Dropped image";
    // The oldest have made room.
    for (const radio of images.querySelectorAll("input[value^=dropped-]")) {
      if (!image.kept.includes(radio.value)) radio.parentElement.remove();
    }
    addImage(image, true);
    status.textContent = "";
    update();
  } catch (error) {
    status.textContent = `${file.name || "The image"} was not taken: ${error.message}`;
  }
}

function startDropping() {
  const input = document.querySelector("#file");
  input.addEventListener("change", () => {
    if (input.files[0]) drop(input.files[0]);
    input.value = "";
  });
  const dragging = (on) => document.body.classList.toggle("dragging", on);
  addEventListener("dragover", (event) => { event.preventDefault(); dragging(true); });
  addEventListener("dragleave", (event) => { if (!event.relatedTarget) dragging(false); });
  addEventListener("drop", (event) => {
    event.preventDefault();
    dragging(false);
    if (event.dataTransfer.files[0]) drop(event.dataTransfer.files[0]);
  });
  addEventListener("paste", (event) => {
    const file = [...event.clipboardData.files].find((file) => file.type.startsWith("image/"));
    if (file) drop(file);
  });
}

// ---- Controls

function settings() {
  const values = Object.fromEntries(new FormData(recipe));
  if (!values.has_background) delete values.background;
  if (values.keep !== "point") { delete values.x; delete values.y; }
  if (!values.text) for (const name of ["text_place", "text_size", "text_color"]) delete values[name];
  delete values.has_background;
  const said = Object.entries(values).filter(([, value]) => value !== "" && value !== "0");
  return new URLSearchParams(said);
}

function showControls() {
  for (const range of recipe.querySelectorAll("label > .value + input")) {
    const { unit, zero } = range.dataset;
    const text = zero && range.value === "0" ? zero : range.value + (unit ? ` ${unit}` : "");
    range.previousElementSibling.textContent = text;
    range.setAttribute("aria-valuetext", text);
  }
  const { fit, keep } = recipe.elements;
  document.querySelector("#keep").hidden = fit.value !== "fill";
  const picked = images.querySelector("input:checked");
  document.querySelector("#picked").textContent = picked ? `${picked.ariaLabel}: ${picked.value}` : "";
  document.querySelector("#point").hidden = fit.value !== "fill" || keep.value !== "point";
}

// The recipe stands in the page's address, so that it outlives a reload.
function remember(query) {
  history.replaceState(null, "", `#${query}`);
}

function recall() {
  const query = new URLSearchParams(location.hash.slice(1));
  if (!query.has("image")) return;
  for (const field of recipe.elements) {
    const value = query.get(field.name);
    if (field.type === "checkbox") field.checked = value === "1";
    else if (field.type === "radio") { if (value === field.value) field.checked = true; }
    else if (value !== null) field.value = value;
    else if (["w", "h"].includes(field.name)) field.value = "";
  }
  recipe.elements.has_background.checked = query.has("background");
}

// ---- URLs

function copyButton(url, what) {
  const button = element("button", { type: "button", textContent: "Copy" });
  button.setAttribute("aria-label", `Copy the URL of ${what}`);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(url);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not allowed";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  return button;
}

function openLink(url, what) {
  const link = element("a", { className: "button", href: url, target: "_blank", rel: "noopener", textContent: "Open" });
  link.setAttribute("aria-label", `Open the image of ${what}`);
  return link;
}

function leftOut(entry) {
  const text = entry.left_out.length ? `Left out, for this dialect has no words for it: ${entry.left_out.join(", ")}.` : "";
  return element("p", { className: "left-out", textContent: entry.problem || text });
}

function fullUrl(path) {
  return new URL(path, location.href).href;
}

function showUrls(urls, mounts) {
  const focused = document.activeElement?.value;
  const list = document.querySelector("#dialects");
  list.replaceChildren(...urls.map((entry) => {
    const name = NAMES[entry.dialect];
    const radio = element("input", { type: "radio", name: "shown", value: entry.dialect, checked: entry.dialect === shown });
    radio.addEventListener("change", () => { shown = entry.dialect; update(0); });
    const url = fullUrl(entry.url);
    return element("li", {},
      element("label", { className: "name" }, radio, name),
      element("code", { textContent: entry.url }),
      element("span", { className: "buttons" }, copyButton(url, name), openLink(url, name)),
      leftOut(entry));
  }));
  const again = list.querySelector(`input[value="${CSS.escape(focused || "")}"]`);
  if (again) again.focus();
  document.querySelector("#mounts").replaceChildren(...mounts.map((entry) => {
    const what = `the mount ${entry.path}`;
    const buttons = element("span", { className: "buttons" });
    if (entry.url) {
      const judge = element("button", { type: "button", textContent: "Check" });
      judge.setAttribute("aria-label", `Check the URL of ${what} with this server's rules`);
      judge.addEventListener("click", () => setUrls({ server: entry.url }, "server"));
      buttons.append(copyButton(fullUrl(entry.url), what), openLink(fullUrl(entry.url), what), judge);
    }
    return element("li", {},
      element("span", { className: "name" }, entry.path),
      element("code", { textContent: entry.url || "" }), buttons, leftOut(entry));
  }));
}

// ---- Result

export function update(wait = 120) {
  showControls();
  clearTimeout(timer);
  timer = setTimeout(make, wait);
}

async function make() {
  pending?.abort();
  const { signal } = (pending = new AbortController());
  const stage = document.querySelector("#stage");
  const query = settings();
  remember(query);
  const image = recipe.elements.image.value;
  document.querySelector("#name").placeholder = image;
  stage.classList.add("busy");
  try {
    showOriginal(image, signal);
    const asked = new URLSearchParams(query);
    asked.set("lifetime", lifetime.value);
    asked.set("name", document.querySelector("#name").value);
    const { urls, mounts } = await ask(`api/urls?${asked}`, { signal });
    known = urls;
    showUrls(urls, mounts);
    setUrls({ example: urls[0].url, server: mounts.find((mount) => mount.url)?.url });
    const { url } = known.find((entry) => entry.dialect === shown);
    const response = await fetch(url, { signal, cache: "no-store", headers: { Accept: ACCEPT } });
    if (response.ok) {
      await showMade(await response.blob(), response.headers, signal);
    } else {
      const { title, detail, code } = await response.json();
      showProblem(`${response.status} ${code}: ${detail || title}`);
    }
  } catch (error) {
    if (!signal.aborted) showProblem(error.message);
  } finally {
    if (!signal.aborted) stage.classList.remove("busy");
  }
}

async function start() {
  const { samples, dropped, mounts, rules, has_rules, version } = await ask("api/state");
  document.querySelector("#version").textContent = version;
  for (const image of [...samples, ...dropped]) addImage(image, image === samples[0]);
  document.querySelector("#mounts-details").hidden = mounts.length === 0;
  recall();
  startDropping();
  startPolicy(rules, has_rules);
  recipe.addEventListener("input", () => update());
  recipe.addEventListener("submit", (event) => event.preventDefault());
  recipe.addEventListener("reset", () => {
    // Which image it is of is no part of the recipe.
    const image = recipe.elements.image.value;
    setTimeout(() => {
      recipe.elements.image.value = image;
      update(0);
    });
  });
  lifetime.addEventListener("change", () => update(0));
  document.querySelector("#name").addEventListener("input", () => update());
  update(0);
}

start().catch((error) => showProblem(error.message));
