// The main column: the head, and below it the welcome, App Home or a conversation.

import { blocks, surfaceOf } from "./blocks.js";
import { others, titleOf } from "./conversations.js";
import { avatar, h, icon, ICONS, region } from "./dom.js";
import { showMessages } from "./messages.js";
import { world } from "./world.js";

const at = (id) => document.getElementById(id);

function introOf(conversation) {
  const title = titleOf(conversation);
  const names = others(conversation).map((person) => person.name);
  const words = {
    channel: `This is the beginning of ${title}.${conversation.topic ? ` ${conversation.topic}.` : ""}`,
    im: `This conversation is just between you and ${title}.`,
    mpim: `This conversation is between you, ${names.slice(0, -1).join(", ")} and ${names.at(-1)}.`,
  };
  return { title, words: words[conversation.kind] };
}

function head(title, note, on, leave = null) {
  region(at("main-head"), [title, note, Boolean(leave), world.acting, world.open], () => [
    h("button", { type: "button", class: "icon-button back", "aria-label": "Back to the conversations", onclick: on.back }, icon(ICONS.back, 22)),
    h("div", { class: "main-title" }, h("h1", { "data-testid": "open-title" }, title), note && h("p", {}, note)),
    leave && h("button", { type: "button", class: "button button-quiet", "data-focus": "leave", onclick: leave }, "Leave channel"),
  ]);
}

function welcome(on) {
  const { person, state } = world;
  head("Welcome", null, on);
  at("composer").hidden = true;
  region(at("stage"), ["welcome", person, state.bot.name], () => {
    const steps = [
      ["Be somebody", "Pick a person from the list. You see their channels, messages and the app’s home, and act with their hands."],
      ["Do what they would", "Press buttons, fill in forms, send commands. The bot answers exactly as it would in Slack."],
      ["Let time pass", "Move the clock at the top by a day, a week, or to the next thing that happens. Numbers show who got something."],
    ];
    return h("div", { class: "welcome" },
      h("p", { class: "welcome-kicker" }, "A simulated workspace"),
      h("h2", {}, "Live through a mentorship programme in a few minutes"),
      h("ol", { class: "welcome-steps" }, steps.map(([title, words]) => h("li", {}, h("strong", {}, title), h("span", {}, words)))),
      h("div", { class: "welcome-now" }, avatar(person, "avatar-large"),
        h("div", {}, h("p", {}, "You are acting as"), h("strong", {}, person.name), h("p", {}, person.about)),
        person.joined && !person.deactivated && h("button", { type: "button", class: "button button-primary", "data-testid": "welcome-home", onclick: () => on.open("home") }, `Open the ${state.bot.name} home`)));
  });
}

function absent(on) {
  const { person } = world;
  head(person.name, person.about, on);
  at("composer").hidden = true;
  region(at("stage"), ["absent", person.id, person.deactivated], () => h("div", { class: "empty" }, avatar(person, "avatar-large"),
    h("h2", {}, person.deactivated ? "This account is deactivated" : `${person.name} has not joined yet`),
    h("p", {}, person.deactivated ? "Nobody can act as this person any more." : "As soon as they join, the bot hears of it as it would in Slack."),
    !person.deactivated && h("button", { type: "button", class: "button button-primary", "data-testid": "join-here", onclick: () => on.join(person.id) }, "Join the workspace")));
}

function home(on) {
  const { state } = world;
  head(state.bot.name, "App home", on);
  at("composer").hidden = true;
  const view = state.home;
  region(at("stage"), ["home", world.acting, view?.hash, view?.blocks, state.people.map((one) => one.name)], () => {
    if (!view) return h("div", { class: "empty", "data-testid": "home" }, h("h2", {}, "Nothing here yet"), h("p", {}, `${state.bot.name} has not shown a home to this person.`));
    const surface = surfaceOf((action, source) => on.fire({ kind: "home" }, action, source), new Map(), view.state?.values);
    return h("div", { class: "home", "data-testid": "home" }, blocks(view.blocks, world, surface));
  });
}

function joinBar(conversation, on) {
  const bar = at("join-bar") ?? at("stage").after(h("div", { id: "join-bar", class: "join-bar" })) ?? at("join-bar");
  bar.hidden = conversation.is_member;
  region(bar, [conversation.id, conversation.is_member], () => [
    h("p", {}, `You are looking at ${titleOf(conversation)} from outside.`),
    h("button", { type: "button", class: "button button-primary", "data-testid": "join-channel", onclick: () => on.joinChannel(conversation.id) }, "Join the channel"),
  ]);
}

function talk(conversation, on) {
  const title = titleOf(conversation);
  const channel = conversation.kind === "channel";
  const note = channel ? conversation.topic : others(conversation).map((person) => person.name).join(", ");
  const leave = channel && conversation.is_member && conversation.name !== "general" ? () => on.leaveChannel(conversation.id) : null;
  head(title, note === title ? null : note, on, leave);
  at("composer").hidden = !conversation.is_member;
  at("composer-text").placeholder = `Message ${title}`;
  showMessages(at("stage"), introOf(conversation), on.fire);
}

export function showStage(on) {
  const { person, conversation, open } = world;
  if (at("join-bar")) at("join-bar").hidden = true;
  if (!person.joined || person.deactivated) return absent(on);
  if (open === "home") return home(on);
  if (!conversation) return welcome(on);
  talk(conversation, on);
  if (conversation.kind === "channel") joinBar(conversation, on);
}
