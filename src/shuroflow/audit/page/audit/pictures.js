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
// A move that the record claims and the diagram does not have: through the room between the columns, or past a column
// on its outer side, so that it runs behind no state; it ends below the arrows that the diagram has.
const offChart = (drawn, from, to) => {
  const [x1, y1, x2, y2] = [from.dataset.x, from.dataset.y, to.dataset.x, to.dataset.y].map(Number);
  const line = s(
    "path",
    {
      class: "off-chart move",
      d: offWay(x1, y1, x2, y2, from.dataset.state === "new"),
      "marker-end": `url(#${drawn.querySelector("marker").id})`,
    },
    s("title", null, words.off_chart),
  );
  drawn.insertBefore(line, drawn.querySelector(".state"));
  return line;
};
const HALF = 58; // of a state, as the diagram draws it
const offWay = (x1, y1, x2, y2, isNew) => {
  const below = y2 + 11;
  if (x1 === x2) {
    const side = x1 < 200 ? -1 : 1;
    const edge = x1 + side * HALF;
    const out = x1 + side * (HALF + 24);
    return `M${isNew ? x1 + side * 9 : edge} ${y1}H${edge}C${out} ${y1} ${out} ${below} ${edge} ${below}`;
  }
  const right = x2 > x1 ? 1 : -1;
  const [start, end] = [x1 + right * HALF, x2 - right * HALF];
  const over = `C${start + right * 40} ${isNew ? y1 + 26 : y1} ${end - right * 40} ${below} ${end} ${below}`;
  return isNew ? `M${x1} ${y1 + 9}Q${x1} ${y1 + 26} ${start} ${y1 + 26}${over}` : `M${start} ${y1}${over}`;
};

// Duties and deadlines on a time line ---------------------------------------------------------------------------------

// A duty that an event puts anew with nothing changed that is shown, neither what it is nor a day, is shown as one, from
// the event that first brought it. ``again`` and ``until`` are the places of the later and the earlier ones.
const SHOWN_OF_DUTY = ["name", "subject", "clause", "arose_on", "due", "in_time_until"];
const merged = new WeakMap();
const dutiesOf = (data) => {
  if (!merged.has(data)) {
    const again = new Map();
    const until = new Set();
    data.duties.forEach((duty, at) => {
      if (duty.status !== "replaced") return;
      const same = (other) => other.seq === duty.by && SHOWN_OF_DUTY.every((name) => other[name] === duty[name]);
      const next = data.duties.findIndex((other, place) => place > at && same(other));
      if (next < 0) return;
      until.add(at);
      again.set(next, again.has(at) ? again.get(at) : duty.seq);
    });
    const shown = data.duties
      .map((duty, at) => (again.has(at) ? { ...duty, seq: again.get(at) } : duty))
      .filter((_, at) => !until.has(at));
    merged.set(data, { shown, again, until });
  }
  return merged.get(data);
};

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
            dutiesOf(data).shown.map((duty) =>
              h(
                "tr",
                null,
                h("th", { scope: "row" }, said(duty.name), duty.of ? [" ", said(duty.of)] : null),
                h("td", { class: "whole" }, duty.clause),
                h("td", { class: "whole" }, day(duty.arose_on), " ", fill("record", { n: duty.seq })),
                h(
                  "td",
                  { class: "whole" },
                  duty.due
                    ? [
                        day(duty.due),
                        duty.in_time_until && duty.in_time_until !== duty.due
                          ? [h("br"), fill("due_moved", { day: dayText(duty.in_time_until) })]
                          : null,
                      ]
                    : words.no_due,
                ),
                h("td", { class: "whole" }, dutyState(duty)),
              ),
            ),
          ),
        ),
      )
    : h("p", null, words.no_duties);

