// The canvas's controls once more as native elements, unseen and in the same places: for screen readers, for the keyboard
// (Tab walks through them, the canvas shows the focus) and for a phone's own keyboard. What is done to an element is done
// to its control by name; what the canvas shows is written here when it has changed.

const kEverySoOftenMs = 120; // and never at rest: only after frames were drawn
const kOwnChangeMs = 400; // an element that the person just changed is not written meanwhile
const kSaidAgainMs = 1500;

const kChecks = { checkbox: "checkbox", radio: "radio" };

// How a mark of each role begins: an element, and what it does.
const kMakers = {
  button: (act) => pressable("button", act),
  tab: (act) => Object.assign(pressable("button", act), { role: "tab" }),
  checkbox: (act) => check(act),
  radio: (act) => check(act),
  slider: (act) => field("range", "input", act),
  textbox: (act) => field("text", "change", act),
  image: (act, mark) => (mark.pressable ? pressable("button", act) : plain("span", "img")),
  heading: () => plain("h2"),
  status: () => plain("p"),
  alert: () => plain("p", "alert"),
};

function plain(tag, role) {
  const element = document.createElement(tag);
  if (role) element.setAttribute("role", role);
  return element;
}

function pressable(tag, act) {
  const element = Object.assign(document.createElement(tag), { type: "button" });
  element.addEventListener("click", () => act("press"));
  return element;
}

function check(act) {
  const element = document.createElement("input");
  element.addEventListener("click", (event) => {
    event.preventDefault(); // the canvas decides; the next reading shows it
    act("press");
  });
  return element;
}

function field(type, kind, act) {
  const element = Object.assign(document.createElement("input"), { type, autocomplete: "off" });
  element.addEventListener(kind, () => {
    element.changedAt = performance.now();
    act("set", element.value);
  });
  return element;
}

function set(element, name, value) {
  if (value === null) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
  } else if (element.getAttribute(name) !== value) {
    element.setAttribute(name, value);
  }
}

const kWriters = {
  button: writeName,
  image: writeName,
  tab(element, mark) {
    writeName(element, mark);
    set(element, "aria-selected", String(mark.checked));
  },
  checkbox: writeCheck,
  radio: writeCheck,
  slider(element, mark) {
    set(element, "aria-label", mark.label);
    set(element, "min", String(mark.min));
    set(element, "max", String(mark.max));
    set(element, "step", mark.step > 0 ? String(evenStep(mark)) : "any");
    set(element, "aria-valuetext", mark.text || null);
    if (performance.now() - (element.changedAt ?? -Infinity) > kOwnChangeMs && element.value !== String(mark.now))
      element.value = String(mark.now);
  },
  textbox(element, mark) {
    set(element, "aria-label", mark.label);
    set(element, "inputmode", /^-?[\d.]*$/.test(mark.text) ? "numeric" : null);
    if (document.activeElement !== element && element.value !== mark.text) element.value = mark.text;
  },
  heading: writeText,
  status: writeText,
  alert: writeText,
};

// An element stops at whole steps: with one that was rounded up it would not reach its end.
function evenStep({ min, max, step }) {
  const count = Math.round((max - min) / step);
  return count * step > max - min ? Math.floor(((max - min) / count) * 1e9) / 1e9 : step;
}

function writeName(element, mark) {
  set(element, "aria-label", mark.text && mark.text !== mark.label ? `${mark.label}, ${mark.text}` : mark.label);
}

function writeCheck(element, mark) {
  set(element, "type", kChecks[mark.role]);
  writeName(element, mark);
  if (element.checked !== mark.checked) element.checked = mark.checked;
}

function writeText(element, mark) {
  const text = mark.text && mark.text !== mark.label ? `${mark.label} ${mark.text}`.trim() : mark.label;
  if (element.textContent !== text) element.textContent = text;
}

// The elements of `parent` become `wanted`, in that order; those that stay are not moved, so that the focus stays.
function arrange(parent, wanted) {
  const kept = new Set(wanted);
  for (const child of [...parent.children]) if (!kept.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const element of wanted) {
    if (element === next) next = next.nextElementSibling;
    else parent.insertBefore(element, next);
  }
}

export class Mirror {
  #root;
  #canvas;
  #read;
  #act;
  #elements = new Map(); // the mark's key -> { element, mark }
  #boxes = new Map(); // the key of a group or a list of tabs -> its element
  #timer = 0;
  #behind = true;
  #text = "";
  #live = plain("p");
  #said = "";
  #saidAt = 0;

