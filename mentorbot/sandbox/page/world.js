// What the page knows of the workspace: who is acting, what is open, and the talk with the server.

import { cityOf } from "./dates.js";

const BOT_LOOK = { initials: "MB", bot: true };

export const world = {
  state: null,
  messages: [],
  uploads: new Map(),
  acting: null,
  open: null,
  get person() { return this.state?.people.find((person) => person.id === this.acting) ?? null; },
  get now() { return new Date(this.state.now); },
  get zone() { return this.person?.time_zone ?? "Europe/London"; },
  get city() { return cityOf(this.zone); },
  get conversation() { return this.state?.conversations.find((one) => one.id === this.open) ?? null; },
  upload: (file) => posted(`upload?${as()}&name=${encodeURIComponent(file.name)}`, "application/octet-stream", file),
  personById(id) {
    if (id === this.state.bot.id) return { ...BOT_LOOK, id, name: this.state.bot.name };
    return this.state.people.find((person) => person.id === id) ?? null;
  },
};

const json = (path, body) =>
  body === undefined ? fetched(path, {}) : posted(path, "application/json", JSON.stringify(body));
const posted = (path, kind, body) => fetched(path, { method: "POST", headers: { "Content-Type": kind }, body });

async function fetched(path, request) {
  let answer;
  try {
    answer = await fetch(`/_page/${path}`, request);
  } catch {
    return { ok: false, error: "The simulated workspace is not running any more. Start it again and reload.", kind: "away" };
  }
  const said = await answer.json().catch(() => ({ ok: false, error: "The workspace gave no answer." }));
  return answer.ok ? { ok: true, ...said } : { ...said, ok: false, status: answer.status };
}

const as = () => `as=${encodeURIComponent(world.acting ?? "")}`;
export const act = (deed) => json(`act?${as()}`, deed);
export const moveClock = (step) => json("clock", { step });
export const fileUrl = (id, download = false) => `/_page/file/${encodeURIComponent(id)}?${as()}${download ? "&download" : ""}`;

/** Reads who acts and what is open from the address, so that a reload stays where it was. */
export function readAddress() {
  const [person, open] = decodeURIComponent(location.hash.slice(1)).split("/");
  return { person: person || null, open: open || null };
}

export function writeAddress() {
  const hash = `#${world.acting}${world.open ? `/${world.open}` : ""}`;
  if (location.hash !== hash) history.replaceState(null, "", hash);
}

/** Fetches the state and the open conversation; answers false where the server is away. */
export async function refresh() {
  const asked = world.acting;
  const open = world.open;
  const state = await json(`state?${as()}`);
  if (asked !== world.acting) return true;
  if (!state.ok) return state.kind !== "away" ? state : false;
  world.acting = state.acting;
  const seen = open && open !== "home" && state.conversations.some((one) => one.id === open);
  const found = seen ? await json(`messages?${as()}&conversation=${encodeURIComponent(open)}`) : { messages: [] };
  if (state.acting !== world.acting || open !== world.open) return true;
  world.state = state;
  world.messages = found.messages ?? [];
  const mine = state.conversations.find((one) => one.id === open);
  if (mine && mine.unread) {
    const person = world.person;
    if (mine.kind !== "channel") person.unread = Math.max(0, person.unread - mine.unread);
    mine.unread = 0;
  }
  return true;
}

/** Calls back when the workspace changed; falls back to asking now and then where streams are cut. */
export function watch(changed) {
  let poll = null;
  const source = new EventSource("/_page/stream");
  source.onmessage = (event) => {
    clearInterval(poll);
    poll = null;
    changed(JSON.parse(event.data).version);
  };
  source.onerror = () => { poll ??= setInterval(() => changed(null), 2000); };
  window.addEventListener("pagehide", () => source.close());
}
