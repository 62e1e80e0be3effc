// The process page: its bytes at a position, in rows of 16 with the names of the fields in them.

const ROW = 16;

/** Offers the processes that have pages. */
function showPageProcesses(trace) {
  const names = list(trace, "processes").map((process) => process.name);
  byId("page-process").replaceChildren(...names.map((name) => make("option", {}, name)));
  byId("page-section").hidden = !trace.page_layout || names.length === 0;
  byId("page-choose").hidden = names.length < 2;
}

/** The bytes of a process's page after so many steps, and the offsets that the last of them changed. */
function pageAt(trace, process, position) {
  const bytes = new Uint8Array(trace.page_layout.size);
  let changed = new Set();
  for (let at = 0; at <= position; at += 1) {
    changed = new Set();
    for (const page of list(snapshot(trace, at), "pages").filter((one) => one.process === process)) {
      page.changes.forEach((range) => write(bytes, range, changed));
    }
  }
  return { bytes, changed: position === 0 ? new Set() : changed };
}

function write(bytes, range, changed) {
  for (let at = 0; at < range.bytes.length / 2; at += 1) {
    bytes[range.offset + at] = parseInt(range.bytes.slice(2 * at, 2 * at + 2), 16);
    changed.add(range.offset + at);
  }
}

function showPage(trace, position) {
  if (!trace.page_layout) {
    return;
  }
  const process = byId("page-process").value;
  const { bytes, changed } = pageAt(trace, process, position);
  const all = byId("page-all").checked;
  const rows = [];
  let left = 0;
  for (let offset = 0; offset < bytes.length; offset += ROW) {
    const needed = all || offset < trace.page_layout.contexts_at || inUse(bytes, changed, offset);
    if (needed) {
      rows.push(...gap(left), pageRow(trace.page_layout, bytes, changed, offset));
    }
    left = needed ? 0 : left + 1;
  }
  byId("page").replaceChildren(make("tbody", {}, ...rows, ...gap(left)));
}

function inUse(bytes, changed, offset) {
  return bytes.slice(offset, offset + ROW).some((byte) => byte !== 0) || [...changed].some((at) => at >= offset && at < offset + ROW);
}

/** What stands for rows of zeros that are left out. */
function gap(rows) {
  return rows === 0 ? [] : [make("tr", {}, make("th", {}, "\u22ee"), make("td", { class: "names", colspan: ROW + 1 }, `${rows * ROW} zero bytes`))];
}

function pageRow(layout, bytes, changed, offset) {
  const cells = Array.from(bytes.slice(offset, offset + ROW), (byte, column) => byteCell(layout, byte, offset + column, changed));
  const names = namesIn(layout, offset, changed);
  const address = make("th", { scope: "row" }, offset.toString(16).padStart(3, "0"));
  return make("tr", {}, address, ...cells, make("td", { class: "names" }, names.join(" ")));
}

function byteCell(layout, byte, offset, changed) {
  const field = fieldAt(layout, offset);
  const classes = [byte ? "used" : "", changed.has(offset) ? "changed" : "", field && field.offset === offset ? "begins" : ""];
  const title = field ? `${field.name} + ${offset - field.offset}` : "";
  const text = byte.toString(16).padStart(2, "0");
  const mark = changed.has(offset) ? [make("span", { class: "unseen" }, "changed")] : [];
  return make("td", { class: classes.filter(Boolean).join(" "), title, "data-offset": offset }, text, ...mark);
}

/** The field that a byte belongs to: one of the header, or a register of a thread. */
function fieldAt(layout, offset) {
  if (offset < layout.contexts_at) {
    return layout.fields.find((field) => offset >= field.offset && offset < field.offset + field.size);
  }
  const word = Math.floor((offset - layout.contexts_at) / 4);
  const thread = Math.floor(word / layout.words.length);
  if (thread >= layout.contexts) {
    return undefined;
  }
  const name = `threads[${thread}].${layout.words[word % layout.words.length]}`;
  return { name, offset: layout.contexts_at + 4 * word, size: 4 };
}

/** The names of the fields in a row, the changed ones marked. */
function namesIn(layout, offset, changed) {
  const fields = new Map();
  for (let at = offset; at < offset + ROW; at += 1) {
    const field = fieldAt(layout, at);
    if (field) {
      fields.set(field.name, fields.get(field.name) || changed.has(at));
    }
  }
  return [...fields].map(([name, hit]) => (hit ? `${name} (changed)` : name));
}
