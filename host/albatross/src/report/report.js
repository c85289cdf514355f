"use strict";
// Filters the rows of what differs. The filter is in the address, after the #, so that a filtered page can be linked.
(() => {
  const form = document.getElementById("filter");
  if (!form) return;
  const names = ["kind", "namespace", "load-balancer", "text"];
  const control = name => form.elements.namedItem(name);
  const rows = Array.from(document.querySelectorAll("tr[data-kind]"));
  const texts = rows.map(row => (row.textContent + " " + row.getAttribute("data-hosts")).toLowerCase());

  const matches = (row, text) => {
    const value = name => control(name).value;
    const has = name => !value(name) || row.getAttribute("data-" + name).split(" ").includes(value(name));
    return (!value("kind") || row.getAttribute("data-kind") === value("kind")) && has("namespace") &&
      has("load-balancer") && text.includes(value("text").trim().toLowerCase());
  };
  const apply = () => {
    let shown = 0;
    rows.forEach((row, at) => {
      row.hidden = !matches(row, texts[at]);
      shown += row.hidden ? 0 : 1;
    });
    document.getElementById("shown").textContent = shown + " of " + rows.length + " differences are shown";
  };
  const write = () => {
    const filter = new URLSearchParams();
    for (const name of names) if (control(name).value) filter.set(name, control(name).value);
    history.replaceState(null, "", "#" + (filter.size ? filter : "differences"));
    apply();
  };
  const read = () => {
    const filter = new URLSearchParams(location.hash.slice(1));
    if (!names.some(name => filter.has(name))) return apply();
    for (const name of names) control(name).value = filter.get(name) || "";
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
