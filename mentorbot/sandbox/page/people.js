// The rail of people to act as, with what each has not read yet.

import { cityOf } from "./dates.js";
import { avatar, h, keyed, menuButton, region } from "./dom.js";
import { world } from "./world.js";

function badge(person) {
  if (!person.unread) return null;
  return h("span", { class: "badge", "data-testid": `unread-${person.id}`, "aria-label": `${person.unread} unread` }, person.unread > 99 ? "99+" : person.unread);
}

function note(person) {
  if (person.deactivated) return "Account deactivated";
  return person.joined ? `${person.local_time} in ${cityOf(person.time_zone)}` : "Has not joined yet";
}

function row({ person, current }, on) {
  const away = person.deactivated || !person.joined;
  const choose = h(
    "button",
    {
      type: "button", class: "person-choose", "data-testid": `person-${person.id}`, "data-focus": `person-${person.id}`,
      "aria-current": current ? "true" : null, onclick: () => on.choose(person.id),
    },
    avatar(person),
    h("span", { class: "person-text" },
      h("span", { class: "person-name" }, person.name),
      h("span", { class: "person-about" }, person.about),
      h("span", { class: "person-time" }, note(person))),
    badge(person),
  );
  const join = !person.joined && !person.deactivated && h("button", {
    type: "button", class: "button button-plain join", "data-testid": `join-${person.id}`, "data-focus": `join-${person.id}`,
    onclick: () => on.join(person.id),
  }, "Join the workspace");
  const menu = person.joined && !person.deactivated &&
    menuButton(`More for ${person.name}`, [["Deactivate this account", () => on.deactivate(person), "danger"]], { "data-focus": `more-${person.id}` });
  return h("li", { class: `person ${away ? "person-away" : ""} ${current ? "person-current" : ""} ${person.unread ? "person-unread" : ""}` }, choose, join, menu);
}

export function showPeople(on) {
  const items = world.state.people.map((person) => ({ person, current: person.id === world.acting }));
  keyed(document.getElementById("people"), items, (item) => item.person.id, (item) => row(item, on));
  const { person } = world;
  const others = world.state.people.filter((one) => one.id !== person?.id).reduce((sum, one) => sum + one.unread, 0);
  region(document.getElementById("switcher"), [person?.id, person?.name, person?.local_time, others], () => [
    avatar(person),
    h("span", { class: "switcher-text" },
      h("span", { class: "switcher-as" }, "You are acting as"),
      h("span", { class: "switcher-name" }, person.name)),
    others ? h("span", { class: "badge switcher-badge", "aria-label": `${others} unread for others` }, others) : null,
  ]);
}
