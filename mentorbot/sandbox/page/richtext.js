// Renders Slack's rich_text blocks, and standard Markdown of the markdown block.

import { dateTokens } from "./dates.js";
import { h } from "./dom.js";
import { emojiOf } from "./emoji.js";
import { channelPill, link, mention, mrkdwn, ping } from "./mrkdwn.js";

function styled(node, style = {}) {
  let out = node;
  if (style.code) out = h("code", {}, out);
  if (style.bold) out = h("strong", {}, out);
  if (style.italic) out = h("em", {}, out);
  if (style.strike) out = h("s", {}, out);
  return out;
}

const PARTS = {
  text: (part) => part.text,
  link: (part) => link(part.url, part.text ?? part.url),
  user: (part, world) => mention(part.user_id, world),
  channel: (part, world) => channelPill(part.channel_id, world),
  usergroup: (part) => h("span", { class: "pill" }, `@${part.usergroup_id}`),
  emoji: (part) => emojiOf(part.name) ?? `:${part.name}:`,
  broadcast: (part) => ping(part.range),
  color: (part) => part.value,
  date: (part, world) =>
    h("time", { title: part.fallback }, dateTokens(part.timestamp, part.format, world.now, world.zone)),
};

const parts = (elements, world) =>
  elements.map((part) => styled(PARTS[part.type]?.(part, world) ?? part.text ?? "", part.style));

const SECTIONS = {
  rich_text_section: (section, world) => h("p", { class: "rich" }, parts(section.elements, world)),
  rich_text_quote: (section, world) => h("blockquote", {}, parts(section.elements, world)),
  rich_text_preformatted: (section, world) => h("pre", { tabindex: "0" }, parts(section.elements, world)),
  rich_text_list: (section, world) =>
    h(
      section.style === "ordered" ? "ol" : "ul",
      { class: `rich-list indent-${Math.min(section.indent ?? 0, 4)}`, start: section.offset ? section.offset + 1 : null },
      section.elements.map((item) => h("li", {}, parts(item.elements, world))),
    ),
};

export const richText = (block, world) =>
  h("div", { class: "mrkdwn" }, (block.elements ?? []).map((section) => SECTIONS[section.type]?.(section, world)));

const MARK = /`([^`]+)`|\[([^\]]+)\]\(([^)\s]+)\)|\*\*(.+?)\*\*|~~(.+?)~~|(?<![\p{L}\p{N}])[*_](?=\S)(.+?)(?<=\S)[*_](?![\p{L}\p{N}])|:([a-z0-9_+-]+):/u;

function marks(text) {
  const nodes = [];
  let rest = text;
  for (let found = MARK.exec(rest); found; found = MARK.exec(rest)) {
    nodes.push(rest.slice(0, found.index));
    const [whole, code, label, url, bold, strike, italic, emoji] = found;
    if (code) nodes.push(h("code", {}, code));
    else if (label) nodes.push(link(url, label));
    else if (bold) nodes.push(h("strong", {}, marks(bold)));
    else if (strike) nodes.push(h("s", {}, marks(strike)));
    else if (italic) nodes.push(h("em", {}, marks(italic)));
    else nodes.push(emojiOf(emoji) ?? whole);
    rest = rest.slice(found.index + whole.length);
  }
  nodes.push(rest);
  return nodes;
}

function markdownRow(row, last) {
  const heading = /^(#{1,6})\s+(.*)/.exec(row);
  if (heading) return h("p", { class: `md-heading md-heading-${heading[1].length}`, role: "heading", "aria-level": heading[1].length + 1 }, marks(heading[2]));
  if (/^(-{3,}|\*{3,})$/.test(row.trim())) return h("hr");
  const item = /^\s*([-*+]|\d+[.)])\s+(.*)/.exec(row);
  if (item) {
    const tag = /\d/.test(item[1]) ? "OL" : "UL";
    const list = last?.tagName === tag ? last : h(tag, { class: "rich-list" });
    list.append(h("li", {}, marks(item[2])));
    return list;
  }
  if (/^>\s?/.test(row)) {
    const quote = last?.tagName === "BLOCKQUOTE" ? last : h("blockquote");
    quote.append(h("span", { class: "line" }, marks(row.replace(/^>\s?/, ""))));
    return quote;
  }
  if (!row.trim()) return h("span", { class: "line line-empty" });
  return h("span", { class: "line" }, marks(row));
}

export function markdown(text) {
  const box = h("div", { class: "mrkdwn" });
  text.split(/```\w*\n?([\s\S]+?)```/).forEach((part, at) => {
    if (at % 2) box.append(h("pre", { tabindex: "0" }, part.replace(/\n$/, "")));
    else for (const row of part.split("\n")) {
      const node = markdownRow(row, box.lastElementChild);
      if (node !== box.lastElementChild) box.append(node);
    }
  });
  return box;
}

function cell(content, world) {
  if (content.type === "rich_text") return richText(content, world);
  return content.type === "mrkdwn" ? mrkdwn(content.text, world) : content.text ?? "";
}

export const table = (block, world) =>
  h("div", { class: "table-wrap" }, h("table", {}, (block.rows ?? []).map((row, at) =>
    h("tr", {}, row.map((content) => h(at ? "td" : "th", at ? {} : { scope: "col" }, cell(content, world)))))));
