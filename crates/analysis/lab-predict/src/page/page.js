"use strict";
// Evaluates the circuit of the lab for the parts that the reader lets fail, and writes down what follows.
const data = JSON.parse(document.getElementById("data").textContent);
const SAY = {
  lost: "Data lost", gone: "Gone", "gone-for": "Gone for some", stopped: "Storage stops", "no-internet": "Without Internet",
  "no-quorum": "Cannot decide", down: "Machines down", off: "Without power or broken",
};
const ORDER = ["lost", "gone", "gone-for", "stopped", "no-internet", "no-quorum", "down", "off"];
const NOTICED = new Set(["lost", "gone", "gone-for", "stopped", "no-internet", "no-quorum"]);
const failed = new Set();
let asked = null;

/** The outcomes that hold once these parts have failed, as a set of positions. */
function holding(parts) {
  const state = new Uint8Array(data.nodes.length);
  for (let at = 0; at < data.nodes.length; at++) {
    const node = data.nodes[at], k = node[0];
    if (k === -1) continue;
    if (k === -2) { state[at] = 1; continue; }
    if (k === -3) { state[at] = parts.has(node[1]) ? 1 : 0; continue; }
    let n = 0;
    for (let input = 1; input < node.length && n < k; input++) n += state[node[input]];
    state[at] = n >= k ? 1 : 0;
  }
  const outcomes = new Set();
  data.outcomes.forEach((outcome, at) => { if (state[outcome[3]]) outcomes.add(at); });
  return outcomes;
}

const healthy = holding(new Set());
const without = (outcomes, known) => new Set([...outcomes].filter((at) => !known.has(at)));

/** For each next failure the outcomes that it adds, without those that it brings about by itself alone. */
const alone = data.parts.map((_, part) => without(holding(new Set([part])), healthy));
function nextFailures(now) {
  const next = [];
  for (let part = 0; part < data.parts.length; part++) {
    if (failed.has(part)) continue;
    const after = holding(new Set([...failed, part]));
    const added = [...after].filter((at) => !now.has(at) && !alone[part].has(at));
    if (added.some((at) => NOTICED.has(data.outcomes[at][0]))) next.push([part, added]);
  }
  return next;
}

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

const label = (part) => data.parts[part][1];

/** Outcomes as one line a fate. What is lost is not said to stop too, what is gone not to be gone for some, and data not
 *  beside the pool that it is in, unless everything is asked for. */
function listOutcomes(list, outcomes, only, most = 14) {
  const byFate = new Map();
  for (const at of outcomes) {
    const [fate, kind, name, , whom] = data.outcomes[at];
    if (only && !only.has(fate)) continue;
    if (!byFate.has(fate)) byFate.set(fate, new Map());
    byFate.get(fate).set(whom ? name + " (for " + whom + ")" : name, [kind, name]);
  }
  const covered = { stopped: "lost", "gone-for": "gone" };
  for (const fate of ORDER) {
    const told = byFate.get(fate);
    if (!told) continue;
    const above = byFate.get(covered[fate]);
    const hasPools = [...told.values()].some(([kind]) => kind === "pool");
    const names = [...told].filter(([, [kind, name]]) => !(above && above.has(name)) && !(hasPools && kind === "data")).map(([shown]) => shown);
    if (!names.length) continue;
    const item = element("li");
    item.append(element("span", SAY[fate] + ": ", NOTICED.has(fate) ? "bad" : "soft"), names.slice(0, most).join(", "));
    if (names.length > most) {
      const more = element("button", "and " + (names.length - most) + " more", "more");
      more.onclick = (event) => { event.stopPropagation(); more.replaceWith(", " + names.slice(most).join(", ")); };
      item.append(" ", more);
    }
    list.append(item);
  }
  return byFate.size;
}

function toggle(parts) {
  const all = parts.every((part) => failed.has(part));
  for (const part of parts) all ? failed.delete(part) : failed.add(part);
  asked = null;
  show();
}