  // `read()` gives the marks as JSON, `act(name, action, value)` operates one.
  constructor({ root, canvas, read, act }) {
    this.#root = root;
    this.#canvas = canvas;
    this.#read = read;
    this.#act = act;
    this.#live.className = "unseen";
    set(this.#live, "aria-live", "polite");
    root.after(this.#live);
    root.addEventListener("focusin", ({ target }) => this.#focus(target));
    root.addEventListener("focusout", ({ relatedTarget }) => {
      if (!root.contains(relatedTarget)) this.#act("", "focus");
    });
    root.addEventListener("keydown", (event) => this.#pass(event));
    root.addEventListener("keyup", (event) => this.#pass(event));
    this.update();
  }

  // Whether the elements have followed the last frame.
  get current() {
    return !this.#behind;
  }

  // A frame was drawn: reads the marks soon, not at once.
  changed() {
    this.#behind = true;
    this.#timer ||= setTimeout(() => this.update(), kEverySoOftenMs);
  }

  update() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#behind = false;
    const text = this.#read();
    if (text === this.#text) return;
    this.#text = text;
    this.#write(JSON.parse(text));
  }

  // The element of a control that lies at a point of the canvas: a text field wants the phone's keyboard.
  textboxAt(x, y) {
    for (const { element, mark } of this.#elements.values()) {
      if (mark.role !== "textbox" || !mark.visible || !mark.enabled) continue;
      if (x >= mark.x && x < mark.x + mark.width && y >= mark.y && y < mark.y + mark.height) return element;
    }
    return null;
  }

  #focus(element) {
    const name = element.dataset.name;
    if (name) this.#act(name, "focus");
  }

  // Keys that a native element has no use for are the canvas's: R, K, ?, 1 to 9, Escape.
  #pass(event) {
    const { key, code, shiftKey, ctrlKey, metaKey, altKey, target } = event;
    if (ctrlKey || metaKey || altKey || target.type === "text" || key === " ") return;
    if (key.length !== 1 && key !== "Escape") return;
    this.#canvas.dispatchEvent(new KeyboardEvent(event.type, { key, code, shiftKey }));
  }

  #write(marks) {
    const seen = new Set();
    const groups = []; // { box, children }
    const open = (kind, label, parentChildren) => {
      const key = `${kind} ${label} ${groups.length}`;
      let box = this.#boxes.get(key);
      if (!box) {
        box = plain("div", kind);
        this.#boxes.set(key, box);
      }
      set(box, "aria-label", label);
      seen.add(key);
      parentChildren.push(box);
      const group = { box, children: [], kind, label };
      groups.push(group);
      return group;
    };
    const top = [];
    let group = null;
    let tabs = null;
    for (const mark of marks) {
      const key = `${mark.role} ${mark.name} ${mark.pressable ?? ""}`;
      if (seen.has(key)) continue;
      seen.add(key);
      let entry = this.#elements.get(key);
      if (!entry) {
        const act = (action, value = "") => this.#act(mark.name, action, value);
        entry = { element: kMakers[mark.role](act, mark) };
        entry.element.dataset.name = mark.name;
        this.#elements.set(key, entry);
      }
      entry.mark = mark;
      const { element } = entry;
      kWriters[mark.role](element, mark);
      if ("disabled" in element && element.disabled === mark.enabled) element.disabled = !mark.enabled;
      // Of "count.16" and "count.36" one is chosen, whatever the class beside them is.
      if (mark.role === "radio") set(element, "name", mark.name.split(".")[0]);
      this.#place(entry);
      if (mark.group !== (group?.label ?? "")) {
        group = mark.group ? open("group", mark.group, top) : null;
        tabs = null;
      }
      const children = group ? group.children : top;
      if (mark.role === "tab") {
        tabs ??= open("tablist", mark.group || "Panels", children);
        tabs.children.push(element);
      } else {
        tabs = null;
        children.push(element);
      }
    }
    for (const { box, children } of groups) arrange(box, children);
    arrange(this.#root, top);
    for (const [key, { element }] of this.#elements) {
      if (seen.has(key)) continue;
      element.remove();
      this.#elements.delete(key);
    }
    for (const key of this.#boxes.keys()) if (!seen.has(key)) this.#boxes.delete(key);
    this.#say(marks.filter(({ role }) => role === "status").map(({ label, text }) => text || label));
  }

  // Where the control is: a screen reader's frame and a finger that feels for it find it there.
  #place(entry) {
    const { element, mark } = entry;
    const place = `${mark.x} ${mark.y} ${mark.width} ${mark.height}`;
    if (entry.place === place) return;
    entry.place = place;
    const { style } = element;
    style.left = `${mark.x}px`;
    style.top = `${mark.y}px`;
    style.width = `${Math.max(1, mark.width)}px`;
    style.height = `${Math.max(1, mark.height)}px`;
  }

  #say(lines) {
    const text = lines.join(". ");
    if (text === this.#said) return;
    const wait = kSaidAgainMs - (performance.now() - this.#saidAt);
    if (wait > 0) {
      this.#text = ""; // read again then
      this.#timer ||= setTimeout(() => this.update(), wait);
      return;
    }
    this.#said = text;
    this.#saidAt = performance.now();
    this.#live.textContent = text;
    setTimeout(() => (this.#live.textContent = ""), kSaidAgainMs); // said, and not to be read twice
  }
}
