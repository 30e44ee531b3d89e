// One case of a comparison: its steps at which something differs, each with both sides, and the day asked about.

const LAST = "as-of";
const shownSteps = new WeakMap();
const stepsOf = (data) => {
  if (!shownSteps.has(data)) {
    const last = { seq: LAST, name: words.as_of_day, occurred_on: info.as_of, changes: data.at_last };
    shownSteps.set(data, data.at_last.length ? [...data.steps, last] : data.steps);
  }
  return shownSteps.get(data);
};
// A case of usual length is read as a whole; of a very long one the present step alone is open, so that it stays quick.
const openAtFirst = (steps) => (steps.length > CHUNK ? [] : steps.keys());

const caseHead = (data) => {
  const entry = index[placeOf.get(data.case_id)];
  const [one, other] = entry.period;
  const period = String(one) === String(other) ? span(one) : [span(one), " → ", span(other)];
  return [
    h(
      "div",
      { class: "facts" },
      dl(
        [words.programme, programmes.get(data.programme).title],
        [words.state_as_of, stateMove(entry)],
        [words.period, period],
        [
          words.events,
          fill("steps_differ", { n: grouped(data.steps.length), of: grouped(data.events) }),
          data.at_last.length ? [" ", words.and_at_last] : null,
        ],
        sourceOf(data.case_id),
        data.reordered ? [words.reordered, `${data.reordered.here.join(" ")} → ${data.reordered.there.join(" ")}`] : null,
      ),
    ),
    entry.differs ? null : h("p", { class: "same" }, words.no_difference),
  ].filter(Boolean);
};
const stepNumber = (step) => (step.seq === LAST ? words.last_day : fill("record", { n: step.seq }));
const stepKind = () => ["differs"];
const stepAside = () => "";
const sideOf = (change) => (change.there === null ? "here" : change.here === null ? "there" : "both");
const gradesOf = (change) => distinctGrades([change.here, change.there].filter(Boolean).map((each) => each.severity));
const stepTags = (data, step) => {
  const findings = step.changes.filter((change) => change.what === "finding");
  const others = new Set(step.changes.map((change) => change.what).filter((what) => what !== "finding"));
  return [
    Object.keys(SIDES).map((side) =>
      graded(
        side,
        findings.filter((change) => sideOf(change) === side).map((change) => [gradesOf(change), 1]),
      ),
    ),
    [...others].map((what) => badge("status", aspects.get(what))),
  ];
};
const stepTold = (data, step) => [...new Set(step.changes.map((change) => aspects.get(change.what)))];
const asideOf = () => null;
const arrived = () => {};
const ending = () => null;
const caseFoot = () => [];
const paperParts = () => [];

// Both sides of what differs at a step -------------------------------------------------------------------------------

const stepBody = (data, at) => [
  h(
    "table",
    { class: "both-sides" },
    h(
      "thead",
      null,
      h(
        "tr",
        null,
        h("th", { scope: "col" }, words.what),
        ["here", "there"].map((side) =>
          h(
            "th",
            { scope: "col", class: side },
            `${SIDES[side]} ${words[side]}`,
            h("div", { class: "quiet" }, said(info.sides[side])),
          ),
        ),
      ),
    ),
    h("tbody", null, stepsOf(data)[at].changes.map((change) => changeRow(data, change))),
  ),
];

const changeRow = (data, change) =>
  h(
    "tr",
    { class: change.what === "means_test" ? "calculation" : null },
    h("th", { scope: "row" }, aspects.get(change.what), " ", sideMark(change)),
    ["here", "there"].map((side) =>
      h(
        "td",
        { class: change[side] === null ? "absent" : side, "data-side": `${SIDES[side]} ${words[side]}` },
        sideShown(data, change, side),
      ),
    ),
  );
const sideMark = (change) =>
  change.what === "finding" || change.what.startsWith("duty")
    ? h("div", null, badge(sideOf(change), `${SIDES[sideOf(change)]} ${sideWord(sideOf(change))}`))
    : null;
const sideShown = (data, change, side) => {
  const value = change[side];
  if (change.what === "period") return span(value);
  if (value === null) return words[`no_${change.what}`];
  if (change.what === "finding") return findingShown(value);
  if (change.what === "means_test") return calculation(value, change[side === "here" ? "there" : "here"]);
  if (change.what.startsWith("duty")) return dutyShown(value);
  return stateName(data.programme, value);
};
const findingShown = (finding) => [
  h("p", null, badge(finding.severity, words[finding.severity]), " ", h("b", null, finding.clause)),
  h("p", { class: "message" }, said(finding.message)),
  h("p", { class: "mend" }, words.mend, ": ", said(finding.mend)),
  finding.overridden ? h("p", null, words.overridden, ": ", said(finding.overridden)) : null,
  h("p", { class: "quiet" }, h("code", null, finding.rule)),
];
const dutyShown = (duty) => [
  h("p", null, said(duty.name), duty.of ? [" ", said(duty.of)] : null, " ", h("span", { class: "quiet" }, duty.clause)),
  h("p", null, duty.due ? [words.due, " ", day(duty.due)] : words.no_due),
  duty.in_time_until && duty.in_time_until !== duty.due
    ? h("p", { class: "quiet" }, fill("due_moved", { day: dayText(duty.in_time_until) }))
    : null,
];
// A calculation line by line; the lines that the other side has not are marked.
const calculation = (means, other) => {
  const lines = (all, others) => all.map((line) => h(others.includes(line) ? "div" : "mark", { class: "line" }, said(line)));
  return [
    h("div", { class: "arithmetic" }, lines(means.lines, other ? other.lines : [])),
    means.sources.length ? h("div", { class: "quiet" }, lines(means.sources, other ? other.sources : [])) : null,
  ];
};
