// Faults of the page as it is shown now, each as a sentence; an empty list where there is none.
(() => {
  const faults = [];
  const root = document.documentElement;
  const say = (what, element, more = "") =>
    faults.push(`${what}: <${element.tagName.toLowerCase()}> "${element.textContent.trim().slice(0, 40)}" ${more}`);

  const shown = element => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const scrolls = element =>
    element && (["auto", "scroll"].includes(getComputedStyle(element).overflowX) || scrolls(element.parentElement));

  // The colour behind an element: its own and its ancestors' backgrounds, the nearest one that is opaque.
  const channels = colour => colour.match(/[\d.]+/g).map(Number);
  const behind = element => {
    if (!element) return [255, 255, 255];
    const [red, green, blue, alpha = 1] = channels(getComputedStyle(element).backgroundColor);
    if (alpha === 1) return [red, green, blue];
    const under = behind(element.parentElement);
    return [red, green, blue].map((value, at) => value * alpha + under[at] * (1 - alpha));
  };
  const luminance = colour => {
    const [red, green, blue] = colour.map(value => value / 255)
      .map(value => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };

  if (root.scrollWidth > innerWidth) faults.push(`the page is ${root.scrollWidth} wide, the window ${innerWidth}`);

  const pieces = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    if (!node.data.trim() || !shown(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const rectangles = [...range.getClientRects()].filter(({ width, height }) => width > 1 && height > 1);
    if (!rectangles.length) continue;
    const style = getComputedStyle(element);
    const ink = channels(element instanceof SVGElement ? style.fill : style.color).slice(0, 3);
    const found = contrast(ink, behind(element));
    if (found < 4.5) say("too little contrast", element, found.toFixed(2));
    const size = parseFloat(style.fontSize) * (element.ownerSVGElement ? element.getScreenCTM().a : 1);
    if (size < 10) say("too small", element, `${size} px`);
    const box = element.closest("section, .verdict, nav");
    const edge = box && !scrolls(element) ? box.getBoundingClientRect().right : innerWidth;
    for (const { left, right, top, bottom } of rectangles) {
      if (!scrolls(element) && (left < 0 || right > edge + 1)) say("runs out of its box", element, `${right} > ${edge}`);
      pieces.push({ node, element, left, right, top: top + 3, bottom: bottom - 3 });
    }
  }
  pieces.sort((one, other) => one.top - other.top);
  pieces.forEach((one, at) => {
    for (let next = at + 1; next < pieces.length && pieces[next].top < one.bottom; next += 1) {
      const other = pieces[next];
      if (other.node !== one.node && !scrolls(one.element) && !scrolls(other.element)
          && one.left < other.right - 1 && other.left < one.right - 1)
        say("overlaps", one.element, `with "${other.element.textContent.trim().slice(0, 40)}"`);
    }
  });

  const headings = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")];
  headings.map(heading => Number(heading.tagName[1])).reduce((before, level, at) => {
    if (level > before + 1) say("skips a level", headings[at], `h${before} to h${level}`);
    return level;
  }, 0);
  if (document.querySelectorAll("h1").length !== 1) faults.push("not one h1");

  for (const drawing of document.querySelectorAll("svg")) {
    if (!drawing.closest("[aria-hidden=true]") && !(drawing.getAttribute("role") === "img" && drawing.getAttribute("aria-label")))
      say("a drawing without a name", drawing);
  }
  for (const cell of document.querySelectorAll("th:not([scope])")) say("a head without a scope", cell);
  for (const target of document.querySelectorAll("summary, nav a")) {
    if (shown(target) && target.getBoundingClientRect().height < 24) say("hard to hit", target);
  }
  if (!root.lang) faults.push("no language");
  if (document.querySelector("script, iframe, object, embed, img, link")) faults.push("something that loads or runs");
  return faults;
})()
