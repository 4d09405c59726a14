// Words for people, made from what the hub says: times, names, and whatever is written with underscores.

export function clock(at) {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? "" : date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

export function capitalized(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function spaced(name) {
  return String(name ?? "").replaceAll("_", " ");
}

/** A time with its day unless that is today. */
export function moment(at) {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "";
  if (date.toDateString() === new Date().toDateString()) return clock(at);
  return `${date.toLocaleDateString([], { day: "numeric", month: "short" })}, ${clock(at)}`;
}

export function size(bytes) {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1_000)} KB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

const CHANNELS = { web: "Web", whatsapp: "WhatsApp", email: "Email", sms: "SMS" };

/** A channel's name as people write it. */
export function channelName(channel) {
  return CHANNELS[channel] ?? capitalized(spaced(channel));
}
