// Builds and refreshes the page's elements; data only ever becomes text nodes and attributes.

export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else if (name === "value") node.value = value;
    else if (name === "checked" || name === "disabled" || name === "hidden") node[name] = true;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function icon(path, size = 16) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("width", size);
  svg.setAttribute("height", size);
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
  shape.setAttribute("d", path);
  shape.setAttribute("fill", "currentColor");
  svg.append(shape);
  return svg;
}

export const ICONS = {
  home: "M4 11.2 12 4l8 7.200V20h-5.500v-5.500h-5V20H4z",
  people: "M9 11.500a3.750 3.750 0 1 0 0-7.500 3.750 3.750 0 0 0 0 7.500zM2 20c0-4 3-6.500 7-6.500s7 2.500 7 6.500zm15.500-8a3 3 0 1 0-1.300-5.700 5.600 5.600 0 0 1-.4 5.200c.500.300 1.100.500 1.700.500zm.5 8h4c0-3.800-2-6-5.300-6-.4 0-.8 0-1.100.100A8.200 8.200 0 0 1 18 20z",
  back: "M14.500 5 7.500 12l7 7 1.600-1.600L10.700 12l5.400-5.400z",
  close: "m6.400 5 5.600 5.600L17.600 5 19 6.400 13.400 12l5.600 5.600-1.400 1.400-5.600-5.600L6.400 19 5 17.600l5.600-5.600L5 6.400z",
  more: "M12 7.500a1.700 1.700 0 1 0 0-3.400 1.700 1.700 0 0 0 0 3.400zm0 6.200a1.700 1.700 0 1 0 0-3.400 1.700 1.700 0 0 0 0 3.400zm0 6.200a1.700 1.700 0 1 0 0-3.400 1.700 1.700 0 0 0 0 3.400z",
  eye: "M12 5c5 0 8.500 4.300 9.800 7-1.300 2.700-4.800 7-9.800 7s-8.500-4.300-9.800-7C3.500 9.300 7 5 12 5zm0 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8zm0 2.200a1.800 1.800 0 1 1 0 3.600 1.800 1.800 0 0 1 0-3.600z",
};

/** Refreshes a list in place: a child whose data has not changed keeps its node, and with it focus and scroll. */
export function keyed(container, items, keyOf, build) {
  const old = new Map([...container.children].map((node) => [node.dataset.key, node]));
  const focused = container.contains(document.activeElement)
    ? document.activeElement.closest("[data-focus]")?.dataset.focus
    : null;
  let place = container.firstChild;
  for (const item of items) {
    const key = String(keyOf(item));
    const print = JSON.stringify(item);
    let node = old.get(key);
    old.delete(key);
    if (!node || node.print !== print) {
      const fresh = build(item);
      fresh.dataset.key = key;
      fresh.print = print;
      if (node) {
        if (place === node) place = fresh;
        node.replaceWith(fresh);
      }
      node = fresh;
    }
    if (place === node) place = node.nextSibling;
    else container.insertBefore(node, place);
  }
  for (const node of old.values()) node.remove();
  if (focused && !container.contains(document.activeElement)) {
    container.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }
}

/** Rebuilds a region only when its data changed, and gives focus back to the same control. */
export function region(container, data, build) {
  const print = JSON.stringify(data);
  if (container.print === print) return false;
  container.print = print;
  const focused = container.contains(document.activeElement)
    ? document.activeElement.closest("[data-focus]")?.dataset.focus
    : null;
  container.replaceChildren(...[build()].flat(Infinity).filter(Boolean));
  if (focused) {
    container.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }
  return true;
}

const HUES = 8;

export function avatar(person, size = "") {
  let sum = 0;
  for (const letter of person.id) sum = (sum * 31 + letter.charCodeAt(0)) % 997;
  const look = person.bot ? "avatar-bot" : `avatar-${sum % HUES}`;
  return h("span", { class: `avatar ${look} ${size}`, "aria-hidden": "true" }, person.initials ?? "?");
}

/** A button that opens a small menu; items are [label, act, className]. */
export function menuButton(label, items, props = {}) {
  const list = h("ul", { class: "menu", role: "menu", hidden: true });
  const button = h(
    "button",
    { type: "button", class: "more", "aria-label": label, "aria-haspopup": "menu", "aria-expanded": "false", ...props },
    icon(ICONS.more, 18),
  );
  const close = (refocus) => {
    list.hidden = true;
    button.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside, true);
    if (refocus) button.focus();
  };
  const outside = (event) => { if (!wrap.contains(event.target)) close(false); };
  for (const [text, act, look] of items) {
    list.append(h("li", { role: "none" }, h("button", {
      type: "button", role: "menuitem", tabindex: "-1", class: `menu-item ${look ?? ""}`,
      onclick: (event) => { event.stopPropagation(); close(true); act(); },
    }, text)));
  }
  button.addEventListener("click", (event) => {
    event.stopPropagation();
    if (!list.hidden) return close(true);
    list.hidden = false;
    button.setAttribute("aria-expanded", "true");
    document.addEventListener("pointerdown", outside, true);
    list.querySelector("button")?.focus();
  });
  const wrap = h("span", { class: "menu-wrap" }, button, list);
  wrap.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const choices = [...list.querySelectorAll("button")];
    const at = choices.indexOf(document.activeElement);
    if (event.key === "Escape") { event.stopPropagation(); event.preventDefault(); close(true); }
    if (event.key === "Tab") close(false);
    if (event.key === "ArrowDown") { event.preventDefault(); choices[(at + 1) % choices.length].focus(); }
    if (event.key === "ArrowUp") { event.preventDefault(); choices[(at - 1 + choices.length) % choices.length].focus(); }
  });
  return wrap;
}
