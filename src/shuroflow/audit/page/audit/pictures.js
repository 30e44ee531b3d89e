// The state diagram with the way lit, and the duties on a time line.

// The state diagram ---------------------------------------------------------------------------------------------------

const diagramOf = (programme) => {
  const drawn = byId(`diagram-${programme}`).content.firstElementChild.cloneNode(true);
  const tip = `tip-${(diagramOf.count = (diagramOf.count || 0) + 1)}`; // one name for each copy: ids are unique
  drawn.querySelector("marker").id = tip;
  for (const path of drawn.querySelectorAll(".arrow path")) path.setAttribute("marker-end", `url(#${tip})`);
  return drawn;
};

const lightWay = (drawn, data, upTo) => {
  for (const shape of drawn.querySelectorAll(".passed, .present")) shape.classList.remove("passed", "present");
  for (const extra of drawn.querySelectorAll(".off-chart")) extra.remove();
  // First the way in words, without a look at the picture: a long case has many steps and few moves.
  const moves = new Map();
  const way = [];
  let now = "new";
  let last = null;
  const take = (from, to, event) => {
    last = `${from} ${to}`;
    if (!moves.has(last)) moves.set(last, new Set());
    moves.get(last).add(event);
  };
  for (let at = 0; at <= upTo; at++) {
    const step = data.steps[at];
    if (!step.from) continue;
    if (now !== step.from) take(now, step.from, "");
    take(step.from, step.after, step.event);
    if (way[way.length - 1] !== step.from) way.push(step.from);
    if (step.from !== step.after) way.push(step.after);
    now = step.after;
  }
  const state = (name) => drawn.querySelector(`.state[data-state="${name}"]`) || stray(drawn, data, name);
  for (const name of new Set(way)) state(name).classList.add("passed");
  for (const [move, events] of moves) {
    const [from, to] = move.split(" ");
    const arrow = drawn.querySelector(`.arrow[data-from="${from}"][data-to="${to}"]`);
    const loop = from === to;
    if (loop && !(arrow && arrow.dataset.events.split(" ").some((event) => events.has(event)))) continue;
    const shape = arrow || offChart(drawn, state(from), state(to));
    shape.classList.add("passed");
    if (move === last) shape.classList.add("present");
  }
  state(now).classList.add("present");
  const name = (code) => stateName(data.programme, code);
  drawn.setAttribute("aria-label", fill("diagram", { state: name(now), way: way.map(name).join(" → ") }));
};
// A state that the record claims and the diagram does not have: put beside the start, where nothing else stands.
const stray = (drawn, data, name) => {
  const [x, y] = [288, 22];
  const label = s("text", { x, y: y + 5, "text-anchor": "middle" }, stateName(data.programme, name));
  const shape = s(
    "g",
    { class: "state off-chart", "data-state": name, "data-x": x, "data-y": y },
    s("title", null, words.off_chart),
    s("rect", { x: x - 58, y: y - 16, width: 116, height: 32, rx: 16 }),
    label,
  );
  drawn.append(shape);
  return shape;
};
// A move that the record claims and the diagram does not have.
const offChart = (drawn, from, to) => {
  const line = s(
    "line",
    { class: "off-chart move", x1: from.dataset.x, y1: from.dataset.y, x2: to.dataset.x, y2: to.dataset.y },
    s("title", null, words.off_chart),
  );
  drawn.insertBefore(line, drawn.querySelector(".state"));
  return line;
};

// Duties and deadlines on a time line ---------------------------------------------------------------------------------

