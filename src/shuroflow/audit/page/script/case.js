// One case: its head, its steps as they are opened and closed, and what stands beside them.

// at: place in the index; step: place of the present step; kept: steps that stay open; chunks: those that are built.
let view = null;

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

const showCase = (at) => {
  const data = load(at);
  view = { at, data, step: -1, kept: new Set(), auto: -1, chunks: new Set() };
  const where = matches.indexOf(at);
  const near = (offset, word) => {
    const other = where < 0 ? undefined : matches[where + offset];
    return other === undefined ? null : h("a", { href: link(index[other].id) }, words[word]);
  };
  const button = (word, action) => h("button", { type: "button", onclick: action }, words[word]);
  casePart.replaceChildren(
    h(
      "nav",
      { "aria-label": words.overview },
      h("a", { href: "#" }, words.back),
      near(-1, "before_case"),
      near(1, "next_case"),
    ),
    h("h2", { id: "case-title", tabindex: "-1" }, said(data.case_id)),
    ...caseHead(data, "h3"),
    h(
      "div",
      { class: "replay" },
      h(
        "div",
        { class: "toolbar", role: "toolbar", "aria-label": words.steps },
        button("first", () => goTo(0)),
        button("previous", () => goTo(view.step - 1)),
        h("span", { id: "where" }),
        button("next", () => goTo(view.step + 1)),
        button("last", () => goTo(data.steps.length - 1)),
        h("span", { class: "keys" }, words.keys),
      ),
      h(
        "div",
        { class: "steps-part" },
        h(
          "div",
          { class: "controls" },
          h("h3", null, words.steps),
          button("open_all", openAll),
          button("close_all", closeAll),
          button("print", () => window.print()),
        ),
        h("div", { id: "steps" }),
        asOf(data),
      ),
      h(
        "aside",
        { id: "now", "aria-labelledby": "now-title" },
        h("h3", { id: "now-title" }, words.at_this_step),
        h("div", { id: "now-body" }),
      ),
    ),
    h("h3", null, words.duties),
    dutiesTable(data),
  );
  view.diagram = diagramOf(data.programme);
  view.timeline = timelineOf(data);
  byId("now-body").append(
    h("div", { id: "now-state" }),
    view.diagram,
    h("div", { id: "now-duties" }),
    h("h4", null, words.timeline),
    view.timeline,
  );
  for (let chunk = 0; chunk * CHUNK < data.steps.length; chunk++)
    byId("steps").append(h("ol", { class: "steps", id: `chunk-${chunk}`, start: chunk * CHUNK + 1 }));
  for (let chunk = 0; chunk * CHUNK < data.steps.length; chunk++) hideChunk(chunk);
};

