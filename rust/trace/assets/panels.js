// What is shown of a trace at a position: heading, lanes, connection maps, objects, places; and what is said of it.

function byId(id) {
  return document.getElementById(id);
}

/** An element with attributes and children; text is never taken for markup. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function same(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The state after so many steps. */
function snapshot(trace, position) {
  return position === 0 ? trace.before : trace.steps[position - 1].after;
}

/** A list of a snapshot; what is empty is left out of the JSON. */
function list(state, name) {
  return (state && state[name]) || [];
}

function isFault(step) {
  return step.choice.startsWith("!");
}

function place(step) {
  return step.source ? `${step.source.file.split(/[\\/]/).pop()}:${step.source.line}` : "";
}

function actors(trace) {
  const names = list(trace, "threads").map((thread) => thread.name);
  return [...new Set([...names, ...trace.steps.map((step) => step.thread)])];
}

function showHeading(trace) {
  const preemptions = trace.steps.filter((step) => step.preempts).length;
  const kernel = trace.kernel;
  const parts = [`${trace.steps.length} steps`, `${preemptions} preemptions`];
  if (kernel) {
    parts.push(`${kernel.profile} kernel, ${kernel.slots} slots, connect: ${kernel.connect}, ${kernel.mode}`);
    parts.push(`memory: ${kernel.memory}`);
  }
  byId("title").textContent = trace.scenario || "Trace";
  byId("summary").textContent = parts.join(" \u00b7 ");
  byId("ending").textContent = ending(trace);
  byId("ending").className = trace.violation ? "bad" : "";
  byId("replay").hidden = !trace.schedule;
  byId("schedule").textContent = trace.schedule;
}

function ending(trace) {
  const { violation } = trace;
  return violation ? `${violation.property}: ${violation.message}` : "no property is violated";
}

/** All steps, a column a thread; each is a button that goes there. */
function showLanes(trace) {
  const names = actors(trace);
  const head = make("tr", {}, make("th", { scope: "col" }, "#"), ...names.map((name) => make("th", { scope: "col" }, name)));
  const body = make("tbody");
  trace.steps.forEach((step, number) => {
    if (trace.repeats_from === number) {
      const words = "These steps repeat for ever:";
      body.append(make("tr", {}, make("th"), make("th", { class: "loop", colspan: names.length }, words)));
    }
    const cells = names.map((name) => make("td", {}, ...(name === step.thread ? [stepButton(trace, step, number)] : [])));
    body.append(make("tr", { "data-step": number + 1 }, make("th", { scope: "row" }, String(number + 1)), ...cells));
  });
  byId("lanes").replaceChildren(make("thead", {}, head), body);
}

function stepButton(trace, step, number) {
  const tags = [step.preempts ? "preempts" : "", isFault(step) ? "fault" : ""].filter(Boolean);
  const parts = tags.map((tag) => make("span", { class: "tag" }, `${tag} `));
  parts.push(step.operation, make("span", { class: "got" }, `\u2192 ${step.result}`));
  if (step.source) {
    parts.push(make("span", { class: "from" }, `${place(step)} ${step.source.text || ""}`));
  }
  const button = make("button", { type: "button" }, ...parts);
  button.addEventListener("click", () => jump(number + 1));
  return button;
}

/** Everything that depends on the position. */
function showState(trace, position) {
  markLanes(trace, position);
  showNow(trace, position);
  const after = snapshot(trace, position);
  const before = snapshot(trace, Math.max(position - 1, 0));
  showMaps(trace, before, after);
  showObjects(before, after);
  showPlaces(before, after);
  showPage(trace, position);
}

function markLanes(trace, position) {
  for (const row of byId("lanes").querySelectorAll("[data-step]")) {
    const number = Number(row.dataset.step);
    const wrong = number === trace.steps.length && trace.violation;
    row.className = `${number > position ? "todo" : ""} ${number === position ? "now" : ""} ${wrong ? "wrong" : ""}`;
    const button = row.querySelector("button");
    button.removeAttribute("aria-current");
    if (number === position) {
      button.setAttribute("aria-current", "step");
      reveal(row, button);
    }
  }
}

/** Scrolls the table of steps, and nothing else, until a row is in sight, and the step in it. */
function reveal(row, button) {
  const box = byId("scroll");
  const head = byId("lanes").tHead.offsetHeight;
  const above = row.offsetTop - head - box.scrollTop;
  const below = row.offsetTop + row.offsetHeight - box.scrollTop - box.clientHeight;
  box.scrollTop += above < 0 ? above : Math.max(below, 0);
  const cell = button.parentElement;
  const right = cell.offsetLeft + cell.offsetWidth - box.scrollLeft - box.clientWidth;
  box.scrollLeft += cell.offsetLeft < box.scrollLeft ? cell.offsetLeft - box.scrollLeft : Math.max(right, 0);
}

