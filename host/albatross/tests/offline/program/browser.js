// Numbers of a colour as the browser computes it: red, green, blue, and how opaque it is.
const parts = colour => {
  const [red, green, blue, opaque = 1] = colour.match(/[\d.]+/g).map(Number);
  return {rgb: [red, green, blue], opaque};
};
// WCAG 2.2, "relative luminance" and "contrast ratio".
const luminance = rgb => {
  const [red, green, blue] = rgb.map(part => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const contrast = (one, other) => {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};
const background = (element, window) => {
  for (let at = element; at; at = at.parentElement) {
    const {rgb, opaque} = parts(window.getComputedStyle(at).backgroundColor);
    if (opaque > 0) return rgb;
  }
  return [255, 255, 255];
};
const hasText = element =>
  Array.from(element.childNodes).some(node => node.nodeType === 3 && node.textContent.trim() !== "");
// The levels of the headings in their order.
const levels = document =>
  Array.from(document.querySelectorAll("h1, h2, h3, h4, h5, h6")).map(it => Number(it.tagName.slice(1)));
const measure = (frame, width) => {
  const document = frame.contentDocument, window = frame.contentWindow;
  document.querySelectorAll("details").forEach(it => it.open = true);
  const rows = Array.from(document.querySelectorAll("tr[data-kind]"));
  const isShown = element => element.getClientRects().length > 0;
  const texts = Array.from(document.body.querySelectorAll("*")).filter(it => hasText(it) && isShown(it));
  const faint = texts.filter(element => {
    const colour = parts(window.getComputedStyle(element).color).rgb;
    return contrast(colour, background(element, window)) < 4.5;
  });
  return {
    width, scrollWidth: document.documentElement.scrollWidth, text: document.body.innerText,
    rows: rows.filter(isShown).map(row => row.innerText), allRows: rows.length,
    landmarks: document.querySelectorAll("[role=region]").length, levels: levels(document),
    emptyHeadings: Array.from(document.querySelectorAll("th")).filter(it => it.textContent.trim() === "").length,
    faint: faint.map(element => element.textContent), background: window.getComputedStyle(document.body).backgroundColor,
  };
};
const frames = widths.map(width => {
  const frame = document.createElement("iframe");
  Object.assign(frame, {src: "file://" + address, width, height: 900});
  document.body.append(frame);
  return frame;
});
addEventListener("load", () => {
  const pre = document.createElement("pre");
  pre.textContent = JSON.stringify(frames.map((frame, at) => measure(frame, widths[at])));
  document.body.replaceChildren(pre);
});
