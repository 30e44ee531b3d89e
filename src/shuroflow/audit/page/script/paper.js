// What goes on paper.

// Printing: one case after the other, every step open -----------------------------------------------------------------

// A part of what is printed, from a new sheet on, with a title on each of its sheets.
const sheets = (title, ...content) =>
  h(
    "article",
    { class: "printed" },
    h("div", { class: "running" }, h("div", null, title)),
    h("div", { class: "sheets" }, content),
  );

const printCase = (at, ...foot) => {
  const data = load(at);
  const steps = stepsOf(data).map((_, place) => {
    const item = stepItem(data, place, "h4");
    item.removeAttribute("id");
    const head = item.querySelector(".head");
    const plain = h("p", { class: "head" });
    plain.append(...head.childNodes);
    head.replaceWith(plain);
    const body = item.querySelector(".body");
    body.removeAttribute("id");
    body.append(...stepBody(data, place));
    body.hidden = false;
    for (const details of body.querySelectorAll("details")) {
      details.replaceWith(h("h6", null, details.querySelector("summary").textContent), details.querySelector("table"));
    }
    return item;
  });
  return sheets(
    [h("b", null, said(data.case_id)), " ", sheetTitle(data)],
    h("h2", null, said(data.case_id)),
    caseHead(data, "h3"),
    ...paperParts(data),
    steps.length ? [h("h3", null, words.steps), h("ol", { class: "steps" }, steps)] : null,
    ending(data),
    foot,
  );
};
// The foot of the page: it ends the sheets of a case printed alone, and has one of its own after several.
const printFoot = () => {
  const foot = byId("foot").cloneNode(true);
  for (const each of [foot, ...foot.querySelectorAll("[id]")]) each.removeAttribute("id");
  return h("div", { class: "foot" }, ...foot.childNodes);
};
const MOST_NAMED = 8;
const printAll = (cases) => {
  if (cases.length === 1) return [printCase(cases[0], printFoot())];
  const ids = cases.map((at) => index[at].id);
  const named = ids.length > MOST_NAMED ? [ids[0], "…", ids[ids.length - 1]] : ids;
  const number = fill("found", { n: grouped(ids.length), of: grouped(index.length) });
  const title = [named.map((id) => [h("b", null, said(id)), " "]), number];
  return [...cases.map((at) => printCase(at)), sheets(title, printFoot())];
};
// What stands on every sheet of a case beside its id.
const sheetTitle = (data) =>
  [programmes.get(data.programme).title, words.title, fill("as_of", { day: dayText(info.as_of) })].join(" / ");

// Paper has no links, and a browser that prints looks through the whole page for where each of them leads.
let unlinked = [];
const unlink = () => {
  unlinked = [...document.querySelectorAll("#overview a[href], #print a[href]")].map((each) => [each, each.getAttribute("href")]);
  for (const [each] of unlinked) each.removeAttribute("href");
};

window.addEventListener("beforeprint", () => {
  const cases = view ? [view.at] : [...chosen].sort((a, b) => a - b);
  byId("print").replaceChildren(...(cases.length ? printAll(cases) : []));
  document.body.classList.toggle("printing", cases.length > 0);
  if (!cases.length) showAllOnPaper();
  unlink();
});
window.addEventListener("afterprint", () => {
  byId("print").replaceChildren();
  document.body.classList.remove("printing");
  showAsBefore();
  for (const [each, address] of unlinked) each.setAttribute("href", address);
  unlinked = [];
});
