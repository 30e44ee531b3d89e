// The list of cases with its filters, and which of them are to be printed. FILTERS, COLUMNS, findingsOf and noRows are
// the page's own. A filter asks of a case by ``fits``, or of its findings by ``finding``: a function that holds of one,
// or nothing for a value that asks of none. What several filters ask of findings holds of one and the same.

const chosen = new Set();
let matches = index.map((_, at) => at);
let shownCases = SHOWN_CASES;

const distinct = (values) => [...new Set(values)].sort();
const anyOf = (options) => [["", words.all], ...options];
const ofProgrammes = () => anyOf(info.programmes.map((code) => [code, programmes.get(code).title]));
const select = ({ name, word, options }) =>
  h(
    "label",
    { for: `f-${name}` },
    words[word],
    h(
      "select",
      { id: `f-${name}`, onchange: () => applyFilter() },
      options().map(([value, text]) => h("option", { value }, text)),
    ),
  );

// From which of several files or databases a case is; one alone is told at the foot.
const sources = [...new Set(index.map((entry) => entry.source))].sort();
const several = sources.length > 1;
const from = (entry) => (several ? h("div", { class: "quiet path" }, path(entry.source)) : null);
const sourceOf = (id) => (several ? [words.source, h("span", { class: "path" }, path(index[placeOf.get(id)].source))] : null);
// A path is broken between its folders; a name that is longer than its column has room for, where it must be.
const path = (source) => source.split(/(?<=[/\\])/).map((part, at) => [at ? h("wbr") : null, said(part)]);
const SOURCE_FILTER = several
  ? [
      {
        name: "source",
        word: "source",
        options: () => anyOf(sources.map((source) => [source, source])),
        fits: (entry, value) => entry.source === value,
      },
    ]
  : [];

// What cannot be used stands at the foot, which may be far below.
const toUnusable = () => {
  const part = document.querySelector("footer .unusable");
  if (!part) return null;
  const go = (event) => {
    event.preventDefault(); // the address is for cases
    part.focus();
  };
  return h("p", null, h("a", { href: "#", id: "to-unusable", onclick: go }, fill("unusable_link", { n: part.dataset.n })));
};

const buildOverview = () => {
  const filters = h(
    "form",
    { id: "filters", role: "search", "aria-label": words.filter, onsubmit: (event) => event.preventDefault() },
    h(
      "label",
      { for: "f-text" },
      words.search,
      h("input", { id: "f-text", type: "search", oninput: () => applyFilter() }),
    ),
    FILTERS.map(select),
    h("button", { type: "reset", onclick: () => setTimeout(applyFilter) }, words.reset),
  );
  make(overview, null, [
    h("h2", { id: "overview-title", tabindex: "-1" }, words.overview),
    h(
      "div",
      { class: "totals" },
      [...byId("counts").childNodes].map((node) => node.cloneNode(true)),
    ),
    toUnusable(),
    overviewParts(),
    filters,
    h("p", { id: "asked" }),
    h(
      "div",
      { class: "controls" },
      h("p", { id: "found", role: "status" }),
      h(
        "label",
        { class: "choose" },
        h("input", { type: "checkbox", id: "choose-all", onchange: chooseAll }),
        words.choose_all,
      ),
      h("button", { id: "print-chosen", type: "button", onclick: () => window.print() }),
    ),
    h(
      "div",
      { class: "wide", tabindex: "0", role: "group", "aria-labelledby": "overview-title" },
      h(
        "table",
        { id: "cases" },
        h(
          "thead",
          null,
          h(
            "tr",
            null,
            h("th", { scope: "col", class: "pick" }, words.choose),
            h("th", { scope: "col" }, words.case_id),
            COLUMNS.map(([head]) => h("th", { scope: "col" }, words[head])),
          ),
        ),
        h("tbody", { id: "rows" }),
      ),
    ),
    h("button", { id: "more", type: "button", hidden: true, onclick: showMore }),
  ]);
  applyFilter();
};

