// Renders Block Kit's interactive elements as controls with a value that can be read.

import { instantOf, localOf } from "./dates.js";
import { h, icon, ICONS, menuButton } from "./dom.js";
import { plain, textObject } from "./mrkdwn.js";

let serial = 0;
export const freshId = (stem) => `${stem}-${(serial += 1)}`;

const initialValues = {
  static_select: (el) => el.initial_option?.value,
  external_select: (el) => el.initial_option?.value,
  radio_buttons: (el) => el.initial_option?.value,
  multi_static_select: (el) => el.initial_options?.map((option) => option.value),
  checkboxes: (el) => el.initial_options?.map((option) => option.value),
  users_select: (el) => el.initial_user,
  multi_users_select: (el) => el.initial_users,
  conversations_select: (el) => el.initial_conversation,
  multi_conversations_select: (el) => el.initial_conversations,
  channels_select: (el) => el.initial_channel,
  multi_channels_select: (el) => el.initial_channels,
  datepicker: (el) => el.initial_date,
  timepicker: (el) => el.initial_time,
  datetimepicker: (el) => el.initial_date_time,
};

const firstOf = (el) => (initialValues[el.type] ?? ((one) => one.initial_value))(el);

/** What the workspace remembers of a field, from the state of a view. */
function remembered(entry) {
  if (!entry) return undefined;
  if (entry.files) return entry.files.map((file) => file.id);
  if (entry.selected_options) return entry.selected_options.map((option) => option.value);
  return (
    entry.selected_option?.value ?? entry.value ?? entry.rich_text_value ?? entry.selected_date ?? entry.selected_time ??
    entry.selected_date_time ?? entry.selected_user ?? entry.selected_users ?? entry.selected_conversation ??
    entry.selected_conversations ?? entry.selected_channel ?? entry.selected_channels ?? undefined
  );
}

function startOf(el, place) {
  const { surface, blockId } = place;
  return (
    surface.drafts.get(`${blockId}|${el.action_id}`) ??
    remembered(surface.values?.[blockId]?.[el.action_id]) ??
    firstOf(el)
  );
}

const options = (list) => (list ?? []).map((option) => h("option", { value: option.value }, plain(option.text)));

function choices(el, place) {
  const { world } = place;
  if (/static_select$/.test(el.type)) {
    return el.option_groups
      ? el.option_groups.map((group) => h("optgroup", { label: plain(group.label) }, options(group.options)))
      : options(el.options);
  }
  if (/users_select$/.test(el.type)) {
    return world.state.people
      .filter((person) => person.joined && !person.deactivated)
      .map((person) => h("option", { value: person.id }, person.name));
  }
  return world.state.conversations
    .filter((conversation) => !/channels/.test(el.type) || conversation.kind === "channel")
    .map((conversation) =>
      h("option", { value: conversation.id }, `${conversation.kind === "channel" ? "#" : ""}${conversation.name}`));
}

function select(el, place) {
  const node = h(
    "select",
    { class: "select", onchange: () => place.changed(node.value || null) },
    h("option", { value: "" }, plain(el.placeholder) || "Choose an option"),
    choices(el, place),
  );
  node.value = startOf(el, place) ?? "";
  return { node, read: () => node.value || null };
}

function multiSelect(el, place) {
  let chosen = [...(startOf(el, place) ?? [])];
  const most = el.max_selected_items ?? Infinity;
  const chips = h("ul", { class: "chips", "aria-label": "Chosen" });
  const picker = h("select", { class: "select" }, h("option", { value: "" }, plain(el.placeholder) || "Choose options"), choices(el, place));
  const nameOf = (value) => [...picker.querySelectorAll("option")].find((option) => option.value === value)?.textContent ?? value;
  const show = () => {
    chips.replaceChildren(...chosen.map((value) => h("li", { class: "chip" }, nameOf(value), h("button", {
      type: "button", class: "chip-remove", "aria-label": `Remove ${nameOf(value)}`,
      onclick: () => { change(chosen.filter((one) => one !== value)); picker.focus(); },
    }, icon(ICONS.close, 12)))));
    for (const option of picker.querySelectorAll("option")) option.disabled = chosen.includes(option.value);
    picker.querySelector("option").disabled = false;
    picker.disabled = chosen.length >= most;
  };
  const change = (next) => { chosen = next; show(); place.changed(chosen); };
  picker.addEventListener("change", () => {
    const { value } = picker;
    picker.value = "";
    if (value) change([...chosen, value]);
  });
  show();
  return { node: h("div", { class: "multi" }, chips, picker), control: picker, read: () => chosen };
}