function showNow(trace, position) {
  const step = trace.steps[position - 1];
  const rows = step ? described(step) : [["state", "before the first step"]];
  if (position === trace.steps.length && trace.violation) {
    rows.push(["violates", ending(trace)]);
  }
  byId("now").replaceChildren(...rows.flatMap(([term, text]) => [make("dt", {}, term), make("dd", {}, text)]));
}

function described(step) {
  const rows = [["thread", step.thread], ["operation", step.operation], ["result", step.result]];
  if (step.source) {
    rows.push(["source", `${step.source.file}:${step.source.line}`], ["line", step.source.text || "(cannot be read)"]);
  }
  if (step.preempts) {
    rows.push(["preempts", "a thread that could have gone on was stopped for this step"]);
  }
  if (isFault(step)) {
    rows.push(["fault", "nobody decided this step"]);
  }
  return rows;
}

function showMaps(trace, before, after) {
  const processes = list(trace, "processes").filter((process) => process.slots > 0);
  byId("maps").replaceChildren(...processes.flatMap((process) => map(process, before, after)));
}

/** The connection map of a process: a cell for each slot. */
function map(process, before, after) {
  const find = (state, cid) => list(state, "connections").find((s) => s.process === process.name && s.cid === cid);
  const cells = Array.from({ length: process.slots }, (_, slot) => cell(slot + 2, find(before, slot + 2), find(after, slot + 2)));
  const used = list(after, "connections").filter((s) => s.process === process.name && s.state !== "free").length;
  const dead = list(after, "dead").includes(process.name) ? ", dead" : "";
  const title = `Connection map of ${process.name} (PID ${process.pid}${dead}): ${used} of ${process.slots} in use`;
  return [make("h2", {}, title), make("ol", { class: "cells", "aria-label": title }, ...cells)];
}

function cell(cid, before, slot) {
  const changed = !same(before, slot);
  const classes = [slot ? slot.state : "free", changed ? "changed" : ""];
  const parts = [make("span", { class: "number" }, `CID ${cid} `)];
  if (slot) {
    classes.push(slot.persistent ? "persistent" : "", slot.stale ? "stale" : "");
    parts.push(make("b", {}, slot.server || slot.state));
    parts.push(...owners(slot).map((words) => make("div", {}, ...breakable(words))));
  } else {
    parts.push(make("span", { class: "unseen" }, "free"));
  }
  if (changed) {
    parts.push(make("span", { class: "unseen" }, ", changed by this step"));
  }
  return make("li", { class: classes.filter(Boolean).join(" "), "data-cid": cid }, ...parts);
}

/** Text that may be broken behind a slash. */
function breakable(text) {
  return text.split(/(?<=\/)/).flatMap((piece) => [piece, make("wbr")]);
}

/** Whose a slot is. */
function owners(slot) {
  const words = list(slot, "holders").map((name) => `held by ${name}`);
  words.push(...list(slot, "stale").map((name) => `stale handle: ${name}`));
  if (slot.persistent) {
    words.push(slot.state === "server" ? "persistent" : "was meant to stay");
  }
  return words;
}

function showObjects(before, after) {
  const objects = list(after, "objects");
  byId("objects-section").hidden = objects.length === 0;
  const head = make("tr", {}, ...["name", "kind", "value"].map((name) => make("th", { scope: "col" }, name)));
  const rows = objects.map((object) => {
    const changed = !list(before, "objects").some((other) => same(other, object));
    const value = make("td", {}, object.value, ...(changed ? [make("span", { class: "unseen" }, " (changed)")] : []));
    return make("tr", { class: changed ? "changed" : "" }, make("th", { scope: "row" }, object.name), make("td", {}, object.kind), value);
  });
  byId("objects").replaceChildren(make("thead", {}, head), make("tbody", {}, ...rows));
}

function showPlaces(before, after) {
  const places = list(after, "places");
  byId("places-section").hidden = places.length === 0;
  const boxes = places.map((box) => {
    const old = list(before, "places").find((other) => other.name === box.name);
    const item = (line) => make("li", { class: old && old.lines.includes(line) ? "" : "changed" }, line);
    return make("div", {}, make("h3", {}, box.name), make("ul", {}, ...box.lines.map(item)));
  });
  byId("places").replaceChildren(...boxes);
}

/** What a screen reader says of a step. */
function spoken(trace, position) {
  const step = trace.steps[position - 1];
  if (!step) {
    return "Before the first step";
  }
  const words = [`Step ${position} of ${trace.steps.length}: ${step.thread}${step.preempts ? " preempts" : ""}`];
  words.push(`${step.operation}, result ${step.result}`);
  const before = snapshot(trace, position - 1);
  const changed = list(step.after, "connections").filter((slot) => !list(before, "connections").some((s) => same(s, slot)));
  words.push(...changed.map((slot) => [`CID ${slot.cid} ${slot.server || slot.state}`, ...owners(slot)].join(", ")));
  if (position === trace.steps.length && trace.violation) {
    words.push(`Violation, ${ending(trace)}`);
  }
  return words.join(". ");
}
