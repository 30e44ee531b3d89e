// What the list of a comparison shows of each case, and what it is filtered by.

const SIDES = info.marks;
const aspects = new Map(info.aspects);
const sideWord = (side) => words[side === "both" ? "on_both" : `only_${side}`];

// A finding on both sides is two: it may be graver on one of them, or rest on another clause.
const findingsOf = (entry) =>
  entry.findings.flatMap(([side, found]) => found.map(([severity, clause]) => ({ side, severity, clause })));
const clausesOf = (entry) => distinct(findingsOf(entry).map((found) => found.clause));

const FILTERS = [
  {
    name: "differs",
    word: "difference",
    options: () => [
      ["yes", words.with_difference],
      ["no", words.without_difference],
      ["", words.all],
    ],
    fits: (entry, value) => entry.differs === (value === "yes"),
  },
  {
    name: "programme",
    word: "programme",
    options: ofProgrammes,
    fits: (entry, value) => entry.programme === value,
  },
  {
    name: "aspect",
    word: "what",
    options: () => anyOf(info.aspects.filter(([code]) => index.some((entry) => entry.aspects.includes(code)))),
    fits: (entry, value) => entry.aspects.includes(value),
  },
  {
    name: "side",
    word: "findings_on",
    options: () => anyOf(Object.entries(SIDES).map(([side, mark]) => [side, `${mark} ${sideWord(side)}`])),
    finding: (value) => (found) => found.side === value,
  },
  {
    name: "severity",
    word: "severity_of",
    options: () => anyOf(SEVERITIES.map((kind) => [kind, words[kind]])),
    finding: (value) => (found) => found.severity === value,
  },
  {
    name: "clause",
    word: "clause",
    options: () => anyOf(distinct(index.flatMap(clausesOf)).map((clause) => [clause, clause])),
    finding: (value) => (found) => found.clause === value,
  },
  ...SOURCE_FILTER,
];

// How many findings there are of a side, by how grave they are: [[severity, …], number] in any order.
const distinctGrades = (severities) => [...new Set(severities)];
const graded = (side, found) => {
  const counts = new Map();
  for (const [grades, number] of found) {
    const key = grades.join();
    counts.set(key, [grades, (counts.get(key) || [grades, 0])[1] + number]);
  }
  const gravity = ([grades]) => Math.min(...grades.map((each) => SEVERITIES.indexOf(each)));
  return [...counts.values()]
    .sort((one, other) => gravity(one) - gravity(other))
    .map(([grades, number]) =>
      badge(
        SEVERITIES[gravity([grades])],
        `${SIDES[side]} ${grades.map((each) => words[each]).join(" → ")} ${grouped(number)}`,
      ),
    );
};
const sideCell = (side) => (entry) => {
  const found = entry.findings
    .filter(([where]) => where === side)
    .map(([, each, number]) => [distinctGrades(each.map(([severity]) => severity)), number]);
  return h("td", { class: "number" }, found.length ? h("div", { class: "graded" }, graded(side, found)) : "0");
};
const stateMove = (entry) => {
  const [here, there] = entry.state.map((state) => stateName(entry.programme, state));
  return here === there ? here : fill("moved", { from: here, to: there });
};
const COLUMNS = [
  ["programme", (entry) => h("td", { class: "word" }, programmes.get(entry.programme).title)],
  ["state_as_of", (entry) => h("td", { class: "word" }, stateMove(entry))],
  [
    "events_differ",
    (entry) =>
      h(
        "td",
        { class: "days" },
        fill("n_of", { n: grouped(entry.steps), of: grouped(entry.events) }),
        entry.at_last ? [h("br"), h("span", { class: "quiet" }, entry.steps ? words.day_too : words.day_only)] : null,
      ),
  ],
  [
    "what",
    (entry) =>
      h(
        "td",
        { class: "word" },
        entry.differs
          ? entry.aspects.map((code) => aspects.get(code)).join(info.lang === "ja" ? "、" : ", ") || words.reordered
          : words.no_difference,
      ),
  ],
  ["findings_here", sideCell("here")],
  ["findings_there", sideCell("there")],
  ["findings_both", sideCell("both")],
  ["clause", (entry) => h("td", { class: "word" }, clausesOf(entry).join(info.lang === "ja" ? "、" : ", "))],
];
const noRows = () => {
  if (!index.length) return words.none_compared;
  return byId("f-differs").value === "yes" && !index.some((entry) => entry.differs) ? words.none_differs : words.no_match;
};
const overviewParts = () => [byId("by-rule")];
