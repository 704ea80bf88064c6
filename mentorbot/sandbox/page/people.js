// The rail of people to act as, with what each has not read yet.

import { cityOf } from "./dates.js";
import { avatar, h, keyed, menuButton, region } from "./dom.js";
import { world } from "./world.js";

function badge(person) {
  if (!person.unread) return null;
  return h("span", { class: "badge", "data-testid": `unread-${person.id}`, "aria-label": `${person.unread} unread` }, person.unread > 99 ? "99+" : person.unread);
}

function usualZone() {
  const counts = new Map();
  for (const { time_zone: zone } of world.state.people) counts.set(zone, (counts.get(zone) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0][0];
}

function note(person, elsewhere) {
  if (person.deactivated) return "Account deactivated";
  if (!person.joined) return "Has not joined yet";
  return elsewhere ? `in ${cityOf(person.time_zone)}` : null;
}

function row({ person, current, elsewhere }, on) {
  const words = note(person, elsewhere);
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
      words && h("span", { class: "person-time" }, words)),
    h("span", { class: "person-end" },
      !away && h("span", { class: "person-clock", title: `Local time in ${cityOf(person.time_zone)}` }, person.local_time), badge(person)),
  );
  const join = !person.joined && !person.deactivated && h("button", {
    type: "button", class: "button button-plain join", "data-testid": `join-${person.id}`, "data-focus": `join-${person.id}`,
    onclick: () => on.join(person.id),
  }, "Join the workspace");
  const menu = current && person.joined && !person.deactivated &&
    menuButton(`More for ${person.name}`, [["Deactivate this account", () => on.deactivate(person), "danger"]], { "data-focus": `more-${person.id}` });
  return h("li", { class: `person ${away ? "person-away" : ""} ${current ? "person-current" : ""} ${person.unread ? "person-unread" : ""}` }, choose, join, menu);
}

export function showPeople(on) {
  const usual = usualZone();
  const items = world.state.people.map((person) =>
    ({ person, current: person.id === world.acting, elsewhere: person.time_zone !== usual }));
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