const applyFilter = () => {
  const wanted = byId("f-text").value.normalize("NFKC").toLowerCase();
  const asked = FILTERS.map((filter) => [filter, byId(`f-${filter.name}`).value]).filter(([, value]) => value);
  const ofCase = asked.filter(([filter]) => filter.fits);
  const ofFinding = asked.map(([filter, value]) => filter.finding && filter.finding(value)).filter(Boolean);
  matches = [];
  index.forEach((entry, at) => {
    if (wanted && !entry.id.normalize("NFKC").toLowerCase().includes(wanted)) return;
    if (!ofCase.every(([filter, value]) => filter.fits(entry, value))) return;
    if (!ofFinding.length || findingsOf(entry).some((found) => ofFinding.every((holds) => holds(found)))) matches.push(at);
  });
  shownCases = SHOWN_CASES;
  renderRows();
};

const renderRows = () => {
  const rows = matches.slice(0, shownCases).map((at) => row(index[at], at));
  if (!rows.length) rows.push(h("tr", null, h("td", { colspan: COLUMNS.length + 2 }, noRows())));
  byId("rows").replaceChildren(...rows);
  const found = fill("found", { n: grouped(matches.length), of: grouped(index.length) });
  byId("found").textContent = found;
  byId("asked").replaceChildren(found, info.lang === "ja" ? "。" : ". ", ...filtersSet());
  const left = matches.length - shownCases;
  byId("more").hidden = left <= 0;
  byId("more").textContent = fill("more", { n: grouped(Math.max(Math.min(left, SHOWN_CASES), 0)) });
  countChosen();
};

// What the list is filtered by, for who has it on paper alone.
const filtersSet = () => {
  const label = (id) => byId("filters").querySelector(`label[for="${id}"]`).firstChild.textContent;
  const chosenOption = (id) => byId(id).selectedOptions[0].textContent;
  const set = FILTERS.map((filter) => `f-${filter.name}`).filter((id) => byId(id).value);
  const told = set.map((id) => `${label(id)}: ${chosenOption(id)}`);
  if (byId("f-text").value) told.unshift([`${label("f-text")}: `, said(byId("f-text").value)]);
  if (!told.length) return [words.no_filter];
  const between = info.lang === "ja" ? "、" : "; ";
  return [`${words.filter}: `, ...told.flatMap((each, at) => (at ? [between, each] : [each]))].flat();
};

const row = (entry, at) => {
  const box = h("input", {
    type: "checkbox",
    "aria-label": fill("choose_case", { id: entry.id }),
    onchange: (event) => {
      if (event.target.checked) chosen.add(at);
      else chosen.delete(at);
      countChosen();
    },
  });
  box.checked = chosen.has(at);
  return h(
    "tr",
    null,
    h("td", { class: "pick" }, box),
    h("th", { scope: "row" }, h("a", { href: link(entry.id) }, said(entry.id)), from(entry)),
    COLUMNS.map(([, cell]) => cell(entry)),
  );
};

const showMore = () => {
  const next = shownCases;
  shownCases += SHOWN_CASES;
  renderRows();
  byId("rows").children[next].querySelector("a").focus();
};
// The rows that are not on the screen yet, while the list is printed: paper has no button for more.
let onPaperOnly = [];
const showAllOnPaper = () => {
  onPaperOnly = matches.slice(shownCases).map((at) => row(index[at], at));
  byId("rows").append(...onPaperOnly);
};
const showAsBefore = () => {
  for (const each of onPaperOnly) each.remove();
  onPaperOnly = [];
};

const chooseAll = (event) => {
  for (const at of matches) {
    if (event.target.checked) chosen.add(at);
    else chosen.delete(at);
  }
  renderRows();
};
const countChosen = () => {
  const button = byId("print-chosen");
  button.textContent = fill("print_chosen", { n: grouped(chosen.size) });
  button.disabled = chosen.size === 0;
  byId("choose-all").disabled = matches.length === 0;
  byId("choose-all").checked = matches.length > 0 && matches.every((at) => chosen.has(at));
};