function ticks(type) {
  return (el, place) => {
    const name = freshId("choice");
    const start = [startOf(el, place) ?? []].flat();
    const boxes = [];
    const read = () => {
      const ticked = boxes.filter((box) => box.checked).map((box) => box.value);
      return type === "checkbox" ? ticked : (ticked[0] ?? null);
    };
    const rows = el.options.map((option) => {
      const box = h("input", { type, name, value: option.value, checked: start.includes(option.value), onchange: () => place.changed(read()) });
      boxes.push(box);
      return h("label", { class: "tick" }, box, h("span", { class: "tick-text" }, textObject(option.text, place.world),
        option.description && h("span", { class: "tick-note" }, textObject(option.description, place.world))));
    });
    const node = h("div", { class: "ticks", role: type === "radio" ? "radiogroup" : "group" }, rows);
    return { node, control: node, focus: boxes[0], read };
  };
}

/** A rich text input is written here as plain lines. */
const richTextOf = (text) => text
  ? { type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "text", text }] }] }
  : null;

function textOf(value) {
  if (value === null || value === undefined) return "";
  if (typeof value !== "object") return String(value);
  return (value.elements ?? []).map((part) => (part.elements ? textOf(part) : part.text ?? "")).join("\n");
}

function writing(kind) {
  return (el, place) => {
    const multiline = el.multiline || el.type === "rich_text_input";
    const props = {
      class: "text-input", placeholder: plain(el.placeholder) || null, value: textOf(startOf(el, place)),
      ...(multiline ? { rows: "4" } : { type: "text", inputmode: kind, autocomplete: "off" }),
    };
    const node = h(multiline ? "textarea" : "input", props);
    const count = el.max_length ? h("span", { class: "count", "aria-hidden": "true" }) : null;
    const show = () => {
      if (!count) return;
      const left = el.max_length - [...node.value].length;
      count.textContent = left < 0 ? `${-left} too many` : `${left} left`;
      count.classList.toggle("count-over", left < 0);
    };
    const when = el.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
    node.addEventListener("input", () => {
      show();
      place.changed(read(), !when.includes("on_character_entered"));
    });
    node.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !multiline && place.dispatches && when.includes("on_enter_pressed")) {
        event.preventDefault();
        place.changed(read());
      }
    });
    show();
    const read = () => (el.type === "rich_text_input" ? richTextOf(node.value) : node.value);
    return { node, count, read };
  };
}

function picking(type) {
  return (el, place) => {
    const { zone } = place.world;
    const start = startOf(el, place);
    const shown = type === "datetime-local" && start ? localOf(Number(start), zone) : (start ?? "");
    const read = () => (type === "datetime-local" && node.value ? instantOf(node.value, zone) : node.value || null);
    const node = h("input", { type, class: "select", value: shown, onchange: () => place.changed(read()) });
    return { node, read };
  };
}

function button(el, place) {
  const label = h("span", { class: "button-label" }, plain(el.text));
  const props = { class: `button button-${el.style ?? "plain"}`, "aria-label": el.accessibility_label, "data-testid": `action-${el.action_id}` };
  const act = (event) => place.changed(undefined, false, event.currentTarget);
  if (el.url && /^https?:/i.test(el.url)) {
    return { node: h("a", { ...props, href: el.url, target: "_blank", rel: "noopener noreferrer", onclick: act }, label) };
  }
  return { node: h("button", { ...props, type: "button", onclick: act }, label) };
}

function overflow(el, place) {
  const items = el.options.map((option) => [plain(option.text), () => {
    if (/^https?:/i.test(option.url ?? "")) window.open(option.url, "_blank", "noopener");
    place.changed(option.value);
  }]);
  const node = menuButton("More actions", items);
  return { node, control: node.querySelector("button") };
}

