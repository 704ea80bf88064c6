// Renders Slack's mrkdwn as DOM nodes.

import { dateTokens } from "./dates.js";
import { h } from "./dom.js";
import { emojiOf, withEmoji } from "./emoji.js";

const WORD = "\\p{L}\\p{N}";
const span = (mark) => `(?<![${WORD}${mark}])${mark}(?=\\S)([^\\n]+?)(?<=\\S)${mark}(?![${WORD}${mark}])`;
const TOKEN = new RegExp(
  [
    "`([^`\\n]+)`",
    "<([^<>\\n]+)>",
    ":([a-z0-9_+'-]+(?:::skin-tone-\\d)?):",
    "(https?:\\/\\/[^\\s<>|*~`]*[^\\s<>|*_~`.,;:!?)\\]'\"])",
    span("\\*"),
    span("_"),
    span("~"),
  ].join("|"),
  "u",
);

export const decode = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** A link, where its address is one that a browser may safely open; otherwise its text alone. */
export function link(url, label) {
  if (!/^(https?:|mailto:|tel:)/i.test(url)) return h("span", {}, label);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, label);
}

export function mention(id, world, label) {
  const person = world.personById(id);
  const own = id === world.person?.id ? "pill-self" : "";
  return h("span", { class: `pill ${own}`, title: id }, `@${person?.name ?? label ?? id}`);
}

export function channelPill(id, world, label) {
  const found = world.state?.conversations.find((conversation) => conversation.id === id);
  return h("span", { class: "pill" }, `#${found?.name?.replace(/^#/, "") ?? label ?? id}`);
}

export const ping = (range) =>
  h("span", { class: "pill pill-ping", title: "This would notify everybody" }, `@${range}`);

function special(inner, world) {
  const bar = inner.indexOf("|");
  const target = bar < 0 ? inner : inner.slice(0, bar);
  const label = bar < 0 ? null : decode(inner.slice(bar + 1));
  if (/^@[UW]/.test(target)) return mention(target.slice(1), world, label);
  if (/^#C/.test(target)) return channelPill(target.slice(1), world, label);
  if (/^!(channel|here|everyone)/.test(target)) return ping(target.slice(1).split("^")[0]);
  if (target.startsWith("!subteam^")) return h("span", { class: "pill pill-ping" }, label ?? "@group");
  if (target.startsWith("!date^")) {
    const [, seconds, format, url] = target.split("^");
    const words = Number.isFinite(Number(seconds))
      ? dateTokens(Number(seconds), format ?? "", world.now, world.zone)
      : label;
    return url ? link(url, words) : h("time", { title: label }, words);
  }
  const url = decode(target);
  return link(url, label ? withEmoji(label) : url.replace(/^mailto:/, ""));
}

export function inline(text, world) {
  const nodes = [];
  let rest = text;
  while (rest) {
    const found = TOKEN.exec(rest);
    if (!found) {
      nodes.push(decode(rest));
      break;
    }
    if (found.index) nodes.push(decode(rest.slice(0, found.index)));
    const [whole, code, angle, emoji, url, bold, italic, strike] = found;
    if (code !== undefined) nodes.push(h("code", {}, decode(code)));
    else if (angle !== undefined) nodes.push(special(angle, world));
    else if (emoji !== undefined) nodes.push(emojiOf(emoji) ?? whole);
    else if (url !== undefined) nodes.push(link(decode(url), decode(url)));
    else if (bold !== undefined) nodes.push(h("strong", {}, inline(bold, world)));
    else if (italic !== undefined) nodes.push(h("em", {}, inline(italic, world)));
    else nodes.push(h("s", {}, inline(strike, world)));
    rest = rest.slice(found.index + whole.length);
  }
  return nodes;
}

const QUOTE = /^(?:>|&gt;) ?/;
const BULLET = /^(\s*)(•|◦|▪︎|-|\d+\.)\s+/;

function line(text, world) {
  const bullet = BULLET.exec(text);
  if (!bullet) return h("span", { class: text ? "line" : "line line-empty" }, inline(text, world));
  const depth = bullet[1].length > 1 ? "hang-deep" : "";
  return h(
    "span",
    { class: `line hang ${depth}` },
    h("span", { class: "hang-mark" }, bullet[2] === "-" ? "•" : bullet[2]),
    h("span", {}, inline(text.slice(bullet[0].length), world)),
  );
}

function prose(text, world) {
  const nodes = [];
  let quoted = null;
  for (const row of text.replace(/^\n|\n$/g, "").split("\n")) {
    if (QUOTE.test(row)) {
      if (!quoted) nodes.push((quoted = h("blockquote")));
      quoted.append(line(row.replace(QUOTE, ""), world));
    } else {
      quoted = null;
      nodes.push(line(row, world));
    }
  }
  return nodes;
}

export function mrkdwn(text, world) {
  const nodes = [];
  text.split(/```([\s\S]+?)```/).forEach((part, at) => {
    if (at % 2) nodes.push(h("pre", { tabindex: "0" }, decode(part.replace(/^\n|\n$/g, ""))));
    else if (part) nodes.push(...prose(part, world));
  });
  return h("div", { class: "mrkdwn" }, nodes);
}

/** A Block Kit text object. */
export function textObject(text, world) {
  if (!text) return null;
  if (typeof text === "string") return mrkdwn(text, world);
  return text.type === "mrkdwn" ? mrkdwn(text.text, world) : h("span", { class: "plain" }, plain(text));
}

export const plain = (text) => (text ? withEmoji(typeof text === "string" ? text : text.text) : "");
