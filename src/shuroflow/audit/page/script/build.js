// What every part of the viewer uses: elements, text of unknown origin, days, and the data in the page.
// Text of a record goes into the page as text nodes alone (see said); nothing is ever parsed as markup.

const byId = (id) => document.getElementById(id);
const read = (id) => JSON.parse(byId(id).textContent);
const index = read("index");
const info = read("info");
const words = info.words;
const overview = byId("overview");
const casePart = byId("case");
const SHOWN_CASES = 300;
const CHUNK = 100;
const SEVERITIES = ["violation", "observation", "note"];

// Building ------------------------------------------------------------------------------------------------------------

const make = (element, attributes, children) => {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
};
const h = (tag, attributes, ...children) => make(document.createElement(tag), attributes, children);
const s = (tag, attributes, ...children) =>
  make(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

const fill = (word, values) =>
  ((String(values.n) === "1" && words[`${word}_one`]) || words[word]).replace(/\{(\w+)\}/g, (_, name) => values[name]);
const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");

// Marks that steer direction, controls and unseen signs: each is shut into an element of its own and named there.
const STEERING =
  /([\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff])/;
const said = (text) =>
  h(
    "bdi",
    null,
    String(text)
      .split(STEERING)
      .map((part, at) => (at % 2 ? h("bdi", { class: "mark", "data-code": codeOf(part) }, part) : part)),
  );
const codeOf = (mark) => "U+" + mark.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");

// Days ----------------------------------------------------------------------------------------------------------------

const wareki = (iso) => {
  const era = info.eras.find(([, first]) => iso >= first);
  if (!era) return null;
  const [year, month, day] = iso.split("-").map(Number);
  const count = year - era[2] + 1;
  return `${era[0]}${count === 1 ? "元" : count}年${month}月${day}日`;
};
const dayText = (iso) => {
  const era = wareki(iso);
  if (!era) return iso;
  return info.lang === "ja" ? `${era} (${iso})` : `${iso} (${era})`;
};
const day = (iso) => h("time", { datetime: iso }, broken(dayText(iso)));
// A day or moment, broken at its spaces alone: see wbr in the style.
const broken = (text) => text.split(/(?<= )/).map((part, at) => [at ? h("wbr") : null, part]);
const number = (iso) => Date.parse(iso + "T00:00:00Z") / 86400000;
const daysBetween = (first, last) => number(last) - number(first);
const span = (period) => (period ? [day(period[0]), words.to, day(period[1])] : words.none);

// What the page holds -------------------------------------------------------------------------------------------------

const placeOf = new Map(index.map((entry, at) => [entry.id, at]));
const programmes = new Map(info.programmes.map((code) => [code, read(`programme-${code}`)]));
const stateName = (programme, state) => programmes.get(programme).states[state];
const loaded = new Map();
const load = (at) => {
  if (!loaded.has(at)) {
    if (loaded.size > 20) loaded.clear();
    loaded.set(at, read(`case-${at}`));
  }
  return loaded.get(at);
};
const link = (id, seq) => `#${encodeURIComponent(id)}${seq === undefined ? "" : `/${seq}`}`;
const badge = (kind, text) => h("span", { class: `badge ${kind}` }, text);
const dl = (...pairs) =>
  h(
    "dl",
    null,
    pairs.filter(Boolean).map(([term, value]) => h("div", null, h("dt", null, term), h("dd", null, value))),
  );
const announce = (text) => {
  byId("live").textContent = text;
};