function uploading(el, place) {
  const names = place.world.uploads;
  for (const file of place.surface.values?.[place.blockId]?.[el.action_id]?.files ?? []) names.set(file.id, file.name);
  let held = startOf(el, place) ?? [];
  const picker = h("input", { type: "file", class: "select", multiple: (el.max_files ?? 10) > 1 });
  const told = h("p", { class: "hint", role: "status" });
  const show = (words) => { told.textContent = words ?? held.map((id) => names.get(id) ?? id).join(", "); };
  picker.addEventListener("change", async () => {
    const sent = [];
    show("Uploading …");
    for (const file of picker.files) {
      const answer = await place.world.upload(file);
      if (!answer.ok) return show(answer.error);
      names.set(answer.file, file.name);
      sent.push(answer.file);
    }
    held = sent;
    show();
    place.changed(held);
  });
  show();
  return { node: h("div", { class: "multi" }, picker, told), control: picker, read: () => held };
}

const absent = (words) => () => ({ node: h("p", { class: "absent" }, words) });

const ELEMENTS = {
  button,
  overflow,
  workflow_button: absent("Workflow buttons are not part of this simulation."),
  file_input: uploading,
  external_select: absent("Lists from elsewhere are not part of this simulation."),
  multi_external_select: absent("Lists from elsewhere are not part of this simulation."),
  static_select: select,
  users_select: select,
  conversations_select: select,
  channels_select: select,
  multi_static_select: multiSelect,
  multi_users_select: multiSelect,
  multi_conversations_select: multiSelect,
  multi_channels_select: multiSelect,
  checkboxes: ticks("checkbox"),
  radio_buttons: ticks("radio"),
  plain_text_input: writing("text"),
  rich_text_input: writing("text"),
  number_input: writing("decimal"),
  email_text_input: writing("email"),
  url_text_input: writing("url"),
  datepicker: picking("date"),
  timepicker: picking("time"),
  datetimepicker: picking("datetime-local"),
};

/** Asks for confirmation as the element's confirm object says; resolves to whether to go on. */
export function confirmed(confirm, world) {
  if (!confirm) return Promise.resolve(true);
  const dialog = document.getElementById("confirm");
  return new Promise((resolve) => {
    dialog.onclose = () => resolve(dialog.returnValue === "yes");
    dialog.returnValue = "";
    dialog.replaceChildren(h("form", { method: "dialog" },
      h("h2", { id: "confirm-title" }, plain(confirm.title)),
      h("div", { class: "confirm-text" }, textObject(confirm.text, world)),
      h("div", { class: "confirm-foot" },
        h("button", { value: "no", class: "button button-plain" }, plain(confirm.deny) || "Cancel"),
        h("button", { value: "yes", class: `button button-${confirm.style ?? "primary"}`, autofocus: true, "data-testid": "confirm-yes" }, plain(confirm.confirm) || "Yes"))));
    dialog.showModal();
  });
}

const NAMED = new Set(["button", "overflow", "workflow_button"]);

/**
 * One element as {node, control, read}. A changed value is kept as a draft of its surface and, outside an
 * input block or where the block dispatches, sent to the bot.
 */
export function element(el, { world, surface, blockId, isInput = false, dispatches = !isInput, label }) {
  const make = ELEMENTS[el.type] ?? absent(`A “${el.type}” element`);
  let built = null;
  const place = {
    world, surface, blockId, dispatches,
    changed: async (value, quiet = false, source = null) => {
      if (value !== undefined) surface.drafts.set(`${blockId}|${el.action_id}`, value);
      if (!dispatches || quiet) return;
      if (!(await confirmed(el.confirm, world))) return;
      surface.sent.set(blockId, JSON.stringify(value));
      surface.fire({ action_id: el.action_id, block_id: blockId, value }, source ?? built.control ?? built.node);
    },
  };
  built = make(el, place);
  const control = built.control ?? built.node;
  control.dataset.focus = `${blockId}|${el.action_id}`;
  if (!control.dataset.testid) control.dataset.testid = `action-${el.action_id}`;
  if (label && !NAMED.has(el.type) && !control.hasAttribute("aria-label")) control.setAttribute("aria-label", label);
  return { ...built, control };
}
