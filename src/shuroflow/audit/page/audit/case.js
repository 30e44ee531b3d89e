// One case of an audit: its head, the heads of its steps, and what stands beside and below them.

// How grave it is what the rules of a step found, and what the day asked about brings of it.
const foundAt = (step) => (step.rules || []).filter((rule) => rule.outcome === "not_held").map((rule) => rule.severity);
const foundAtLast = (step) => (step.at_last || []).map((finding) => finding.severity);
const gravest = (kinds) => SEVERITIES.find((kind) => kinds.includes(kind));
const worst = (step) => gravest([...foundAt(step), ...foundAtLast(step)]);

const caseHead = (data, level) => [
  h(
    "div",
    { class: "facts" },
    dl(
      [words.programme, programmes.get(data.programme).title],
      [words.state, stateName(data.programme, data.state)],
      [words.period, span(data.period)],
      [words.events, grouped(data.events)],
      sourceOf(data.case_id),
    ),
  ),
  h(level, null, words.findings),
  data.findings.length
    ? h(
        "ol",
        { class: "findings" },
        byGravity(data.findings).map((finding) => findingItem(data, finding)),
      )
    : h("p", null, words.nothing_found),
];

// The gravest first, and by record where they are equally so: what heads a case is a summary.
const byGravity = (findings) => SEVERITIES.flatMap((kind) => findings.filter((finding) => finding.severity === kind));
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
      h("a", { class: "on-screen", href: link(data.case_id, finding.seq) }, fill("to_step", { n: finding.seq })),
      h("span", { class: "on-paper" }, fill("record", { n: finding.seq })),
    ),
    h("p", null, said(finding.message)),
    h("p", { class: "mend" }, words.mend, ": ", said(finding.mend)),
  );

const stepsOf = (data) => data.steps;
const openAtFirst = () => [];
const stepNumber = (step) => fill("record", { n: step.seq });
const stepKind = (step) => [step.status, worst(step) || ""];
const stepAside = (data, at) => elapsed(data, at);
const statusText = (step) => fill(`status_${step.status}`, { day: step.moved_to ? dayText(step.moved_to) : "" });
const stepTags = (data, step) => {
  const graded = (kinds, told) => {
    const kind = gravest(kinds);
    return kind ? badge(kind, told(words[kind], kinds.filter((each) => each === kind).length)) : null;
  };
  return [
    graded(foundAt(step), (kind, n) => `${kind} ${n}`),
    graded(foundAtLast(step), (kind, n) => fill("at_last_badge", { kind, n })),
    step.status === "stands" ? null : badge("status", statusText(step)),
    lateness(step),
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

// Days count from the event in force before; where the record before is another one, the number says from which.
const elapsed = (data, at) => {
  const step = data.steps[at];
  if (step.days_since === null) return null;
  const word = step.days_since > 0 ? "days_since" : step.days_since < 0 ? "days_back" : "same_day";
  const counted = data.steps[at - 1].seq === step.since ? word : `${word}_of`;
  return fill(counted, { n: grouped(Math.abs(step.days_since)), of: step.since });
};
// No 要綱 sets a time for recording, so that a late record breaks none: it is marked only above so many days.
const lateness = (step) => {
  if (!step.days_late) return null;
  const n = grouped(Math.abs(step.days_late));
  if (step.days_late > info.late_days) return badge("recorded long", fill("days_late_over", { n, of: info.late_days }));
  return badge("recorded", fill(step.days_late > 0 ? "days_late" : "days_early", { n }));
};

// What was known at the present step.
const asideOf = (data) => {
  view.diagram = diagramOf(data.programme);
  view.timeline = timelineOf(data, true);
  return h(
    "aside",
    { id: "now", "aria-labelledby": "now-title", tabindex: "0" }, // it scrolls where the window is low
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
    h("div", { class: "pictures" }, drawn, last >= 0 ? timelineOf(data, false) : null),
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
          const late = step.duties.overdue.includes(at);
          return h("li", null, dutyNamed(duty), " ", standing(duty, step.occurred_on, late));
        }),
      )
    : words.none;
const dutyNamed = (duty) => [
  said(duty.name),
  duty.of ? [" ", said(duty.of)] : null,
  " ",
  h("span", { class: "quiet" }, duty.clause),
];
// How an open duty stands on a day. The day that decides about being late is the one until which it is in time; without
// one a due day is a day on which something is expected, and nothing is late.
const standing = (duty, on, late) => {
  if (!duty.due) return words.no_due;
  if (late) return badge("late", fill("days_overdue", { n: grouped(daysBetween(duty.in_time_until, on)) }));
  const left = daysBetween(on, duty.due);
  if (left > 0) return fill("days_to_due", { n: grouped(left) });
  const moved = duty.in_time_until && duty.in_time_until !== duty.due;
  const until = moved ? fill("due_moved", { day: dayText(duty.in_time_until) }) : duty.in_time_until ? null : words.not_graded;
  const past = left === 0 ? words.due_today : fill("days_past", { n: grouped(-left) });
  return left === 0 && !moved ? past : `${past} (${until})`;
};
