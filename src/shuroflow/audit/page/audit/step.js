// One step in full: what was done, the rules with their values, the calculation, the duties.

const part = (title, ...children) => h("section", { class: "part" }, h("h5", null, title), children);

const stepBody = (data, at) => {
  const step = data.steps[at];
  const { again, until } = dutiesOf(data);
  return [
    dl(
      [words.day, day(step.occurred_on)],
      [
        words.recorded,
        [
          h("time", { datetime: step.recorded_at }, broken(moment(step.recorded_at))),
          " ",
          lateness(step),
        ],
      ],
      [words.recorded_by, said(step.recorded_by.shown)],
      elapsed(data, at) ? [words.days_between, elapsed(data, at)] : null,
      [words.state_met, moveText(data, at)],
      step.moved_to ? [words.moved_to, day(step.moved_to)] : null,
      step.amends
        ? [words.concerns, h("a", { href: link(data.case_id, step.amends) }, fill("amends", { n: step.amends }))]
        : null,
      step.note === undefined ? null : [words.note_of, said(step.note)],
    ),
    step.amended_by
      ? h(
          "ul",
          { class: "amended" },
          step.amended_by.map((each) => amendment(data, each)),
        )
      : null,
    step.content.length ? part(words.content, contentList(step.content)) : null,
    step.written
      ? part(words.written, dl([words.day, day(step.written.occurred_on)]), contentList(step.written.content))
      : null,
    step.at_last ? atLastPart(data, step) : null,
    step.rules ? rulesPart(data, step) : null,
    step.means_test
      ? part(
          words.means_test,
          h("pre", { class: "arithmetic", tabindex: "0" }, step.means_test.lines.join("\n")),
          step.means_test.sources.length
            ? [
                h("h6", null, words.sources),
                h(
                  "ul",
                  null,
                  step.means_test.sources.map((line) => h("li", null, said(line))),
                ),
              ]
            : null,
        )
      : null,
    dutyList(data, step.duties.arose.filter((duty) => !again.has(duty)), words.arose),
    dutyList(data, step.duties.discharged, words.discharged),
    dutyList(data, step.duties.replaced.filter((duty) => !until.has(duty)), words.replaced),
  ].filter(Boolean);
};

const moment = (iso) => `${dayText(iso.slice(0, 10))} ${iso.slice(11)}`;
const contentList = (content) =>
  h(
    "dl",
    { class: "content" },
    content.map(([name, value]) => h("div", null, h("dt", null, said(name)), h("dd", null, held(value)))),
  );
const held = (value) =>
  Array.isArray(value) && value.length !== 1
    ? h(
        "ul",
        null,
        value.map((each) => h("li", null, said(each))),
      )
    : said(value);
const dutyList = (data, places, title) =>
  places.length
    ? part(
        title,
        h(
          "ul",
          null,
          places.map((at) => {
            const duty = data.duties[at];
            return h("li", null, dutyNamed(duty), " ", duty.due ? [words.due, " ", day(duty.due)] : words.no_due);
          }),
        ),
      )
    : null;

// A correction or withdrawal of a record; one that does not do what it says, or not in full, names what keeps it from it.
const amendment = (data, each) => {
  const to = (seq) => h("a", { href: link(data.case_id, seq) }, fill("record", { n: seq }));
  return h(
    "li",
    { class: each.effect },
    h("span", { class: "what" }, to(each.seq), " ", each.name, " ", day(each.on), ": ", said(each.reason)),
    each.shown ? [" ", badge("status", each.shown), each.by === null ? null : [" ", to(each.by)]] : null,
  );
};

// What is found as of the day asked about, of something that this event began: a duty still open, or a note.
const atLastPart = (data, step) =>
  part(
    fill("at_last", { day: dayText(info.as_of), n: step.at_last.length }),
    h(
      "ul",
      { class: "rules" },
      step.at_last.map((finding) => {
        const duty = finding.duty === null ? null : data.duties[finding.duty];
        return failedRule(
          data,
          finding,
          programmes.get(data.programme).texts[finding.text],
          duty ? h("p", null, words.at_last_open, ": ", dutyNamed(duty), " ", standing(duty, info.as_of, duty.overdue)) : null,
          h("div", { class: "values" }, h("dl", null, finding.values.map(value))),
        );
      }),
    ),
  );