const MOST_BARS = 40;
const MOST_LETTERS = 40;
const LEFT = 6;
const narrow = window.matchMedia("(max-width: 36rem)");
const pen = document.createElement("canvas").getContext("2d");
pen.font = `11px ${getComputedStyle(document.body).fontFamily}`; // the size is that of the style
const widthOf = (text) => pen.measureText(text).width + 1;
// What somebody wrote, for a label: a mark that steers has no element of its own there; the table below has it whole.
const short = (text) => {
  const letters = [...text.split(STEERING).map((part, at) => (at % 2 ? "\ufffd" : part)).join("")];
  return letters.length > MOST_LETTERS ? `${letters.slice(0, MOST_LETTERS).join("")}…` : letters.join("");
};
// What is drawn, each beside what it means: the very shapes, so that they look alike in every light and on paper.
const LEGEND = [
  ["legend_period", ["rect", { class: "period", x: 1, y: 5, width: 14, height: 6 }]],
  ["legend_event", ["path", { class: "tick plain", d: "M8 1v14" }]],
  ...SEVERITIES.map((kind) => [`legend_${kind}`, ["path", { class: `tick ${kind}`, d: "M8 1v14" }]]),
  ...["discharged", "replaced", "open"].map((status) => [
    `legend_${status}`,
    ["g", { class: `bar ${status}` }, ["rect", { x: 1, y: 5, width: 14, height: 6, rx: 3 }]],
  ]),
  ["legend_due", ["g", { class: "bar" }, ["path", { class: "due", d: "M8 3v10" }]]],
  ["legend_now", ["path", { class: "present-line", d: "M8 0v16" }]],
];
const shape = ([tag, attributes, ...within]) => s(tag, attributes, within.map(shape));
const legendOf = (onScreen) =>
  h(
    "ul",
    { class: "legend" },
    LEGEND.filter(([word]) => onScreen || word !== "legend_now").map(([word, drawn]) =>
      h("li", null, s("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, shape(drawn)), words[word]),
    ),
  );

const timelineOf = (data, onScreen) => {
  const width = narrow.matches ? 330 : 400;
  const room = width - 2 * LEFT;
  const all = dutiesOf(data).shown;
  const duties = all.slice(0, MOST_BARS);
  const days = [
    ...data.steps.map((step) => step.occurred_on),
    ...duties.flatMap((duty) => [duty.arose_on, duty.due || duty.arose_on]),
  ];
  if (data.period) days.push(...data.period);
  const first = days.reduce((a, b) => (a < b ? a : b));
  const last = days.reduce((a, b) => (a > b ? a : b));
  const total = Math.max(daysBetween(first, last), 1);
  const x = (iso) => LEFT + (Math.min(Math.max(daysBetween(first, iso), 0), total) / total) * room;
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
    // The label begins with the bar and ends within the picture, without the clause or closer set if need be.
    const name = [duty.name, short(duty.of)].filter(Boolean).join(" ");
    const label = widthOf(`${name} ${duty.clause}`) <= room ? `${name} ${duty.clause}` : name;
    const spare = room - widthOf(label);
    const within =
      spare < 0
        ? { x: LEFT, textLength: room, lengthAdjust: "spacingAndGlyphs" }
        : { x: Math.min(from, LEFT + spare).toFixed(1) };
    return s(
      "g",
      { class: `bar ${duty.status}`, "data-arose": duty.seq },
      s("text", { ...within, y }, label),
      s("rect", { x: from.toFixed(1), y: y + 5, width: Math.max(x(end) - from, 3).toFixed(1), height: 6, rx: 3 }),
      duty.due
        ? s(
            "path",
            { class: "due", d: `M${x(duty.due).toFixed(1)} ${y + 4}v8` },
            s("title", null, `${words.due} ${dayText(duty.due)}`),
          )
        : null,
    );
  };
  const both = [first, last].map(dayText);
  const ends = widthOf(both.join("")) <= room ? both : both.map((text) => text.split(" ")[0]);
  const drawn = s(
    "svg",
    {
      class: "timeline",
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
      "aria-label": fill("timeline_of", {
        from: dayText(first),
        to: dayText(last),
        n: data.steps.length,
        of: all.length,
      }),
    },
    s("text", { x: LEFT, y: 12 }, ends[0]),
    s("text", { x: width - LEFT, y: 12, "text-anchor": "end" }, ends[1]),
    data.period
      ? s("rect", {
          class: "period",
          x: x(data.period[0]),
          y: 19,
          width: Math.max(x(data.period[1]) - x(data.period[0]), 2),
          height: 6,
        })
      : null,
    s("path", { class: "axis", d: `M${LEFT} 35H${width - LEFT}` }),
    ["plain", "note", "observation", "violation"].map((kind) => s("path", { class: `tick ${kind}`, d: ticks(kind) })),
    duties.map(bar),
    s("path", { class: "present-line", d: "" }),
  );
  const more = all.length - duties.length;
  const holder = h(
    "div",
    null,
    drawn,
    legendOf(onScreen),
    more > 0 ? h("p", { class: "quiet" }, fill("more_duties", { n: grouped(more) })) : null,
  );
  // The day of the present step: through the axis and every bar, and through no label.
  const marks = ["16V46", ...duties.map((_, at) => `${66 + at * 26}v8`)];
  holder.mark = (at) => {
    const place = x(data.steps[at].occurred_on).toFixed(1);
    drawn.querySelector(".present-line").setAttribute("d", marks.map((mark) => `M${place} ${mark}`).join(""));
  };
  return holder;
};
const moveLine = (holder, data, at) => holder.mark(at);
