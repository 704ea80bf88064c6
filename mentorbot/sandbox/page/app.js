// Joins the parts of the page: what a person does goes out, what changed comes in.

import { showConversations } from "./conversations.js";
import { h, icon, ICONS } from "./dom.js";
import { confirmed } from "./elements.js";
import { modalOf } from "./modal.js";
import { showPeople } from "./people.js";
import { showStage } from "./stage.js";
import { showTime, wireClock } from "./timebar.js";
import { act, moveClock, readAddress, refresh, watch, world, writeAddress } from "./world.js";

const at = (id) => document.getElementById(id);
const TOAST_SECONDS = 9;
const MOST_NAMED = 4;
const typed = new Map();

function toast(words, more = null) {
  if (!words) return;
  const close = h("button", { type: "button", class: "icon-button", "aria-label": "Dismiss", onclick: () => node.remove() }, icon(ICONS.close, 14));
  const node = h("div", { class: "toast", "data-testid": "toast" }, h("div", { class: "toast-words" }, words, more), close);
  at("toasts").replaceChildren(node);
  setTimeout(() => node.remove(), TOAST_SECONDS * 1000);
}

function banner(words) {
  const node = at("banner");
  node.hidden = !words;
  node.replaceChildren(...(words ? [h("span", {}, words), h("button", { type: "button", class: "icon-button", "aria-label": "Dismiss", onclick: () => banner(null) }, icon(ICONS.close, 14))] : []));
}

const showModal = modalOf(at("modal"), async (deed) => {
  const answer = await act(deed);
  await update();
  return answer.kind === "no_answer" ? { ...answer, error: `We had some trouble connecting. Try again? (${answer.error})` } : answer;
});

const on = {
  choose: (id) => go(id, null, "sidebar"),
  open: (key) => go(world.acting, key, "main"),
  back: () => screen("sidebar"),
  join: async (id) => { await go(id, null, "main"); await deed({ do: "join_workspace" }); toast(`${world.person.name} joined the workspace.`); },
  joinChannel: (conversation) => deed({ do: "join_channel", conversation }),
  leaveChannel: (conversation) => deed({ do: "leave_channel", conversation }),
  deactivate: async (person) => {
    const sure = await confirmed({ title: "Deactivate this account?", text: `${person.name} will be gone from the workspace, as when an administrator deactivates an account.`, confirm: "Deactivate", deny: "Keep", style: "danger" }, world);
    if (!sure) return;
    await go(person.id, null, "sidebar");
    await deed({ do: "deactivate" });
  },
  fire: async (container, action, source) => {
    source?.setAttribute?.("aria-busy", "true");
    source?.classList.add("working");
    await deed({ do: "click", container, ...action }, true);
    source?.removeAttribute?.("aria-busy");
    source?.classList.remove("working");
  },
};

function screen(name) {
  document.body.dataset.screen = name;
}

function show() {
  if (!world.state || !world.person) return;
  showTime();
  showPeople(on);
  showConversations(on);
  showStage(on);
  showModal(world.state.modal, world.state.modal_depth, world);
  const waiting = world.state.people.reduce((sum, person) => sum + person.unread, 0);
  document.title = `${waiting ? `(${waiting}) ` : ""}${world.person.name} · MentorBot demo`;
}

let running = null;
let again = false;
let away = false;

/** Fetches and shows; calls that arrive meanwhile lead to exactly one more round. */
async function update() {
  if (running) {
    again = true;
    return running;
  }
  running = (async () => {
    do {
      again = false;
      const found = await refresh();
      if (away && found !== false) banner(null);
      away = found === false;
      if (found === true) show();
      else if (away) banner("The simulated workspace is not running. It will reappear here once it is started again.");
      else if (found.status === 404) {
        Object.assign(world, { acting: null, open: null });
        again = true;
      }
    } while (again);
  })().finally(() => { running = null; });
  return running;
}

async function deed(what, isInteraction = false) {
  const answer = await act(what);
  await update();
  if (answer.ok) banner(null);
  else if (answer.kind === "no_answer" && isInteraction) banner(`${world.state.bot.name} didn’t respond. ${answer.error}`);
  else banner(answer.error);
  return answer;
}

async function go(person, open, where) {
  const box = at("composer-text");
  typed.set(`${world.acting}/${world.open}`, box.value);
  const moved = world.acting !== person;
  world.acting = person;
  world.open = open;
  world.messages = [];
  banner(null);
  box.value = typed.get(`${person}/${open}`) ?? "";
  grow(box);
  screen(where);
  writeAddress();
  if (moved) at("conversations").print = null;
  await update();
  if (open === "home" && world.person?.joined && !world.person.deactivated) await deed({ do: "open_home" });
}

function grow(box) {
  box.style.height = "";
  if (!box.value) return;
  box.style.height = `${Math.min(box.scrollHeight, 180)}px`;
}

async function send(event) {
  event.preventDefault();
  const box = at("composer-text");
  const text = box.value.trim();
  if (!text) return;
  box.value = "";
  grow(box);
  const conversation = world.open;
  const command = /^(\/\S+)\s*([\s\S]*)$/.exec(text);
  const answer = await deed(command ? { do: "command", command: command[1], text: command[2], conversation } : { do: "say", conversation, text }, Boolean(command));
  if (!answer.ok && !box.value) {
    box.value = text;
    grow(box);
  }
  at("stage").scrollTop = at("stage").scrollHeight;
}

function wireComposer() {
  const box = at("composer-text");
  at("composer").addEventListener("submit", send);
  box.addEventListener("input", () => grow(box));
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      at("composer").requestSubmit();
    }
  });
  at("hint-command").addEventListener("click", () => {
    box.value = at("hint-command").textContent;
    box.focus();
  });
}

const unreadNow = () => new Map(world.state.people.map((person) => [person.id, person.unread]));

/** Who got something since then, as buttons that act as them. */
function receivers(before) {
  const got = world.state.people.filter((person) => person.unread > (before.get(person.id) ?? 0));
  if (!got.length) return null;
  const left = got.length - MOST_NAMED;
  return h("p", { class: "toast-who" }, "New for", got.slice(0, MOST_NAMED).map((person) =>
    h("button", { type: "button", "data-testid": `toast-${person.id}`, onclick: () => on.choose(person.id) }, person.name)),
  left > 0 && h("span", {}, `and ${left} more`));
}

async function move(step) {
  const before = unreadNow();
  const answer = await moveClock(step);
  await update();
  if (answer.ok) toast(answer.said, receivers(before));
  else banner(answer.error);
}

async function start() {
  wireComposer();
  wireClock(move);
  at("switcher").addEventListener("click", () => screen(document.body.dataset.screen === "people" ? "sidebar" : "people"));
  const here = readAddress();
  world.acting = here.person;
  world.open = here.open;
  await update();
  writeAddress();
  if (world.open === "home") await deed({ do: "open_home" });
  let seen = world.state?.version;
  watch((version) => { if (version === null || version !== seen) { seen = version; update(); } });
  window.addEventListener("hashchange", () => {
    const wanted = readAddress();
    if (wanted.person && (wanted.person !== world.acting || wanted.open !== world.open)) go(wanted.person, wanted.open, "main");
  });
  document.body.classList.add("ready");
}

start();
