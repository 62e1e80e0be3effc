// The viewer: which schedule and which step are shown, and every control that changes that. `#schedule=2&step=7` behind
// the address begins there.

const traces = JSON.parse(byId("traces").textContent).traces;
const view = { trace: 0, position: 0, timer: null };

/** The trace that is shown. */
function current() {
  return traces[view.trace];
}

/** The number, or the nearest that is in range; 0 for what is no number. */
function within(number, last) {
  return Math.min(Math.max(Math.trunc(number) || 0, 0), last);
}

/** Shows another schedule, from its beginning. */
function choose(number) {
  pause();
  view.trace = within(number, traces.length - 1);
  byId("position").max = current().steps.length;
  byId("which").value = view.trace + 1;
  byId("chosen").value = `${view.trace + 1} of ${traces.length}`;
  showHeading(current());
  showLanes(current());
  showPageProcesses(current());
  go(0);
}

/** Shows the state after so many steps. */
function go(position) {
  const steps = current().steps.length;
  view.position = within(position, steps);
  byId("position").value = view.position;
  byId("at").value = view.position === 0 ? `before 1 of ${steps}` : `${view.position} of ${steps}`;
  byId("position").setAttribute("aria-valuetext", byId("at").value);
  disable("first", view.position === 0);
  disable("back", view.position === 0);
  disable("forward", view.position === steps);
  disable("violation", !current().violation);
  disable("play", steps === 0);
  showState(current(), view.position);
  byId("said").textContent = spoken(current(), view.position);
}

/** Disables a button; the focus goes on to one that can be used. */
function disable(id, off) {
  const had = document.activeElement === byId(id);
  byId(id).disabled = off;
  if (had && off) {
    byId(id === "forward" ? "back" : "forward").focus();
  }
}

/** The next step while it plays: back to the loop's beginning where steps repeat, else a stop at the end. */
function tick() {
  const { steps, repeats_from: loop } = current();
  if (view.position < steps.length) {
    go(view.position + 1);
  } else if (loop !== undefined) {
    go(loop + 1);
  }
  if (view.position === steps.length && loop === undefined) {
    pause();
  }
}

function play() {
  if (view.position === current().steps.length && current().repeats_from === undefined) {
    go(0);
  }
  view.timer = setInterval(tick, Number(byId("speed").value));
  showPlaying(true);
}

function pause() {
  clearInterval(view.timer);
  view.timer = null;
  showPlaying(false);
}

function showPlaying(playing) {
  byId("play").textContent = playing ? "Pause" : "Play";
  byId("play").setAttribute("aria-pressed", String(playing));
}

function toggle() {
  if (view.timer === null) {
    play();
  } else {
    pause();
  }
}

/** Goes somewhere by hand, which ends playing. */
function jump(position) {
  pause();
  go(position);
}

const controls = {
  first: () => jump(0),
  back: () => jump(view.position - 1),
  play: toggle,
  forward: () => jump(view.position + 1),
  violation: () => jump(current().steps.length),
};

const keys = {
  ArrowRight: controls.forward,
  ArrowLeft: controls.back,
  Home: controls.first,
  End: () => jump(current().steps.length),
  " ": toggle,
  v: () => current().violation && controls.violation(),
  "[": () => choose(view.trace - 1),
  "]": () => choose(view.trace + 1),
};

/** Keys work everywhere, but for elements that use them themselves. */
function pressed(event) {
  const action = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  const own = event.key === " " ? "input, select, button, summary, a" : "input, select";
  if (!action || event.ctrlKey || event.altKey || event.metaKey || event.target.closest(own)) {
    return;
  }
  event.preventDefault();
  action();
}

function begin() {
  for (const [id, action] of Object.entries(controls)) {
    byId(id).addEventListener("click", action);
  }
  byId("position").addEventListener("input", (event) => jump(Number(event.target.value)));
  byId("which").max = traces.length;
  byId("which").addEventListener("input", (event) => choose(Number(event.target.value) - 1));
  byId("choose").hidden = traces.length < 2;
  byId("speed").addEventListener("change", () => {
    if (view.timer !== null) {
      pause();
      play();
    }
  });
  byId("page-process").addEventListener("change", () => showPage(current(), view.position));
  byId("page-all").addEventListener("change", () => showPage(current(), view.position));
  document.addEventListener("keydown", pressed);
  const asked = new URLSearchParams(location.hash.slice(1));
  choose(Number(asked.get("schedule") || 1) - 1);
  go(Number(asked.get("step") || 0));
}

if (traces.length > 0) {
  begin();
}
