// One case: its steps as they are opened and closed, and which of them is the present one. What a step holds, and what
// stands above, beside and below the steps, is the page's own: caseHead, stepsOf, stepKind, stepTags, stepAside,
// stepBody, stepTold, asideOf, ending, caseFoot.

// at: place in the index; step: place of the present step; kept: steps that stay open; chunks: those that are built.
let view = null;

const showCase = (at) => {
  const data = load(at);
  const steps = stepsOf(data);
  view = { at, data, steps, step: -1, kept: new Set(openAtFirst(steps)), auto: -1, chunks: new Set() };
  const where = matches.indexOf(at);
  const near = (offset, word) => {
    const other = where < 0 ? undefined : matches[where + offset];
    return other === undefined ? null : h("a", { href: link(index[other].id) }, words[word]);
  };
  const button = (word, action) => h("button", { type: "button", onclick: action }, words[word]);
  const aside = asideOf(data);
  casePart.replaceChildren(
    h(
      "nav",
      { "aria-label": words.overview },
      h("a", { href: "#" }, words.back),
      near(-1, "before_case"),
      near(1, "next_case"),
    ),
    h("h2", { id: "case-title", tabindex: "-1" }, said(data.case_id)),
    h("p", { id: "no-step", class: "notice", hidden: true }),
    ...caseHead(data, "h3"),
    h(
      "div",
      { class: aside ? "replay" : "replay alone", hidden: !steps.length },
      h(
        "div",
        { class: "toolbar", role: "toolbar", "aria-label": words.steps },
        button("first", () => goTo(0)),
        button("previous", () => goTo(view.step - 1)),
        h("span", { id: "where" }),
        button("next", () => goTo(view.step + 1)),
        button("last", () => goTo(steps.length - 1)),
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
        ending(data),
      ),
      aside,
    ),
    ...caseFoot(data),
  );
  for (let chunk = 0; chunk * CHUNK < steps.length; chunk++)
    byId("steps").append(h("ol", { class: "steps", id: `chunk-${chunk}`, start: chunk * CHUNK + 1 }));
  for (let chunk = 0; chunk * CHUNK < steps.length; chunk++) hideChunk(chunk);
};

// Steps are built a hundred at a time, and only around the present one: a long case stays quick.
const chunkOf = (at) => Math.floor(at / CHUNK);
const hideChunk = (chunk) => {
  view.chunks.delete(chunk);
  const last = Math.min((chunk + 1) * CHUNK, view.steps.length);
  const text = fill("show_steps", { n: chunk * CHUNK + 1, of: last });
  byId(`chunk-${chunk}`).replaceChildren(
    h("li", { class: "hidden-steps" }, h("button", { type: "button", onclick: () => showChunk(chunk) }, text)),
  );
};
const showChunk = (chunk) => {
  if (view.chunks.has(chunk)) return;
  view.chunks.add(chunk);
  const items = [];
  for (let at = chunk * CHUNK; at < Math.min((chunk + 1) * CHUNK, view.steps.length); at++) {
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

const stepItem = (data, at, level) => {
  const step = stepsOf(data)[at];
  const body = `body-${view ? view.at : 0}-${at}`;
  return h(
    "li",
    { class: ["step", ...stepKind(step)].join(" "), id: `step-${at}` },
    h(
      level,
      null,
      h(
        "button",
        { type: "button", class: "head", "aria-expanded": "false", "aria-controls": body, onclick: () => clicked(at) },
        h("span", { class: "seq" }, stepNumber(step)),
        h("span", { class: "name" }, step.name),
        day(step.occurred_on),
        h("span", { class: "tags" }, stepTags(data, step)),
        h("span", { class: "elapsed" }, stepAside(data, at) || ""),
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
  view.steps.forEach((_, at) => view.kept.add(at));
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
  if (at < 0 || at >= view.steps.length) return;
  location.hash = link(view.data.case_id, view.steps[at].seq);
  route(); // at once: the event comes later, and a key pressed meanwhile must find the next step
};

// A step is read from its head: that comes to the top of the window, below the bar that stays there.
const toTop = (item) => {
  const bar = casePart.querySelector(".toolbar").offsetHeight;
  window.scrollTo(0, window.scrollY + item.getBoundingClientRect().top - bar - 8);
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
  if (scroll) toTop(byId(`step-${at}`));
  const step = view.steps[at];
  announce(
    [fill("step_of", { n: at + 1, of: view.steps.length }), step.name, dayText(step.occurred_on), ...stepTold(view.data, step)]
      .filter(Boolean)
      .join(" "),
  );
};

const present = (at) => {
  for (const item of byId("steps").querySelectorAll(".step[aria-current]")) item.removeAttribute("aria-current");
  const item = byId(`step-${at}`);
  if (item) item.setAttribute("aria-current", "step");
  byId("where").textContent = `${grouped(at + 1)} / ${grouped(view.steps.length)}`;
  arrived(at);
};
