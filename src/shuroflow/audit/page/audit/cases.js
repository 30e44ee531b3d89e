// What the list of an audit shows of each case, and what it is filtered by.

const counted = (entry) => entry.violations + entry.observations + entry.notes;
const findingsOf = (entry) => entry.findings.map(([severity, clause, questions]) => ({ severity, clause, questions }));
const clausesOf = (entry) => distinct(findingsOf(entry).map((found) => found.clause));
const asks = (question) => (found) => found.questions.includes(question);
const FILTERS = [
  {
    name: "programme",
    word: "programme",
    options: ofProgrammes,
    fits: (entry, value) => entry.programme === value,
  },
  {
    name: "state",
    word: "state",
    options: () =>
      anyOf([...new Set(index.map((entry) => stateName(entry.programme, entry.state)))].map((name) => [name, name])),
    fits: (entry, value) => stateName(entry.programme, entry.state) === value,
  },
  {
    name: "severity",
    word: "severity",
    options: () =>
      anyOf([
        ...SEVERITIES.map((kind) => [kind, words[kind]]),
        ["any", words.severity_any],
        ["none", words.severity_none],
      ]),
    fits: (entry, value) => value !== "none" || counted(entry) === 0,
    finding: (value) => (value === "none" ? null : (found) => value === "any" || found.severity === value),
  },
  {
    name: "clause",
    word: "clause",
    options: () => anyOf(distinct(index.flatMap(clausesOf)).map((clause) => [clause, clause])),
    finding: (value) => (found) => found.clause === value,
  },
  {
    name: "question",
    word: "question",
    options: () => anyOf(info.questions.filter(([code]) => index.some((entry) => findingsOf(entry).some(asks(code))))),
    finding: (value) => asks(value),
  },
  {
    name: "duties",
    word: "duties_open",
    options: () =>
      anyOf([
        ["open", words.with_duties],
        ["overdue", words.overdue_duties],
        ["past_due", words.past_due_duties],
        ["none", words.without_duties],
      ]),
    fits: (entry, value) => (value === "none" ? entry.duties === 0 : entry[value === "open" ? "duties" : value] > 0),
  },
  ...SOURCE_FILTER,
];

const severityCell = (kind) => (entry) =>
  h("td", { class: "number" }, entry[`${kind}s`] ? badge(kind, grouped(entry[`${kind}s`])) : "0");
const COLUMNS = [
  ["programme", (entry) => h("td", { class: "word" }, programmes.get(entry.programme).title)],
  ["state", (entry) => h("td", { class: "whole" }, stateName(entry.programme, entry.state))],
  [
    "period",
    (entry) =>
      h("td", { class: "days" }, entry.period ? [day(entry.period[0]), h("br"), words.to, day(entry.period[1])] : words.none),
  ],
  ["events", (entry) => h("td", { class: "number" }, grouped(entry.events))],
  ["violations", severityCell("violation")],
  ["observations", severityCell("observation")],
  ["notes", severityCell("note")],
  ["clause", (entry) => h("td", { class: "whole" }, clausesOf(entry).join(info.lang === "ja" ? "、" : ", "))],
  [
    "duties_open",
    (entry) =>
      h(
        "td",
        { class: "number" },
        grouped(entry.duties),
        entry.overdue ? [" ", badge("late", `${words.overdue} ${grouped(entry.overdue)}`)] : null,
        entry.past_due > entry.overdue
          ? [" ", badge("status", `${words.past_due} ${grouped(entry.past_due - entry.overdue)}`)]
          : null,
      ),
  ],
];
const noRows = () => words.no_match;
const overviewParts = () => [];
