// Says instants in words, in the time zone of the person being acted.

const LOCALE = "en-GB";

function zone(name) {
  try {
    new Intl.DateTimeFormat(LOCALE, { timeZone: name });
    return name;
  } catch {
    return "UTC";
  }
}

function say(at, timeZone, options) {
  return new Intl.DateTimeFormat(LOCALE, { timeZone: zone(timeZone), ...options }).format(at);
}

/** The calendar day at an instant in a zone, as YYYY-MM-DD. */
export function dayOf(at, timeZone) {
  return new Intl.DateTimeFormat("en-CA", {
    timeZone: zone(timeZone), year: "numeric", month: "2-digit", day: "2-digit",
  }).format(at);
}

export const timeOf = (at, timeZone) => say(at, timeZone, { hour: "2-digit", minute: "2-digit" });
export const longDate = (at, timeZone) =>
  say(at, timeZone, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
export const cityOf = (timeZone) => (timeZone ?? "UTC").split("/").pop().replaceAll("_", " ");

function relative(at, now, timeZone) {
  const days = Math.round((Date.parse(dayOf(at, timeZone)) - Date.parse(dayOf(now, timeZone))) / 86400000);
  return { "-1": "Yesterday", 0: "Today", 1: "Tomorrow" }[days] ?? null;
}

export function dayHeading(at, now, timeZone) {
  return relative(at, now, timeZone) ?? say(at, timeZone, { weekday: "long", day: "numeric", month: "long" });
}

function ago(at, now) {
  const minutes = Math.round((at - now) / 60000);
  const words = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" });
  if (Math.abs(minutes) < 60) return words.format(minutes, "minute");
  if (Math.abs(minutes) < 1440) return words.format(Math.round(minutes / 60), "hour");
  return words.format(Math.round(minutes / 1440), "day");
}

/** Fills the tokens of Slack's date formatting, such as {date_short_pretty} at {time}. */
export function dateTokens(seconds, format, now, timeZone) {
  const at = new Date(seconds * 1000);
  const styles = {
    date_num: () => dayOf(at, timeZone),
    date_slash: () => say(at, timeZone, { day: "2-digit", month: "2-digit", year: "numeric" }),
    date: () => say(at, timeZone, { day: "numeric", month: "long", year: "numeric" }),
    date_short: () => say(at, timeZone, { day: "numeric", month: "short", year: "numeric" }),
    date_long: () => longDate(at, timeZone),
    day_divider_pretty: () => dayHeading(at, now, timeZone),
    time: () => timeOf(at, timeZone),
    time_secs: () => say(at, timeZone, { hour: "2-digit", minute: "2-digit", second: "2-digit" }),
    ago: () => ago(at, now),
  };
  return format.replace(/\{(\w+)\}/g, (token, name) => {
    const plain = name.replace(/_pretty$/, "");
    if (name !== "day_divider_pretty" && plain !== name && styles[plain]) {
      return relative(at, now, timeZone)?.toLowerCase() ?? styles[plain]();
    }
    return styles[name]?.() ?? token;
  });
}

/** Seconds since 1970 of a local "YYYY-MM-DDTHH:MM" in a zone; a gap in the clock moves it forward. */
export function instantOf(local, timeZone) {
  const wanted = Date.parse(`${local}:00Z`);
  let guess = wanted;
  for (let round = 0; round < 2; round += 1) guess += wanted - Date.parse(`${localOf(guess / 1000, timeZone)}:00Z`);
  return Math.floor(guess / 1000);
}

/** The local "YYYY-MM-DDTHH:MM" of an instant in seconds. */
export function localOf(seconds, timeZone) {
  const at = new Date(seconds * 1000);
  const time = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone(timeZone), hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  }).format(at);
  return `${dayOf(at, timeZone)}T${time}`;
}
