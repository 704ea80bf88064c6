// The bar on top: what time it is, how far the programme is, and the buttons that move the clock.

import { longDate, timeOf } from "./dates.js";
import { world } from "./world.js";

const at = (id) => document.getElementById(id);

function showBot(bot) {
  const state = at("bot-state");
  state.textContent = bot.connected ? `${bot.name} connected` : `${bot.name} not connected`;
  state.classList.toggle("bot-away", !bot.connected);
}

function showProgress(progress) {
  at("progress").hidden = !progress;
  if (!progress) return;
  at("progress-lines").replaceChildren(...progress.programmes.map(progressLine));
  at("progress-next").textContent = progress.next ? `Next: ${progress.next}` : "";
  at("progress-next").title = progress.next ?? "";
}

function progressLine({ label, fraction }, number) {
  const line = document.createElement("p");
  const name = document.createElement("strong");
  const bar = document.createElement("progress");
  line.className = "progress-line";
  name.id = `progress-label-${number}`;
  name.textContent = name.title = label;
  bar.max = 1;
  bar.value = fraction ?? 0;
  bar.setAttribute("aria-labelledby", name.id);
  line.append(name, bar);
  return line;
}

export function showTime() {
  const { state, now, zone, city } = world;
  at("workspace-name").textContent = state.workspace.name;
  at("clock-date").textContent = longDate(now, zone);
  at("clock-time").textContent = `${timeOf(now, zone)} in ${city}`;
  showProgress(state.progress);
  showBot(state.bot);
}

export function wireClock(move) {
  const steps = [...document.querySelectorAll("[data-step]")];
  for (const step of steps) {
    step.addEventListener("click", async () => {
      if (document.body.classList.contains("time-moves")) return;
      document.body.classList.add("time-moves");
      step.classList.add("working");
      for (const one of steps) one.setAttribute("aria-disabled", "true");
      await move(step.dataset.step);
      for (const one of steps) one.removeAttribute("aria-disabled");
      step.classList.remove("working");
      document.body.classList.remove("time-moves");
    });
  }
}
