// The policy panel: what the layers say of a request.

import { ask, element } from "./app.js";

const form = document.querySelector("#request");
const rules = document.querySelector("#rules");
const fields = form.elements;

const urls = { example: "", server: "" };
let texts = {};
// Whether somebody has written the URL, so that it is not to be changed.
let own = false;
let pending = null;
let timer = 0;

const TRIES = {
  friend: { referer: "https://www.shop.example/new" },
  hotlink: { referer: "https://elsewhere.example/" },
  address: { ip: "198.51.100.7" },
  country: { country: "KP" },
  bot: { user_agent: "Mozilla/5.0 (compatible; BadBot/1.0)" },
  larger: {},
};

/** What the recipe's URLs are now; `now` picks rules, and takes the URL in place of one that somebody wrote. */
export function setUrls(current, now) {
  Object.assign(urls, current);
  if (now) {
    own = false;
    rules.value = now;
    showRules();
    document.querySelector("#policy").scrollIntoView();
    fields.target.focus({ preventScroll: true });
  }
  if (!own) fields.target.value = urls[rules.value] ?? "";
  check(now ? 0 : undefined);
}

function showRules() {
  document.querySelector("#rules-text").textContent = texts[rules.value];
}

function start(name) {
  own = name === "larger";
  fields.target.value = urls[rules.value] ?? "";
  const values = { ip: "203.0.113.7", country: "", referer: "", user_agent: "", headers: "", ...TRIES[name] };
  for (const [field, value] of Object.entries(values)) fields[field].value = value;
  if (own) fields.target.value = fields.target.value.replace(/\d+/g, (digits) => digits.length === 3 ? `${digits}0` : digits);
  check(0);
}

export function startPolicy(rulesTexts, serverHasRules) {
  texts = rulesTexts;
  rules.value = serverHasRules ? "server" : "example";
  showRules();
  fields.target.addEventListener("input", () => { own = fields.target.value !== ""; });
  form.addEventListener("input", () => check());
  form.addEventListener("submit", (event) => { event.preventDefault(); check(0); });
  rules.addEventListener("change", () => {
    own = false;
    fields.target.value = urls[rules.value] ?? "";
    showRules();
    check(0);
  });
  for (const button of form.querySelectorAll("[data-try]")) {
    button.addEventListener("click", () => start(button.dataset.try));
  }
}

function check(wait = 150) {
  clearTimeout(timer);
  timer = setTimeout(judge, wait);
}

async function judge() {
  pending?.abort();
  const { signal } = (pending = new AbortController());
  const query = new URLSearchParams({ rules: rules.value });
  for (const name of ["target", "ip", "country"]) query.set(name, fields[name].value);
  if (fields.referer.value) query.append("header", `Referer: ${fields.referer.value}`);
  if (fields.user_agent.value) query.append("header", `User-Agent: ${fields.user_agent.value}`);
  for (const line of fields.headers.value.split("\n")) if (line.trim()) query.append("header", line);
  const outcome = document.querySelector("#outcome");
  const table = document.querySelector("#verdicts");
  try {
    const { admitted, verdicts } = await ask(`api/check?${query}`, { signal });
    table.replaceChildren(...verdicts.map(({ layer, verdict, why }) => {
      const kind = verdict === "pass" ? "pass" : verdict.startsWith("report ") ? "report" : "refused";
      return element("tr", { className: kind },
        element("th", { scope: "row", textContent: layer }),
        element("td", { className: "v", textContent: verdict }),
        element("td", { textContent: why }));
    }));
    const last = verdicts.at(-1);
    outcome.className = `outcome ${admitted ? "yes" : "no"}`;
    outcome.textContent = admitted ? "The image would be made." : `Refused by ${last.layer}: ${last.verdict}`;
  } catch (error) {
    if (signal.aborted) return;
    table.replaceChildren();
    outcome.className = "outcome no";
    outcome.textContent = error.message;
  }
}
