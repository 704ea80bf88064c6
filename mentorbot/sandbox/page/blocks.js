// Renders Block Kit blocks of messages, App Home and modals.

import { h } from "./dom.js";
import { element, freshId } from "./elements.js";
import { mrkdwn, plain, textObject } from "./mrkdwn.js";
import { markdown, richText, table } from "./richtext.js";

const local = (url) => typeof url === "string" && (/^data:image\/(png|jpeg|gif|webp);/.test(url) || url.startsWith(location.origin));

function picture(block, look) {
  const url = block.image_url;
  if (local(url)) return h("img", { class: look, src: url, alt: block.alt_text ?? "" });
  return h("span", { class: `${look} picture-away`, role: "img", "aria-label": block.alt_text || "Picture" },
    h("span", { "aria-hidden": "true" }, look === "picture-icon" ? "▣" : `Picture: ${block.alt_text ?? ""}`));
}

const WIDE = new Set(["checkboxes", "radio_buttons", "multi_static_select", "multi_users_select", "multi_conversations_select", "multi_channels_select"]);

function accessory(block, around) {
  const one = block.accessory;
  if (!one) return null;
  if (one.type === "image") return picture(one, "picture-side");
  const label = plain(one.placeholder) || (block.text?.text ?? "").replace(/[*_~`]/g, "").slice(0, 80);
  const built = element(one, { ...around, blockId: block.block_id, label });
  return h("div", { class: "accessory" }, built.node);
}

function section(block, around) {
  const fields = block.fields?.map((field) => h("div", { class: "field" }, textObject(field, around.world)));
  return h("div", { class: `section ${WIDE.has(block.accessory?.type) ? "section-wide" : ""}` },
    h("div", { class: "section-body" }, textObject(block.text, around.world), fields && h("div", { class: "fields" }, fields)),
    accessory(block, around));
}

function context(block, around) {
  return h("div", { class: "context" }, block.elements.map((one) =>
    one.type === "image" ? picture(one, "picture-icon") : textObject(one, around.world)));
}

function actions(block, around) {
  return h("div", { class: "actions" }, (block.elements ?? []).map((one) =>
    element(one, { ...around, blockId: block.block_id, label: plain(one.placeholder) || "Choose" }).node));
}

function image(block) {
  return h("figure", { class: "figure" }, block.title && h("figcaption", {}, plain(block.title)), picture(block, "picture"));
}

function input(block, around) {
  const built = element(block.element, {
    ...around, blockId: block.block_id, isInput: true, dispatches: Boolean(block.dispatch_action),
  });
  const id = freshId("field");
  const control = built.control;
  const grouped = control.getAttribute("role");
  const label = h(grouped ? "span" : "label", { class: "label", id: `${id}-label` }, plain(block.label),
    block.optional && h("span", { class: "optional" }, " (optional)"));
  if (grouped) control.setAttribute("aria-labelledby", `${id}-label`);
  else {
    control.id = id;
    label.setAttribute("for", id);
    if (!block.optional) control.setAttribute("aria-required", "true");
  }
  const error = h("p", { class: "field-error", id: `${id}-error`, "data-testid": `field-error-${block.block_id}` });
  const row = built.count ? h("div", { class: "label-row" }, label, built.count) : label;
  const hint = block.hint && h("p", { class: "hint", id: `${id}-hint` }, plain(block.hint));
  control.setAttribute("aria-describedby", `${hint ? `${id}-hint ` : ""}${id}-error`);
  control.dataset.testid = `input-${block.block_id}`;
  const node = h("div", { class: "input", "data-testid": `field-${block.block_id}` }, row, built.node, hint, error);
  const say = (words) => {
    error.textContent = words ?? "";
    node.classList.toggle("input-wrong", Boolean(words));
    if (words) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  };
  if (block.dispatch_action && built.read) around.surface.sent.set(block.block_id, JSON.stringify(built.read()));
  around.surface.fields.set(block.block_id, { node, read: built.read ?? (() => null), say, focus: () => (built.focus ?? control).focus() });
  return node;
}

function video(block) {
  return h("div", { class: "file" }, h("span", { class: "file-icon", "aria-hidden": "true" }, "▶"),
    h("span", { class: "file-text" }, h("strong", {}, plain(block.title)), h("span", {}, plain(block.description) || block.alt_text)));
}

const BLOCKS = {
  section,
  context,
  actions,
  image,
  input,
  video,
  header: (block) => h("h3", { class: "header" }, plain(block.text)),
  divider: () => h("hr"),
  rich_text: (block, around) => richText(block, around.world),
  markdown: (block) => markdown(block.text ?? ""),
  table: (block, around) => table(block, around.world),
};

/** A surface: where blocks stand, what its fields hold, and how an action leaves it. */
export const surfaceOf = (fire, drafts = new Map(), values = null) => ({ fire, drafts, values, fields: new Map(), sent: new Map() });

export function blocks(list, world, surface) {
  return (list ?? []).map((block) => {
    const build = BLOCKS[block.type];
    const node = build ? build(block, { world, surface }) : h("p", { class: "absent" }, `A “${block.type}” block`);
    node.classList.add("block");
    return node;
  });
}

/** Older attachments: a coloured bar beside a text or blocks. */
export function attachments(list, world, surface) {
  return (list ?? []).map((one) => h("div", { class: "attachment" },
    one.blocks ? blocks(one.blocks, world, surface) : mrkdwn(one.text ?? one.fallback ?? "", world)));
}
