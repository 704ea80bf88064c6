// Offers to fill in a form as the person would whose hands one has: only what is still empty.

import { blocks } from "./blocks.js";
import { h } from "./dom.js";

const isEmpty = (value) => value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length);

/** The answer as this element takes it, or null where it offers no such option. */
function fitting(element, answer) {
  const listed = Array.isArray(answer) ? answer.map(String) : [String(answer)];
  const offered = element.options ?? element.option_groups?.flatMap((group) => group.options);
  if (offered && !listed.every((value) => offered.some((option) => option.value === value))) return null;
  return /^(multi_|checkboxes)/.test(element.type) ? listed : listed[0];
}

/** The empty fields of a view that the person has an answer for; what reports to the bot at once is left alone. */
function fillable(view, surface, answers) {
  return view.blocks.flatMap((block) => {
    const field = surface.fields.get(block.block_id);
    if (!field || block.dispatch_action || !(block.block_id in answers) || !isEmpty(field.read())) return [];
    const answer = fitting(block.element, answers[block.block_id]);
    return isEmpty(answer) ? [] : [{ block, field, answer }];
  });
}

function fill(view, surface, world) {
  for (const { block, field, answer } of fillable(view, surface, world.state.answers)) {
    surface.drafts.set(`${block.block_id}|${block.element.action_id}`, answer);
    field.node.replaceWith(...blocks([block], world, surface));
  }
}

/** The button that fills a form in; it hides while there is nothing it could fill. */
export function answersButton(view, surface, world, form) {
  const look = () => { button.hidden = !fillable(view, surface, world.state.answers).length; };
  const button = h("button", {
    type: "button", class: "fill-in", "data-testid": "modal-fill",
    onclick: () => {
      fill(view, surface, world);
      form.querySelector("[type=submit]")?.focus();
    },
  }, `Fill in as ${world.person.name} would`);
  for (const happening of ["input", "change", "click"]) form.addEventListener(happening, look);
  look();
  return button;
}
