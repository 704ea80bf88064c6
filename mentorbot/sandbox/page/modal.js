// Shows the top of a person's stack of modals as a dialog, and keeps what is half filled in.

import { answersButton } from "./answers.js";
import { blocks, surfaceOf } from "./blocks.js";
import { h, icon, ICONS } from "./dom.js";
import { plain } from "./mrkdwn.js";

const drafts = new Map();

export function modalOf(dialog, act) {
  let shown = null;
  let surface = null;
  let returnTo = null;
  let waiting = null;

  // What a dispatching field has told the bot already is not told again.
  const values = () => Object.fromEntries(
    [...surface.fields]
      .map(([blockId, field]) => [blockId, field.read()])
      .filter(([blockId, value]) => surface.sent.get(blockId) !== JSON.stringify(value)),
  );

  function say(errors) {
    const known = [...surface.fields.keys()];
    for (const blockId of known) surface.fields.get(blockId).say(errors[blockId]);
    const wrong = known.find((blockId) => errors[blockId]);
    const other = Object.entries(errors).filter(([blockId]) => !known.includes(blockId));
    tell(other.map(([, words]) => words).join(" "));
    if (wrong) surface.fields.get(wrong).focus();
  }

  function tell(words) {
    const alert = dialog.querySelector(".modal-alert");
    alert.textContent = words;
    alert.hidden = !words;
  }

  function wait(ticket) {
    waiting = ticket;
    dialog.classList.toggle("busy", Boolean(ticket));
    dialog.setAttribute("aria-busy", String(Boolean(ticket)));
  }

  /** One thing at a time, until it is answered or another view has come. */
  async function busy(work) {
    if (waiting) return;
    const ticket = {};
    wait(ticket);
    tell("");
    const answer = await work();
    if (waiting === ticket) wait(null);
    if (!dialog.open) return;
    if (!answer.ok) tell(answer.error);
    else if (answer.errors && Object.keys(answer.errors).length) say(answer.errors);
  }

  const close = (all = false) => busy(() => act({ do: "close_modal", all }));

  function head(view, depth) {
    return h("header", { class: "modal-head" },
      depth > 1 && h("button", { type: "button", class: "icon-button", "aria-label": "Back", onclick: () => close() }, icon(ICONS.back, 20)),
      h("h2", { id: "modal-title" }, plain(view.title)),
      h("button", { type: "button", class: "icon-button", "aria-label": "Close", "data-testid": "modal-x", onclick: () => close(true) }, icon(ICONS.close, 18)));
  }

  function foot(view) {
    return h("footer", { class: "modal-foot" },
      h("button", { type: "button", class: "button button-plain", "data-testid": "modal-close", onclick: () => close() }, plain(view.close) || (view.submit ? "Cancel" : "Close")),
      view.submit && h("button", { type: "submit", class: "button button-primary", "data-testid": "modal-submit" }, h("span", { class: "button-label" }, plain(view.submit))));
  }

  function build(view, depth, world) {
    if (!drafts.has(view.id)) drafts.set(view.id, new Map());
    const fire = (action) => busy(() => act({ do: "click", container: { kind: "modal" }, values: values(), ...action }));
    surface = surfaceOf(fire, drafts.get(view.id), view.state?.values);
    const body = h("div", { class: "modal-body" }, h("p", { class: "modal-alert", role: "alert", hidden: true }), blocks(view.blocks, world, surface));
    const form = h("form", { class: "modal-form", novalidate: true }, head(view, depth), body, foot(view));
    if (view.submit) form.querySelector(".modal-foot").prepend(answersButton(view, surface, world, form));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (view.submit) busy(() => act({ do: "submit", values: values() }));
    });
    return form;
  }

  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });

  /** Shows what the workspace says is on top; an unchanged view is left alone, with its focus and drafts. */
  return function show(view, depth, world) {
    if (!view) {
      if (!dialog.open) return;
      shown = null;
      wait(null);
      dialog.close();
      dialog.replaceChildren();
      returnTo?.isConnected && returnTo.focus({ preventScroll: true });
      return;
    }
    const print = JSON.stringify([view.id, view.hash, view.blocks, view.title, view.submit, depth]);
    if (shown === print) return;
    const same = dialog.dataset.view === view.id;
    const focused = same ? document.activeElement?.closest("[data-focus]")?.dataset.focus : null;
    const scroll = same ? dialog.querySelector(".modal-body")?.scrollTop : 0;
    if (shown === null) returnTo = document.activeElement;
    shown = print;
    wait(null);
    dialog.dataset.view = view.id;
    dialog.replaceChildren(build(view, depth, world));
    if (!dialog.open) dialog.showModal();
    dialog.querySelector(".modal-body").scrollTop = scroll ?? 0;
    const first = (focused && dialog.querySelector(`[data-focus="${CSS.escape(focused)}"]`)) ||
      dialog.querySelector(".modal-body :is(input, textarea, select, button)") || dialog.querySelector(".modal-foot button");
    first?.focus({ preventScroll: Boolean(focused) });
    const errors = world.state.modal_errors ?? {};
    if (Object.keys(errors).length) say(errors);
  };
}