/** What has failed stands in the address, so that it can be passed on: `#fail=device/switch-1,power/grid`. */
function fromAddress() {
  const names = decodeURIComponent(location.hash).replace(/^#fail=/, "").split(",");
  data.parts.forEach(([name], part) => { if (names.includes(name)) failed.add(part); });
}

function toAddress() {
  const names = [...failed].map((part) => data.parts[part][0]).join(",");
  history.replaceState(null, "", names ? "#fail=" + encodeURIComponent(names) : location.pathname + location.search);
}

function show() {
  const now = without(holding(failed), healthy);
  const panel = document.getElementById("now");
  panel.replaceChildren();
  const next = failed.size ? nextFailures(now) : [];
  if (asked !== null) showAsked(panel);
  else if (!failed.size) {
    panel.append(element("h2", "Nothing has failed"));
    panel.append(element("p", "Click a box or a line: it fails, and here stands what follows. Click a service or a pool to see what brings it down.", "soft"));
  } else {
    panel.append(element("h2", "When this fails"));
    for (const part of failed) {
      const chip = element("button", label(part) + " ×", "chip");
      chip.onclick = () => toggle([part]);
      panel.append(chip);
    }
    const clear = element("button", "mend all", "clear");
    clear.onclick = () => { failed.clear(); show(); };
    panel.append(clear);
    const list = element("ul");
    const n = listOutcomes(list, now);
    if (![...now].some((at) => NOTICED.has(data.outcomes[at][0]))) {
      panel.append(element("p", "Nobody misses anything.", "good"));
    }
    if (n) panel.append(list);
    showNext(panel, next);
  }
  paint(now, next);
  toAddress();
}

function showNext(panel, next) {
  if (!next.length) return;
  const groups = new Map();
  for (const [part, added] of next) {
    const key = added.filter((at) => NOTICED.has(data.outcomes[at][0])).join();
    if (!groups.has(key)) groups.set(key, [added, []]);
    groups.get(key)[1].push(part);
  }
  panel.append(element("p", "One more failure that was harmless before:", "warn"));
  for (const [added, parts] of groups.values()) {
    const names = parts.slice(0, 5).map(label).join(", ") + (parts.length > 5 ? " and " + (parts.length - 5) + " more" : "");
    const line = element("p", names, "soft");
    const list = element("ul");
    listOutcomes(list, added, NOTICED);
    panel.append(line, list);
  }
}

/** What brings the box down that was asked about: single parts, then pairs of which neither does alone. */
function showAsked(panel) {
  const outcomes = data.boxes[asked][1];
  const names = new Set(outcomes.map((at) => data.outcomes[at][2]));
  panel.append(element("h2", [...names].join(", ")));
  for (const at of outcomes) {
    const singles = data.parts.map((_, part) => part).filter((part) => alone[part].has(at));
    const taken = new Set(singles);
    const rest = data.parts.map((_, part) => part).filter((part) => !taken.has(part));
    const pairs = [];
    for (let one = 0; one < rest.length && pairs.length < 40; one++) {
      for (let other = one + 1; other < rest.length && pairs.length < 40; other++) {
        if (holding(new Set([rest[one], rest[other]])).has(at)) pairs.push([rest[one], rest[other]]);
      }
    }
    panel.append(element("p", SAY[data.outcomes[at][0]], "bad"));
    const sets = singles.map((part) => [part]).concat(pairs);
    if (!sets.length) panel.append(element("p", "No single failure and no pair does that.", "good"));
    for (const set of sets) {
      const button = element("button", set.map(label).join(" + "), "link");
      button.onclick = () => { failed.clear(); toggle(set); };
      panel.append(button);
    }
    if (pairs.length >= 40) panel.append(element("p", "and more pairs", "soft"));
  }
}

function paint(now, next) {
  const weak = new Set();
  for (const [, added] of next) added.forEach((at) => weak.add(at));
  data.boxes.forEach(([parts, outcomes], at) => {
    const box = document.querySelector('[data-key="n' + at + '"]');
    if (!box) return;
    box.classList.toggle("failed", parts.some((part) => failed.has(part)));
    const dark = outcomes.some((outcome) => now.has(outcome) && data.outcomes[outcome][0] !== "gone-for");
    box.classList.toggle("dark", dark && !box.classList.contains("failed"));
    box.classList.toggle("weak", !dark && outcomes.some((outcome) => weak.has(outcome)));
    box.classList.toggle("asked", asked === at);
    box.classList.toggle("place", asked !== null && data.boxes[asked][2].includes(at));
  });
  data.lines.forEach((parts, at) => {
    const line = document.querySelector('[data-key="e' + at + '"]');
    if (line) line.classList.toggle("failed", parts.some((part) => failed.has(part)));
  });
}

function wire() {
  data.boxes.forEach(([parts, outcomes], at) => {
    const box = document.querySelector('[data-key="n' + at + '"]');
    if (!box) return;
    const isButton = box.tagName === "BUTTON";
    if (!isButton) box.setAttribute("tabindex", "0");
    const act = () => {
      if (parts.length) return toggle(parts.slice(0, 1));
      asked = asked === at || !outcomes.length ? null : at;
      show();
    };
    box.addEventListener("click", act);
    if (!isButton) box.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); act(); } });
  });
  data.lines.forEach((parts, at) => {
    const line = document.querySelector('[data-key="e' + at + '"]');
    if (line && parts.length) line.addEventListener("click", () => toggle(parts.slice(0, 1)));
    else if (line) line.style.cursor = "default";
  });
  document.getElementById("search").addEventListener("input", search);
}