// Steps are built a hundred at a time, and only around the present one: a long case stays quick.
const chunkOf = (at) => Math.floor(at / CHUNK);
const hideChunk = (chunk) => {
  view.chunks.delete(chunk);
  const last = Math.min((chunk + 1) * CHUNK, view.data.steps.length);
  const text = fill("show_steps", { n: chunk * CHUNK + 1, of: last });
  byId(`chunk-${chunk}`).replaceChildren(
    h("li", { class: "hidden-steps" }, h("button", { type: "button", onclick: () => showChunk(chunk) }, text)),
  );
};
const showChunk = (chunk) => {
  if (view.chunks.has(chunk)) return;
  view.chunks.add(chunk);
  const items = [];
  for (let at = chunk * CHUNK; at < Math.min((chunk + 1) * CHUNK, view.data.steps.length); at++) {
    const item = stepItem(view.data, at, "h4");
    if (view.kept.has(at)) setOpen(item, view.data, at, true);
    items.push(item);
  }
  byId(`chunk-${chunk}`).replaceChildren(...items);
};
const keepNear = (at) => {
  showChunk(chunkOf(at));
  for (const chunk of [...view.chunks]) {
    const busy = [...view.kept].some((kept) => chunkOf(kept) === chunk);
    if (Math.abs(chunk - chunkOf(at)) > 1 && !busy) hideChunk(chunk);
  }
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

const stepItem = (data, at, level) => {
  const step = data.steps[at];
  const kind = worst(step);
  const body = `body-${view ? view.at : 0}-${at}`;
  const count = kind ? step.rules.filter((rule) => rule.outcome === "not_held" && rule.severity === kind).length : 0;
  return h(
    "li",
    { class: `step ${step.status} ${kind || ""}`, id: `step-${at}` },
    h(
      level,
      null,
      h(
        "button",
        { type: "button", class: "head", "aria-expanded": "false", "aria-controls": body, onclick: () => clicked(at) },
        h("span", { class: "seq" }, fill("record", { n: step.seq })),
        h("span", { class: "name" }, step.name),
        day(step.occurred_on),
        h(
          "span",
          { class: "tags" },
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
        ),
        h("span", { class: "elapsed" }, elapsed(step) || ""),
      ),
    ),
    h("div", { class: "body", id: body, hidden: true }),
  );
};

const setOpen = (item, data, at, open) => {
  const body = item.querySelector(".body");
  if (open && !body.firstChild) body.append(...stepBody(data, at));
  if (!open) body.replaceChildren();
  body.hidden = !open;
  item.querySelector(".head").setAttribute("aria-expanded", String(open));
};
const isOpen = (at) => view.kept.has(at) || view.auto === at;
const refresh = (at) => {
  const item = byId(`step-${at}`);
  if (item) setOpen(item, view.data, at, isOpen(at));
};

const clicked = (at) => {
  const close = isOpen(at);
  if (close) {
    view.kept.delete(at);
    if (view.auto === at) view.auto = -1;
  } else view.kept.add(at);
  refresh(at);
  if (!close && view.step !== at) goTo(at);
};
const keepOrClose = (at) => {
  if (view.kept.has(at)) clicked(at);
  else view.kept.add(at);
  refresh(at);
};
const openAll = () => {
  view.data.steps.forEach((_, at) => view.kept.add(at));
  for (const chunk of [...view.chunks]) {
    hideChunk(chunk);
    showChunk(chunk);
  }
  present(view.step);
};
const closeAll = () => {
  const open = [...view.kept, view.auto];
  view.kept.clear();
  view.auto = -1;
  open.forEach(refresh);
};

const goTo = (at) => {
  if (at < 0 || at >= view.data.steps.length) return;
  location.hash = link(view.data.case_id, view.data.steps[at].seq);
  route(); // at once: the event comes later, and a key pressed meanwhile must find the next step
};

const arrive = (at, scroll) => {
  const before = view.auto;
  view.step = view.auto = at;
  keepNear(at);
  if (before !== at && before >= 0) refresh(before);
  refresh(at);
  present(at);
  const head = byId(`step-${at}`).querySelector(".head");
  const focused = document.activeElement;
  if (!focused || focused === document.body || focused.classList.contains("head")) head.focus({ preventScroll: true });
  if (scroll) byId(`step-${at}`).scrollIntoView({ block: "nearest" });
  const step = view.data.steps[at];
  const kind = worst(step);
  announce(
    [
      fill("step_of", { n: at + 1, of: view.data.steps.length }),
      step.name,
      dayText(step.occurred_on),
      kind ? words[kind] : null,
      step.after ? stateName(view.data.programme, step.after) : null,
    ]
      .filter(Boolean)
      .join(" "),
  );
};

const present = (at) => {
  for (const item of byId("steps").querySelectorAll(".step[aria-current]")) item.removeAttribute("aria-current");
  const item = byId(`step-${at}`);
  if (item) item.setAttribute("aria-current", "step");
  byId("where").textContent = `${grouped(at + 1)} / ${grouped(view.data.steps.length)}`;
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
const asOf = (data) => {
  const name = (state) => stateName(data.programme, state);
  const after = data.steps
    .map((step) => step.after)
    .filter(Boolean)
    .pop();
  const moved =
    after && after !== data.state ? ` (${fill("by_itself", { from: name(after), to: name(data.state) })})` : null;
  return h("p", { class: "as-of" }, fill("as_of_state", { day: dayText(info.as_of), state: name(data.state) }), moved);
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
