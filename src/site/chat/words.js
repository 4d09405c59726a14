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