const rulesPart = (data, step) => {
  const text = programmes.get(data.programme).texts[step.text];
  if (!step.rules.length) return part(words.rules, h("p", null, words.no_rules));
  const of = (outcome) => step.rules.filter((rule) => rule.outcome === outcome);
  const failed = of("not_held");
  return part(
    fill("rules_of", { n: step.rules.length }),
    SEVERITIES.map((kind) => [kind, failed.filter((rule) => rule.severity === kind)])
      .filter(([, rules]) => rules.length)
      .map(([kind, rules]) => [
        h("h6", null, `${words[`failed_${kind}`]} (${rules.length})`),
        h(
          "ul",
          { class: "rules" },
          rules.map((rule) => failedRule(data, rule, text, null, values(step, rule))),
        ),
      ]),
    ["held", "not_applicable"].map((outcome) =>
      of(outcome).length ? rulesTable(outcome, of(outcome), step, text, failed.length === 0) : null,
    ),
  );
};

const failedRule = (data, rule, text, about, seen) => {
  const clause = text.clauses[rule.clause_id || rule.clause];
  const basis = rule.basis === "text" ? words.text_basis : fill("decision_basis", { id: rule.decision });
  return h(
    "li",
    { class: rule.severity },
    h(
      "p",
      null,
      badge(rule.severity, words[rule.severity]),
      " ",
      h("b", null, rule.clause),
      " ",
      clause ? clause.summary : null,
    ),
    about,
    h("p", { class: "message" }, said(rule.message)),
    h("p", { class: "mend" }, words.mend, ": ", said(rule.mend)),
    rule.first_at === undefined
      ? null
      : h("p", null, h("a", { href: link(data.case_id, rule.first_at) }, fill("told_before", { n: rule.first_at }))),
    rule.overridden ? h("p", null, words.overridden, ": ", said(rule.overridden)) : null,
    h("p", { class: "quiet" }, basis, rule.refuses ? ` · ${words.refuses}` : null, " · ", h("code", null, rule.rule)),
    seen,
  );
};

// Rules that held, or did not apply, are many: a row for each below the clause it rests on, closed while there is
// something graver to read. What would mend a rule is said only where it did not hold.
const rulesTable = (outcome, rules, step, text, open) => {
  const heads = outcome === "held" ? ["rule", "looked_at"] : ["rule", "why_not", "looked_at"];
  const clauses = new Map();
  for (const rule of rules) {
    const id = rule.clause_id || rule.clause;
    clauses.set(id, [...(clauses.get(id) || []), rule]);
  }
  return h(
    "details",
    { class: "more-rules", open },
    h("summary", null, `${words[outcome]} (${rules.length})`),
    h(
      "table",
      { class: `rules-table ${outcome}` },
      h("thead", null, h("tr", null, heads.map((head) => h("th", { scope: "col" }, words[head])))),
      [...clauses].map(([id, resting]) =>
        h(
          "tbody",
          null,
          h(
            "tr",
            { class: "clause" },
            h("th", { scope: "rowgroup", colspan: heads.length }, h("b", null, resting[0].clause), " ", text.clauses[id].summary),
          ),
          resting.map((rule) => ruleRow(outcome, rule, step, text.rules[rule.rule])),
        ),
      ),
    ),
  );
};
const ruleRow = (outcome, rule, step, known) =>
  h(
    "tr",
    null,
    h(
      "th",
      { scope: "row" },
      badge(outcome, outcome === "held" ? "✓" : "－"),
      " ",
      h("code", null, rule.rule.split(/(?=[._])/).map((part, at) => [at ? h("wbr") : null, part])),
      known.decision ? [h("br"), h("span", { class: "quiet" }, fill("decision_short", { id: known.decision }))] : null,
    ),
    rule.reason === undefined ? null : h("td", null, said(rule.reason)),
    h("td", null, values(step, rule)),
  );

const ORIGINS = { event: "of_event", case: "of_case", office: "of_office" };
const ISO = /^\d{4}-\d\d-\d\d$/;
const values = (step, rule) => {
  if (rule.looked_at === null) return h("p", { class: "quiet" }, words.no_look);
  return Object.entries(ORIGINS).map(([origin, word]) => {
    const looks = rule.looked_at.map((at) => step.looked_at[at]).filter((look) => look.at.split(".", 1)[0] === origin);
    return looks.length
      ? h("div", { class: "values" }, h("p", { class: "origin" }, words[word]), h("dl", null, looks.map(value)))
      : null;
  });
};
// What stands between names and values is text, so that it is there when they are copied.
const value = (look, at, { length }) => {
  const iso =
    typeof look.value === "string" && ISO.test(look.value) && look.shown !== look.value ? ` (${look.value})` : null;
  return h("div", null, h("dt", { title: look.at }, said(look.name), ": "), h("dd", null, said(look.shown), iso, at < length - 1 ? "; " : null));
};
