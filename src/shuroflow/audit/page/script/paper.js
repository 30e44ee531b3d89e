// What goes on paper.

// Printing: one case after the other, every step open -----------------------------------------------------------------

const printCase = (at) => {
  const data = load(at);
  const drawn = diagramOf(data.programme);
  const last = data.steps.length - 1;
  if (last >= 0) lightWay(drawn, data, last);
  const steps = data.steps.map((_, place) => {
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
    h("h2", null, said(data.case_id)),
    caseHead(data, "h3"),
    h("div", { class: "pictures" }, drawn, last >= 0 ? timelineOf(data) : null),
    h("h3", null, words.duties),
    dutiesTable(data),
    h("h3", null, words.steps),
    h("ol", { class: "steps" }, steps),
    asOf(data),
  );
};
window.addEventListener("beforeprint", () => {
  const cases = view ? [view.at] : [...chosen].sort((a, b) => a - b);
  byId("print").replaceChildren(...cases.map(printCase));
  document.body.classList.toggle("printing", cases.length > 0);
});
window.addEventListener("afterprint", () => {
  byId("print").replaceChildren();
  document.body.classList.remove("printing");
});
