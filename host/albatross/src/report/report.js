"use strict";
// Filters the rows of what differs. The filter is in the address, after the #, so that a filtered page can be linked.
(() => {
  const form = document.getElementById("filter");
  if (!form) return;
  const names = ["kind", "namespace", "load-balancer", "text"];
  const control = name => form.elements.namedItem(name);
  const rows = Array.from(document.querySelectorAll("tr[data-kind]"));
  const lists = rows.map(row => ({
    "namespace": JSON.parse(row.getAttribute("data-namespace")),
    "load-balancer": JSON.parse(row.getAttribute("data-load-balancer")),
  }));
  const texts = rows.map(row => (row.textContent + " " + row.getAttribute("data-hosts")).toLowerCase());

  const matches = (row, at) => {
    const value = name => control(name).value;
    const has = name => !value(name) || lists[at][name].includes(value(name));
    return (!value("kind") || row.getAttribute("data-kind") === value("kind")) && has("namespace") &&
      has("load-balancer") && texts[at].includes(value("text").trim().toLowerCase());
  };
  const apply = () => {
    let shown = 0;
    rows.forEach((row, at) => {
      row.hidden = !matches(row, at);
      shown += row.hidden ? 0 : 1;
    });
    const told = document.getElementById("shown"), leftOut = Number(told.getAttribute("data-left-out"));
    told.textContent = shown + " of " + rows.length + " differences are shown" +
      (leftOut ? "; the size of a page is limited, and " + leftOut + " more are not shown" : "");
  };
  const write = () => {
    const filter = new URLSearchParams();
    for (const name of names) if (control(name).value) filter.set(name, control(name).value);
    history.replaceState(null, "", "#" + (filter.toString() || "differences"));
    apply();
  };
  // A link can name what this report does not have: then no row is shown, and the choice says what was looked for.
  const set = (control, value) => {
    control.value = value;
    if (control.value === value) return;
    control.append(new Option(value, value));
    control.value = value;
  };
  const read = () => {
    const filter = new URLSearchParams(location.hash.slice(1));
    if (!names.some(name => filter.has(name))) return apply();
    for (const name of names) set(control(name), filter.get(name) || "");
    document.getElementById("differences").scrollIntoView();
    apply();
  };

  form.addEventListener("input", write);
  form.addEventListener("submit", event => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(write));
  addEventListener("hashchange", read);
  form.hidden = false;
  read();
})();