function search() {
  const words = document.getElementById("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = document.getElementById("found");
  found.replaceChildren();
  if (!words.length) return;
  data.parts.forEach(([name, shown, kind], part) => {
    const text = (name + " " + shown + " " + kind).toLowerCase();
    if (found.childElementCount >= 60 || !words.every((word) => text.includes(word))) return;
    const item = element("li");
    const button = element("button", shown);
    button.onclick = () => toggle([part]);
    item.append(button);
    found.append(item);
  });
}

function overview() {
  const n = data.parts.length;
  document.getElementById("headline").textContent = n + " single failures: " + data.harmless + " harmless, " + (n - data.harmless) +
    " noticed by somebody. " + data.pairs + " pairs do harm that neither part does alone.";
  const body = document.querySelector("#singles tbody");
  for (const parts of data.groups) {
    const row = element("tr");
    const names = parts.slice(0, 6).map(label).join(", ") + (parts.length > 6 ? " and " + (parts.length - 6) + " more" : "");
    row.append(element("td", names));
    const cell = element("td"), list = element("ul");
    listOutcomes(list, alone[parts[0]], NOTICED);
    cell.append(list);
    row.append(cell);
    row.onclick = () => { failed.clear(); toggle([parts[0]]); window.scrollTo({ top: 0, behavior: "smooth" }); };
    body.append(row);
  }
  if (!data.groups.length) document.getElementById("singles").replaceChildren(element("p", "No single failure is noticed by anybody.", "good"));
  if (data.assumed.length) {
    const section = document.getElementById("assumed");
    section.append(element("h2", "Taken for granted, since the lab does not say"));
    const list = element("ul");
    data.assumed.forEach((what) => list.append(element("li", what, "soft")));
    section.append(list);
  }
}

function promises() {
  if (!data.promises.length) return;
  const section = document.getElementById("promises");
  const rank = { REFUTED: 0, "not judged": 1, proved: 2 }, look = { REFUTED: "bad", "not judged": "warn", proved: "good" };
  section.append(element("h2", "What was promised"));
  const table = element("table"), body = element("tbody");
  for (const [name, says, verdict, because] of [...data.promises].sort((one, other) => rank[one[2]] - rank[other[2]])) {
    const row = element("tr"), first = element("td");
    first.append(element("span", verdict, look[verdict]), element("br"), element("span", name, "soft"));
    row.append(first, element("td", says), element("td", because));
    body.append(row);
  }
  table.append(body);
  section.append(table);
}

overview();
promises();
wire();
fromAddress();
show();