const dutyState = (duty) => {
  if (duty.status === "discharged") return [day(duty.on), " ", fill("record", { n: duty.by })];
  if (duty.status === "replaced") return [day(duty.on), " ", fill("replaced_by", { n: duty.by })];
  return [
    duty.overdue ? badge("late", words.overdue) : badge("status", words.still_open),
    duty.due && duty.due < info.as_of ? [" ", standing(duty, info.as_of, duty.overdue)] : null,
  ];
};
const dutiesTable = (data) =>
  data.duties.length
    ? h(
        "div",
        { class: "wide", tabindex: "0", role: "group", "aria-label": words.duties },
        h(
          "table",
          null,
          h(
            "thead",
            null,
            h(
              "tr",
              null,
              ["duty", "clause", "arose_on", "due", "done_on"].map((head) => h("th", { scope: "col" }, words[head])),
            ),
          ),
          h(
            "tbody",
            null,
            data.duties.map((duty) =>
              h(
                "tr",
                null,
                h("th", { scope: "row" }, said(duty.name), duty.subject ? [" ", said(duty.subject)] : null),
                h("td", null, duty.clause),
                h("td", null, day(duty.arose_on), " ", fill("record", { n: duty.seq })),
                h(
                  "td",
                  null,
                  duty.due
                    ? [
                        day(duty.due),
                        duty.in_time_until && duty.in_time_until !== duty.due
                          ? [h("br"), fill("due_moved", { day: dayText(duty.in_time_until) })]
                          : null,
                      ]
                    : words.no_due,
                ),
                h("td", null, dutyState(duty)),
              ),
            ),
          ),
        ),
      )
    : h("p", null, words.no_duties);

const MOST_BARS = 40;
const LEFT = 6;
const WIDTH = 440;
const timelineOf = (data) => {
  const duties = data.duties.slice(0, MOST_BARS);
  const days = [
    ...data.steps.map((step) => step.occurred_on),
    ...duties.flatMap((duty) => [duty.arose_on, duty.due || duty.arose_on]),
  ];
  if (data.period) days.push(...data.period);
  const first = days.reduce((a, b) => (a < b ? a : b));
  const last = days.reduce((a, b) => (a > b ? a : b));
  const total = Math.max(daysBetween(first, last), 1);
  const x = (iso) => LEFT + (Math.min(Math.max(daysBetween(first, iso), 0), total) / total) * (WIDTH - 2 * LEFT);
  const height = 56 + duties.length * 26;
  const ticks = (kind) =>
    data.steps
      .filter((step) => (worst(step) || "plain") === kind)
      .map((step) => `M${x(step.occurred_on).toFixed(1)} 28v14`)
      .join("");
  const bar = (duty, at) => {
    const y = 62 + at * 26;
    const end = duty.on || (info.as_of < last ? info.as_of : last);
    const from = x(duty.arose_on);
    return s(
      "g",
      { class: `bar ${duty.status}`, "data-arose": duty.seq },
      s("text", { x: Math.min(from, WIDTH - 150), y: y + 1 }, `${duty.name} ${duty.clause}`),
      s("rect", { x: from.toFixed(1), y: y + 5, width: Math.max(x(end) - from, 3).toFixed(1), height: 6, rx: 3 }),
      duty.due
        ? s(
            "path",
            { class: "due", d: `M${x(duty.due).toFixed(1)} ${y + 2}v12` },
            s("title", null, `${words.due} ${dayText(duty.due)}`),
          )
        : null,
    );
  };
  const drawn = s(
    "svg",
    {
      class: "timeline",
      viewBox: `0 0 ${WIDTH} ${height}`,
      role: "img",
      "aria-label": fill("timeline_of", {
        from: dayText(first),
        to: dayText(last),
        n: data.steps.length,
        of: data.duties.length,
      }),
    },
    s("text", { x: LEFT, y: 12 }, dayText(first)),
    s("text", { x: WIDTH - LEFT, y: 12, "text-anchor": "end" }, dayText(last)),
    data.period
      ? s("rect", {
          class: "period",
          x: x(data.period[0]),
          y: 19,
          width: Math.max(x(data.period[1]) - x(data.period[0]), 2),
          height: 6,
        })
      : null,
    s("path", { class: "axis", d: `M${LEFT} 35H${WIDTH - LEFT}` }),
    ["plain", "note", "observation", "violation"].map((kind) => s("path", { class: `tick ${kind}`, d: ticks(kind) })),
    duties.map(bar),
    s("path", { class: "present-line", d: "" }),
  );
  const more = data.duties.length - duties.length;
  const holder = h(
    "div",
    null,
    drawn,
    h("p", { class: "quiet" }, words.legend),
    more > 0 ? h("p", { class: "quiet" }, fill("more_duties", { n: grouped(more) })) : null,
  );
  holder.mark = (at) =>
    drawn.querySelector(".present-line").setAttribute("d", `M${x(data.steps[at].occurred_on).toFixed(1)} 16V${height}`);
  return holder;
};
const moveLine = (holder, data, at) => holder.mark(at);
