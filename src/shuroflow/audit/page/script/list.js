// The list of cases with its filters, and which of them are to be printed.

const chosen = new Set();
let matches = index.map((_, at) => at);
let shownCases = SHOWN_CASES;

const distinct = (values) => [...new Set(values)].sort();
const select = (id, label, options) =>
  h(
    "label",
    { for: id },
    label,
    h(
      "select",
      { id, onchange: () => applyFilter() },
      h("option", { value: "" }, words.all),
      options.map(([value, text]) => h("option", { value }, text)),
    ),
  );

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
  const states = new Map();
  for (const entry of index) states.set(stateName(entry.programme, entry.state), true);
  const filters = h(
    "form",
    { id: "filters", role: "search", "aria-label": words.filter, onsubmit: (event) => event.preventDefault() },
    h(
      "label",
      { for: "f-text" },
      words.search,
      h("input", { id: "f-text", type: "search", oninput: () => applyFilter() }),
    ),
    select(
      "f-programme",
      words.programme,
      info.programmes.map((code) => [code, programmes.get(code).title]),
    ),
    select(
      "f-state",
      words.state,
      [...states.keys()].map((name) => [name, name]),
    ),
    select("f-severity", words.severity, [
      ...SEVERITIES.map((kind) => [kind, words[kind]]),
      ["any", words.severity_any],
      ["none", words.severity_none],
    ]),
    select(
      "f-clause",
      words.clause,
      distinct(index.flatMap((entry) => entry.clauses)).map((clause) => [clause, clause]),
    ),
    select(
      "f-question",
      words.question,
      info.questions.filter(([code]) => index.some((entry) => entry.questions.includes(code))),
    ),
    select("f-duties", words.duties_open, [
      ["open", words.with_duties],
      ["overdue", words.overdue_duties],
      ["none", words.without_duties],
    ]),
    h("button", { type: "reset", onclick: () => setTimeout(applyFilter) }, words.reset),
  );
  const heads = [
    "case_id",
    "programme",
    "state",
    "period",
    "events",
    "violations",
    "observations",
    "notes",
    "clause",
    "duties_open",
  ];
  overview.append(
    h("h2", { id: "overview-title", tabindex: "-1" }, words.overview),
    h(
      "p",
      { class: "totals" },
      [...byId("counts").childNodes].map((node) => node.cloneNode(true)),
    ),
    toUnusable(),
    filters,
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
            heads.map((head) => h("th", { scope: "col" }, words[head])),
          ),
        ),
        h("tbody", { id: "rows" }),
      ),
    ),
    h("button", { id: "more", type: "button", hidden: true, onclick: showMore }),
  );
  applyFilter();
};

const applyFilter = () => {
  const value = (id) => byId(id).value;
  const [text, programme, state, severity, clause, question, duties] = [
    "text",
    "programme",
    "state",
    "severity",
    "clause",
    "question",
    "duties",
  ].map((name) => value(`f-${name}`));
  const counted = (entry) => entry.violations + entry.observations + entry.notes;
  const fits = {
    "": () => true,
    any: (entry) => counted(entry) > 0,
    none: (entry) => counted(entry) === 0,
    violation: (entry) => entry.violations > 0,
    observation: (entry) => entry.observations > 0,
    note: (entry) => entry.notes > 0,
  }[severity];
  const owes = {
    "": () => true,
    open: (entry) => entry.duties > 0,
    overdue: (entry) => entry.overdue > 0,
    none: (entry) => entry.duties === 0,
  }[duties];
  const wanted = text.normalize("NFKC").toLowerCase();
  matches = [];
  index.forEach((entry, at) => {
    if (
      (!wanted || entry.id.normalize("NFKC").toLowerCase().includes(wanted)) &&
      (!programme || entry.programme === programme) &&
      (!state || stateName(entry.programme, entry.state) === state) &&
      (!clause || entry.clauses.includes(clause)) &&
      (!question || entry.questions.includes(question)) &&
      fits(entry) &&
      owes(entry)
    )
      matches.push(at);
  });
  shownCases = SHOWN_CASES;
  renderRows();
};

const renderRows = () => {
  const rows = matches.slice(0, shownCases).map((at) => row(index[at], at));
  if (!rows.length) rows.push(h("tr", null, h("td", { colspan: 11 }, words.no_match)));
  byId("rows").replaceChildren(...rows);
  byId("found").textContent = fill("found", { n: grouped(matches.length), of: grouped(index.length) });
  const left = matches.length - shownCases;
  byId("more").hidden = left <= 0;
  byId("more").textContent = fill("more", { n: grouped(Math.max(Math.min(left, SHOWN_CASES), 0)) });
  countChosen();
};

// From which of several files or databases a case is; one alone is told at the foot.
const several = new Set(index.map((entry) => entry.source)).size > 1;
const from = (entry) => (several ? h("div", { class: "quiet" }, said(entry.source)) : null);

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
  const count = (kind) =>
    h("td", { class: "number" }, entry[`${kind}s`] ? badge(kind, grouped(entry[`${kind}s`])) : "0");
  return h(
    "tr",
    null,
    h("td", { class: "pick" }, box),
    h("th", { scope: "row" }, h("a", { href: link(entry.id) }, said(entry.id)), from(entry)),
    h("td", { class: "word" }, programmes.get(entry.programme).title),
    h("td", { class: "word" }, stateName(entry.programme, entry.state)),
    h("td", { class: "days" }, entry.period ? [day(entry.period[0]), h("br"), "～", day(entry.period[1])] : words.none),
    h("td", { class: "number" }, grouped(entry.events)),
    SEVERITIES.map(count),
    h("td", null, entry.clauses.join(info.lang === "ja" ? "、" : ", ")),
    h(
      "td",
      { class: "number" },
      grouped(entry.duties),
      entry.overdue ? [" ", badge("violation", `${words.overdue} ${grouped(entry.overdue)}`)] : null,
    ),
  );
};

const showMore = () => {
  const next = shownCases;
  shownCases += SHOWN_CASES;
  renderRows();
  byId("rows").children[next].querySelector("a").focus();
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
