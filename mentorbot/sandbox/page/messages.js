// The messages of the open conversation, with their days, files and who may see them.

import { attachments, blocks, surfaceOf } from "./blocks.js";
import { dayHeading, dayOf, longDate, timeOf } from "./dates.js";
import { avatar, h, icon, ICONS, keyed } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";
import { fileUrl, world } from "./world.js";

const GROUP_SECONDS = 300;

function bytes(size) {
  if (!size) return "";
  return size < 1024 * 1024 ? `${Math.max(1, Math.round(size / 1024))} kB` : `${(size / 1024 / 1024).toFixed(1)} MB`;
}

function fileCard(file) {
  const kind = (file.filetype ?? file.name?.split(".").pop() ?? "").toUpperCase();
  const readable = /^(application\/pdf|image\/)/.test(file.mimetype ?? "");
  const name = file.title || file.name;
  return h("div", { class: "file", "data-testid": `file-${file.id}` },
    h("span", { class: `file-icon ${kind === "PDF" ? "file-pdf" : ""}`, "aria-hidden": "true" }, kind.slice(0, 4) || "FILE"),
    h("span", { class: "file-text" }, h("strong", {}, name), h("span", {}, [kind, bytes(file.size)].filter(Boolean).join(" · "))),
    h("span", { class: "file-links" },
      readable && h("a", { class: "button button-plain", href: fileUrl(file.id), target: "_blank", rel: "noopener", "aria-label": `Open ${name}` }, "Open"),
      h("a", { class: "button button-plain", href: fileUrl(file.id, true), download: file.name, "aria-label": `Download ${name}` }, "Download")));
}

function authorOf(message) {
  const id = message.user ?? (message.bot_id ? world.state.bot.id : null);
  return world.personById(id) ?? { id: id ?? "?", name: message.username ?? "Somebody", initials: "?" };
}

function contents(message, fire) {
  const surface = surfaceOf((action, source) => fire({ kind: "message", conversation: world.open, ts: message.ts }, action, source), new Map(), message.state?.values);
  const body = message.blocks?.length ? blocks(message.blocks, world, surface) : message.text ? [mrkdwn(message.text, world)] : [];
  return [body, attachments(message.attachments, world, surface), (message.files ?? []).map(fileCard)];
}

function messageNode({ message, compact }, fire) {
  const at = new Date(Number(message.ts) * 1000);
  const author = authorOf(message);
  const time = h("time", { class: "message-time", datetime: at.toISOString(), title: longDate(at, world.zone) }, timeOf(at, world.zone));
  const edited = message.edited && h("span", { class: "edited" }, "(edited)");
  return h("article", {
    class: `message ${compact ? "message-compact" : ""} ${message.ephemeral ? "message-ephemeral" : ""}`,
    "data-testid": `message-${message.ts}`, "aria-label": `${author.name}, ${timeOf(at, world.zone)}`,
  },
    compact ? h("span", { class: "message-side" }, time) : avatar(author),
    h("div", { class: "message-body" },
      message.ephemeral && h("p", { class: "only-you" }, icon(ICONS.eye, 14), "Only visible to you"),
      !compact && h("p", { class: "message-head" }, h("span", { class: "message-author" }, author.name), author.bot && h("span", { class: "app-tag" }, "App"), time, edited),
      message.thread_ts && message.thread_ts !== message.ts && h("p", { class: "in-thread" }, "Replied in a thread"),
      contents(message, fire), compact && edited));
}

const dayNode = ({ day }) => h("div", { class: "day", role: "separator" }, h("span", {}, day));

function introNode({ intro }) {
  return h("div", { class: "intro" }, h("h2", {}, intro.title), h("p", {}, intro.words));
}

/** Messages with the days between them; a message soon after one of the same author loses its head. */
function rows(messages, intro) {
  const list = [{ key: "intro", intro }];
  let last = null;
  for (const message of messages) {
    const at = new Date(Number(message.ts) * 1000);
    const day = dayOf(at, world.zone);
    if (!last || last.day !== day) list.push({ key: day, day: dayHeading(at, world.now, world.zone) });
    const compact = Boolean(last) && last.day === day && last.user === (message.user ?? message.bot_id) &&
      Number(message.ts) - last.ts < GROUP_SECONDS && !message.ephemeral && !last.ephemeral;
    list.push({ key: `${message.ts}${message.ephemeral ? "e" : ""}`, message, compact, zone: world.zone });
    last = { day, user: message.user ?? message.bot_id, ts: Number(message.ts), ephemeral: message.ephemeral };
  }
  return list;
}

export function showMessages(scroller, intro, fire) {
  const end = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;
  let list = scroller.querySelector(".messages");
  const fresh = list?.dataset.of !== `${world.acting}/${world.open}`;
  if (fresh) {
    list = h("div", { class: "messages", role: "log", "aria-label": "Messages", "data-testid": "messages", "data-of": `${world.acting}/${world.open}` });
    scroller.print = null;
    scroller.replaceChildren(list);
  }
  keyed(list, rows(world.messages, intro), (row) => row.key, (row) =>
    row.message ? messageNode(row, fire) : row.day ? dayNode(row) : introNode(row));
  if (fresh || end) scroller.scrollTop = scroller.scrollHeight;
}
