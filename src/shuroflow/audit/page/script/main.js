// The address, the keys, and the start.

// Where we are: the part of the address after # -----------------------------------------------------------------------

const parse = () => {
  const raw = location.hash.slice(1);
  if (!raw) return null;
  const cut = raw.indexOf("/");
  const decode = (text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  };
  return { id: decode(cut < 0 ? raw : raw.slice(0, cut)), seq: cut < 0 ? null : decode(raw.slice(cut + 1)) || null };
};

let routed = null;
const route = () => {
  routed = location.hash;
  const asked = parse();
  const at = asked ? placeOf.get(asked.id) : undefined;
  overview.hidden = at !== undefined;
  casePart.hidden = at === undefined;
  if (at === undefined) {
    const from = view;
    view = null;
    casePart.replaceChildren();
    document.title = words.title;
    if (asked) announce(fill("unknown_case", { id: asked.id }));
    byId("unknown").hidden = !asked;
    byId("unknown").replaceChildren(...(asked ? [said(fill("unknown_case", { id: asked.id }))] : []));
    if (from) byId("overview-title").focus();
    return;
  }
  const fresh = !view || view.at !== at;
  if (fresh) {
    showCase(at);
    document.title = `${asked.id} – ${words.title}`;
    byId("case-title").focus({ preventScroll: true });
  }
  const place = view.steps.findIndex((step) => String(step.seq) === asked.seq);
  const missing = asked.seq !== null && place < 0 ? fill("no_step", { n: asked.seq }) : "";
  byId("no-step").hidden = !missing;
  byId("no-step").replaceChildren(said(missing));
  if (place < 0) window.scrollTo(0, 0);
  if (view.steps.length) arrive(Math.max(place, 0), place >= 0);
  if (missing) {
    announce(missing);
    location.replace(link(asked.id)); // the address is of what is shown
    routed = location.hash;
  }
};

document.addEventListener("keydown", (event) => {
  if (!view || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  const onHead = event.target.classList && event.target.classList.contains("head");
  const scrolls = event.target.closest && event.target.closest(".wide, pre");
  const last = view.steps.length - 1;
  const moves = {
    j: 1,
    k: -1,
    ...(scrolls ? {} : { ArrowRight: 1, ArrowLeft: -1 }),
    ...(onHead ? { ArrowDown: 1, ArrowUp: -1 } : {}),
  };
  if (event.key in moves) goTo(Math.min(Math.max(view.step + moves[event.key], 0), last));
  else if (event.key === "Home") goTo(0);
  else if (event.key === "End") goTo(last);
  else if (event.key === "o") keepOrClose(view.step);
  else if (event.key === "Escape") location.hash = "";
  else return;
  event.preventDefault();
});
byId("skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address is for cases
  byId("main").focus();
});

history.scrollRestoration = "manual"; // the address says what to show; where the window stood before does not matter
buildOverview();
overview.prepend(h("p", { id: "unknown", class: "notice", hidden: true }));
window.addEventListener("hashchange", () => {
  if (location.hash !== routed) route();
});
route();
document.body.classList.add("ready");
