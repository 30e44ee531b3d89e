// One case of an audit: its head, the heads of its steps, and what stands beside and below them.

const worst = (step) =>
  SEVERITIES.find((kind) => (step.rules || []).some((rule) => rule.outcome === "not_held" && rule.severity === kind));

const caseHead = (data, level) => [
  h(
    "div",
    { class: "facts" },
    dl(
      [words.programme, programmes.get(data.programme).title],
      [words.state, stateName(data.programme, data.state)],
      [words.period, span(data.period)],
      [words.events, grouped(data.events)],
    ),
  ),
  h(level, null, words.findings),
  data.findings.length
    ? h(
        "ol",
        { class: "findings" },
        data.findings.map((finding) => findingItem(data, finding)),
      )
    : h("p", null, words.nothing_found),
];

const findingItem = (data, finding) =>
  h(
    "li",
    { class: finding.severity },
    h(
      "p",
      null,
      badge(finding.severity, words[finding.severity]),
      " ",
      h("b", null, finding.clause),
      " ",
      day(finding.on),
      " ",
      h("a", { href: link(data.case_id, finding.seq) }, fill("to_step", { n: finding.seq })),
    ),
    h("p", null, said(finding.message)),
    h("p", { class: "mend" }, words.mend, ": ", said(finding.mend)),
  );

const stepsOf = (data) => data.steps;
const openAtFirst = () => [];
const stepNumber = (step) => fill("record", { n: step.seq });
const stepKind = (step) => [step.status, worst(step) || ""];
const stepAside = (step) => elapsed(step);
const stepTags = (data, step) => {
  const kind = worst(step);
  const count = kind ? step.rules.filter((rule) => rule.outcome === "not_held" && rule.severity === kind).length : 0;
  return [
    kind ? badge(kind, `${words[kind]} ${count}`) : null,
    step.status === "stands" ? null : badge("status", words[`status_${step.status}`]),
    step.days_late ? badge("late", lateness(step)) : null,
    step.from && step.from !== step.after
      ? badge(
          "move",
          fill("moved", {
            from: stateName(data.programme, step.from),
            to: stateName(data.programme, step.after),
          }),
        )
      : null,
  ];
};
const stepTold = (data, step) => {
  const kind = worst(step);
  return [kind ? words[kind] : null, step.after ? stateName(data.programme, step.after) : null];
};

const elapsed = (step) => {
  if (step.days_since === null) return null;
  if (step.days_since === 0) return words.same_day;
  return fill(step.days_since > 0 ? "days_since" : "days_back", { n: grouped(Math.abs(step.days_since)) });
};
const lateness = (step) =>
  step.days_late === 0
    ? null
    : fill(step.days_late > 0 ? "days_late" : "days_early", { n: grouped(Math.abs(step.days_late)) });

// What was known at the present step.
const asideOf = (data) => {
  view.diagram = diagramOf(data.programme);
  view.timeline = timelineOf(data);
  return h(
    "aside",
    { id: "now", "aria-labelledby": "now-title" },
    h("h3", { id: "now-title" }, words.at_this_step),
    h(
      "div",
      { id: "now-body" },
      h("div", { id: "now-state" }),
      view.diagram,
      h("div", { id: "now-duties" }),
      h("h4", null, words.timeline),
      view.timeline,
    ),
  );
};
const arrived = (at) => {
  const { data } = view;
  lightWay(view.diagram, data, at);
  moveLine(view.timeline, data, at);
  const step = data.steps[at];
  byId("now-state").replaceChildren(
    dl(
      [words.day, day(step.occurred_on)],
      [words.state_met, moveText(data, at)],
      [words.period, span(step.period)],
      [words.duties_open, openDuties(data, step)],
    ),
  );
};

const moveText = (data, at) => {
  const step = data.steps[at];
  if (!step.from) return words.not_judged;
  const name = (state) => stateName(data.programme, state);
  const text =
    step.from === step.after
      ? fill("stayed", { state: name(step.after) })
      : fill("moved", { from: name(step.from), to: name(step.after) });
  const lapsed = lapse(data, at);
  return [
    lapsed ? [fill("by_itself", { from: name(lapsed), to: name(step.from) }), h("br")] : null,
    text,
    step.clause ? h("span", { class: "quiet" }, ` ${step.clause}`) : null,
  ];
};
// What the days have done between two steps: the state before, where it is not the one that the next event meets.
const lapse = (data, at) => {
  for (let before = at - 1; before >= 0; before--) {
    const state = data.steps[before].after;
    if (state) return state === data.steps[at].from || !data.steps[at].from ? null : state;
  }
  return null;
};

// The day asked about may lie after the last step, and the days may have moved the case on by themselves.
const ending = (data) => {
  const name = (state) => stateName(data.programme, state);
  const after = data.steps
    .map((step) => step.after)
    .filter(Boolean)
    .pop();
  const moved =
    after && after !== data.state ? ` (${fill("by_itself", { from: name(after), to: name(data.state) })})` : null;
  return h("p", { class: "as-of" }, fill("as_of_state", { day: dayText(info.as_of), state: name(data.state) }), moved);
};

const caseFoot = (data) => [h("h3", null, words.duties), dutiesTable(data)];
const paperParts = (data) => {
  const drawn = diagramOf(data.programme);
  const last = data.steps.length - 1;
  if (last >= 0) lightWay(drawn, data, last);
  return [
    h("div", { class: "pictures" }, drawn, last >= 0 ? timelineOf(data) : null),
    h("h3", null, words.duties),
    dutiesTable(data),
  ];
};

const openDuties = (data, step) =>
  step.duties.open.length
    ? h(
        "ul",
        null,
        step.duties.open.map((at) => {
          const duty = data.duties[at];
          return h(
            "li",
            null,
            said(duty.name),
            duty.subject ? [" ", said(duty.subject)] : null,
            " ",
            h("span", { class: "quiet" }, duty.clause),
            " ",
            remaining(duty, step.occurred_on),
          );
        }),
      )
    : words.none;
const remaining = (duty, on) => {
  if (!duty.due) return words.no_due;
  const left = daysBetween(on, duty.due);
  if (left > 0) return fill("days_to_due", { n: grouped(left) });
  if (left === 0) return words.due_today;
  return badge("late", fill("days_over", { n: grouped(-left) }));
};
