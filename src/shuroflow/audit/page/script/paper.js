// What goes on paper.

// Printing: one case after the other, every step open -----------------------------------------------------------------

const printCase = (at) => {
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
  return h(
    "article",
    { class: "printed" },
    h("div", { class: "running" }, h("div", null, h("b", null, said(data.case_id)), " ", sheetTitle(data))),
    h(
      "div",
      { class: "sheets" },
      h("h2", null, said(data.case_id)),
      caseHead(data, "h3"),
      ...paperParts(data),
      steps.length ? [h("h3", null, words.steps), h("ol", { class: "steps" }, steps)] : null,
      ending(data),
    ),
  );
};
// What stands on every sheet of a case beside its id.
const sheetTitle = (data) =>
  [programmes.get(data.programme).title, words.title, fill("as_of", { day: dayText(info.as_of) })].join(" / ");

window.addEventListener("beforeprint", () => {
  const cases = view ? [view.at] : [...chosen].sort((a, b) => a - b);
  byId("print").replaceChildren(...cases.map(printCase));
  document.body.classList.toggle("printing", cases.length > 0);
  if (!cases.length) showAllOnPaper();
});
window.addEventListener("afterprint", () => {
  byId("print").replaceChildren();
  document.body.classList.remove("printing");
  showAsBefore();
});
