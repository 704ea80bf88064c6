// The acting person's sidebar: the app's home, channels and direct messages.

import { avatar, h, icon, ICONS, region } from "./dom.js";
import { world } from "./world.js";

const HOME = "home";

/** The others in a conversation, as people. */
export const others = (conversation) =>
  (conversation.members ?? []).filter((id) => id !== world.acting).map((id) => world.personById(id)).filter(Boolean);

const short = (person) => person.name.replace(/^(Dr|Prof)\.? /, "");

export function titleOf(conversation) {
  if (conversation.kind === "channel") return `#${conversation.name.replace(/^#/, "")}`;
  const people = others(conversation);
  if (!people.length) return conversation.name;
  if (conversation.kind === "im") return people[0].name;
  const humans = people.filter((person) => !person.bot);
  return (humans.length ? humans : people).map(short).join(", ");
}

function mark(conversation) {
  if (conversation.kind === "channel") return h("span", { class: "hash", "aria-hidden": "true" }, "#");
  const people = others(conversation);
  if (conversation.kind === "im" && people[0]) return avatar(people[0], "avatar-small");
  return h("span", { class: "avatar avatar-small avatar-group", "aria-hidden": "true" }, people.length);
}

// As in Slack, what is new in a channel makes its name bold; only direct messages are counted.
function entry({ key, name, sign, unread = 0, counted = false, faint = false, tag = null }, on) {
  const current = world.open === key;
  return h("li", {}, h("button", {
    type: "button", class: `entry ${unread ? "entry-unread" : ""} ${faint ? "entry-faint" : ""}`,
    "aria-current": current ? "page" : null, "data-testid": `conversation-${key}`, "data-focus": `entry-${key}`,
    onclick: () => on.open(key),
  }, sign, h("span", { class: "entry-name" }, name), tag, counted && unread ? h("span", { class: "badge", "aria-label": `${unread} unread` }, unread) : null));
}

const group = (title, entries) =>
  entries.length ? h("section", {}, h("h2", { class: "group" }, title), h("ul", { class: "entries" }, entries)) : null;

export function showConversations(on) {
  const { state, open, person } = world;
  const all = state.conversations;
  const line = (conversation) => entry({
    key: conversation.id, name: titleOf(conversation).replace(/^#/, ""), sign: mark(conversation), unread: conversation.unread,
    counted: conversation.kind !== "channel",
    faint: !conversation.is_member, tag: conversation.kind === "im" && others(conversation)[0]?.bot ? h("span", { class: "app-tag" }, "App") : null,
  }, on);
  const names = state.people.map((one) => one.name);
  region(document.getElementById("conversations"), [all, open, world.acting, person.joined, person.deactivated, names], () => {
    if (!person.joined || person.deactivated) return [];
    return [
      group("App", [entry({ key: HOME, name: `${state.bot.name} home`, sign: icon(ICONS.home, 18) }, on)]),
      group("Channels", all.filter((one) => one.kind === "channel").map(line)),
      group("Direct messages", all.filter((one) => one.kind !== "channel").sort((a, b) => Number(b.last_ts || 0) - Number(a.last_ts || 0)).map(line)),
    ];
  });
}
