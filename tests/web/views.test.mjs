// What a person does in each view, by mouse and by finger, and the pixels that follow.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { mirrored, models, noPage, notice, openPage, report, settled, shoot, startBrowser, still, stopBrowser } from "./lib/browser.mjs";
import { read, shipped } from "./lib/files.mjs";

const kPixelStep = 1.01 / 255; // the screen has 8 bits
const kTextStep = 1e-3; // of a number that the address holds with four digits
const kPlaneCell = 28; // CSS pixels of the plane's scale
const [first] = models;
const named = (name) => models.some((model) => model.name === name);

if (!noPage) {
  before(startBrowser);
  after(stopBrowser);
}

const control = (page, name) => page.locator(`#mirror [data-name="${name}"]`);
const press = (page, name) => control(page, name).press("Space");
const numbers = (text) => (text ? text.split(",").map(Number) : []);

// Where a control or picture is in the window.
async function place(page, name) {
  const [x, y, width, height] = numbers((await report(page)).get(`item.${name}`));
  assert.ok(width > 0, `'${name}' is not on the screen: ${await report(page)}`);
  const canvas = await page.locator("#canvas").boundingBox();
  return { x: canvas.x + x, y: canvas.y + y, width, height };
}

async function screen(page, clip) {
  const { PNG } = await import("pngjs");
  return PNG.sync.read(await page.screenshot({ clip }));
}

// The picture in a rectangle, read at the middle of each of its pixels: the red channel in [0, 1].
function pictureIn({ width, data }, rows, columns, box = { x: 0, y: 0, width, height: data.length / 4 / width }) {
  const values = new Float32Array(rows * columns);
  for (let i = 0; i < values.length; ++i) {
    const x = Math.floor(box.x + ((i % columns) + 0.5) * (box.width / columns));
    const y = Math.floor(box.y + (Math.floor(i / columns) + 0.5) * (box.height / rows));
    values[i] = data[4 * (y * width + x)] / 255;
  }
  return values;
}

function largest(a, b) {
  assert.equal(a.length, b.length);
  return a.reduce((max, value, i) => Math.max(max, Math.abs(value - b[i])), 0);
}

// What the page's own engine says: { pictures, latents } as arrays.
const sample = (page, request) =>
  page.evaluate(async (request) => {
    const { pictures, latents, height, width } = await window.latentCanvas.sample(request);
    return { pictures: [...pictures], latents: [...latents], height, width };
  }, request);

const rested = async (page, hash) => {
  await page.evaluate((hash) => (location.hash = hash), hash);
  return settled(page);
};

// A touch of one or more fingers: each a list of [x, y] on its way.
async function touch(page, ...ways) {
  const session = await page.context().newCDPSession(page);
  const at = (step) => ways.map((way, id) => ({ x: way[step][0], y: way[step][1], id }));
  await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: at(0) });
  for (let step = 1; step < ways[0].length; ++step) {
    await session.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: at(step) });
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
}

// Presses at those places, as a mouse or a finger, the events so many milliseconds apart whatever their way here takes.
async function presses(page, hand, apart, ...places) {
  const session = await page.context().newCDPSession(page);
  let timestamp = (Date.now() - apart * places.length) / 1000; // the last is now
  for (const [x, y] of places) {
    for (const way of ["Down", "Up"]) {
      timestamp += (way === "Up" ? 20 : apart - 20) / 1000;
      if (hand === "tap") {
        const touchPoints = way === "Down" ? [{ x, y }] : [];
        await session.send("Input.dispatchTouchEvent", { type: way === "Down" ? "touchStart" : "touchEnd", touchPoints, timestamp });
      } else {
        const type = way === "Down" ? "mousePressed" : "mouseReleased";
        await session.send("Input.dispatchMouseEvent", { type, x, y, button: "left", clickCount: 1, timestamp });
      }
    }
  }
}

test("a sample that is clicked becomes the latent vector in hand", { skip: noPage }, async () => {
  const page = await openPage({ hash: "seed=7&count=16" });
  const [x, y, columns, , width, height, gap] = numbers((await settled(page)).get("grid"));
  const canvas = await page.locator("#canvas").boundingBox();
  const index = columns + 1; // second row, second column
  await page.mouse.click(canvas.x + x + 1.5 * width + gap, canvas.y + y + 1.5 * height + gap);
  assert.equal((await settled(page)).get("selected"), String(index));
  const { latents } = await sample(page, { seed: 7, count: 16 });
  const size = latents.length / 16;
  for (const number of [0, 1, 2]) {
    const shown = Number(await control(page, `latent.${number}`).getAttribute("aria-valuetext")); // two digits
    assert.ok(Math.abs(shown - latents[index * size + number]) <= 0.0051, `z${number + 1} is ${shown}`);
  }
  await page.context().close();
});

test("the plane is dragged, magnified by the wheel, and a press on it chooses", { skip: noPage || !named("vae2d-mnist") }, async () => {
  const page = await openPage({ hash: "model=vae2d-mnist&seed=7&count=16&selected=0&tab=explore" });
  await settled(page); // of two numbers the plane comes first
  const plane = await place(page, "plane");
  const middle = [plane.x + plane.width / 2, plane.y + plane.height / 2];
  // A strip far from the mark of the chosen picture moves with the mouse, pixel by pixel.
  const strip = { x: plane.x + 40, y: plane.y + 40, width: 200, height: 60 };
  const old = await screen(page, strip);
  await page.mouse.move(...middle);
  await page.mouse.down();
  await page.mouse.move(middle[0] + 30, middle[1] + 20, { steps: 4 });
  await page.mouse.move(middle[0] + 56, middle[1] + 28, { steps: 4 });
  await page.mouse.up();
  await page.mouse.move(2, 2);
  const dragged = await settled(page);
  const anew = await screen(page, { ...strip, x: strip.x + 56, y: strip.y + 28 });
  const differing = old.data.filter((value, i) => Math.abs(value - anew.data[i]) > 1).length;
  console.log(`dragged by 56, 28: ${differing} of ${old.data.length} bytes differ; plane=${dragged.get("plane")}`);
  assert.ok(new Set(old.data).size > 16, "an even picture proves nothing");
  assert.equal(differing, 0);
  const [, , scale] = numbers(dragged.get("plane"));
  await page.mouse.move(...middle);
  for (let i = 0; i < 4; ++i) await page.mouse.wheel(0, -100);
  await page.waitForFunction((scale) => {
    const plane = new URLSearchParams(window.latentCanvas.report()).get("plane");
    return Math.abs(Number(plane.split(",")[2]) / scale - 0.5) < 0.01;
  }, scale);
  await page.mouse.click(middle[0] + 100, middle[1]);
  const chosen = await settled(page);
  const [u, v, now] = numbers(chosen.get("plane"));
  const z = numbers(chosen.get("z"));
  console.log(`pressed 100 px right of (${u}, ${v}) at ${now} a picture: z = ${z}`);
  const expected = [u + (100 * now) / kPlaneCell, v];
  z.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) < 0.01, `expected ${expected}`));
  await page.context().close();
});

test("two fingers magnify the plane, one drags it", { skip: noPage || !named("vae2d-mnist") }, async () => {
  const page = await openPage({
    hash: "model=vae2d-mnist&count=16&selected=0&tab=explore&explore=plane",
    width: 360,
    height: 740,
    hasTouch: true,
    isMobile: true,
  });
  await settled(page);
  const { x, y, width, height } = await place(page, "plane");
  const at = (across, down) => [x + width * across, y + height * down];
  await touch(page, [at(0.5, 0.5), at(0.45, 0.5), at(0.3, 0.5)]);
  const dragged = numbers((await settled(page)).get("plane"));
  assert.ok(dragged[0] > 0, `a finger to the left moves the middle to the right, found ${dragged}`);
  const picked = (await report(page)).get("z");
  await touch(page, [at(0.45, 0.5), at(0.35, 0.5), at(0.3, 0.5)], [at(0.55, 0.5), at(0.65, 0.5), at(0.7, 0.5)]);
  const after = await settled(page);
  const [, , scale] = numbers(after.get("plane"));
  console.log(`pinch from 0.1 to 0.4 of the width: ${dragged[2]} to ${scale} a picture`);
  assert.ok(Math.abs(dragged[2] / scale - 4) < 0.2, `expected four times, found ${dragged[2] / scale}`);
  assert.equal(after.get("z"), picked, "a pinch is no press");
  assert.equal(await page.evaluate(() => visualViewport.scale), 1, "the browser does not zoom as well");
  await page.context().close();
});

test("a random walk moves by itself until it is stopped", { skip: noPage }, async () => {
  const page = await openPage({ hash: "seed=7&count=16&selected=0&tab=explore" });
  await settled(page);
  await press(page, "walk");
  const next = (old) =>
    page.waitForFunction((old) => {
      const z = new URLSearchParams(window.latentCanvas.report()).get("z");
      return z && z !== old ? z : null;
    }, old);
  const one = await (await next(null)).jsonValue();
  await next(one);
  await press(page, "walk");
  const rest = (await settled(page)).get("z");
  await still(async () => (await report(page)).get("frames"), 300);
  assert.equal((await report(page)).get("z"), rest);
  await page.context().close();
});

test("a - b + c is the sum of three latent vectors", { skip: noPage }, async () => {
  const page = await openPage({ hash: "seed=7&count=16&tab=explore&explore=sum&picks=7.3_7.5_7.9" });
  await settled(page);
  await control(page, "sum.take").press("Space");
  const z = numbers((await settled(page)).get("z"));
  const { latents } = await sample(page, { seed: 7, count: 16 });
  const size = latents.length / 16;
  const of = (i) => latents.slice(i * size, (i + 1) * size);
  const [a, b, c] = [of(3), of(5), of(9)];
  assert.equal(z.length, size);
  z.forEach((value, i) => assert.ok(Math.abs(value - (a[i] - b[i] + c[i])) < kTextStep * 5, `z${i + 1}`));
  await page.context().close();
});

test("a morph is scrubbed and played, on the sphere and on the line", { skip: noPage }, async () => {
  // Of a model without classes: between two classes the way is that of the latent vectors and of the labels.
  const { name } = models.find(({ family }) => family === "dcgan" || family === "golden");
  const page = await openPage({ hash: `model=${name}&seed=7&count=16&tab=morph` });
  await settled(page);
  const { pictures, latents, height, width } = await sample(page, { seed: 7, count: 2 });
  const size = latents.length / 2;
  const [a, b] = [latents.slice(0, size), latents.slice(size)];
  const shown = async () => pictureIn(await screen(page, await place(page, "morph")), height, width);
  const grey = (values) => Float32Array.from(values.slice(0, height * width));
  assert.ok(largest(await shown(), grey(pictures)) <= kPixelStep, "it begins with the first sample");
  await control(page, "morph.along").fill("0.5");
  await settled(page);
  const dot = a.reduce((sum, value, i) => sum + value * b[i], 0) / Math.hypot(...a) / Math.hypot(...b);
  const share = Math.sin(Math.acos(dot) / 2) / Math.sin(Math.acos(dot));
  const middle = async (weight) =>
    grey((await sample(page, { latents: a.map((value, i) => weight * (value + b[i])), count: 1 })).pictures);
  const sphere = await shown();
  const onSphere = largest(sphere, await middle(share));
  await press(page, "morph.line");
  await settled(page);
  const line = await shown();
  const onLine = largest(line, await middle(0.5));
  console.log(`sphere ${(onSphere * 255).toFixed(2)}/255, line ${(onLine * 255).toFixed(2)}/255, apart ${largest(sphere, line).toFixed(2)}`);
  assert.ok(onSphere <= kPixelStep && onLine <= kPixelStep);
  assert.ok(largest(sphere, line) > kPixelStep);
  await press(page, "morph.play");
  await page.waitForFunction(() => Number(new URLSearchParams(window.latentCanvas.report()).get("along")) > 0.25);
  await press(page, "morph.play");
  await settled(page);
  await page.context().close();
});

// From and To of the morph, as the pixels of its first and last picture say it.
async function endsAre(page, [from, to]) {
  const { pictures, height, width } = await sample(page, { seed: 7, count: 16 });
  const shown = async () => pictureIn(await screen(page, await place(page, "morph")), height, width);
  for (const [along, index] of [
    ["0", from],
    ["1", to],
  ]) {
    await control(page, "morph.along").fill(along);
    await settled(page);
    await page.mouse.move(2, 2);
    const at = index * height * width;
    assert.ok(largest(await shown(), Float32Array.from(pictures.slice(at, at + height * width))) <= kPixelStep, `sample ${index}`);
  }
}

// The middle of picture `index` of the grid.
async function samplePlace(page, index) {
  const [x, y, columns, , width, height, gap] = numbers((await settled(page)).get("grid"));
  const canvas = await page.locator("#canvas").boundingBox();
  return [
    canvas.x + x + ((index % columns) + 0.5) * (width + gap),
    canvas.y + y + (Math.floor(index / columns) + 0.5) * (height + gap),
  ];
}

test("From and To are pressed and then a sample, by mouse and by keyboard", { skip: noPage }, async () => {
  const page = await openPage({ hash: `model=${first.name}&seed=7&count=16&tab=morph` });
  await settled(page);
  await mirrored(page, [/button "From: choose a sample"/, /button "To: choose a sample"/]);
  await endsAre(page, [0, 1]);
  const from = await place(page, "morph.from");
  await page.mouse.click(from.x + from.width / 2, from.y + from.height / 2);
  await settled(page);
  await shoot(page, "views-morph-choose");
  await page.mouse.click(...(await samplePlace(page, 5)));
  await settled(page);
  await endsAre(page, [5, 1]);
  await control(page, "morph.to").focus();
  await page.keyboard.press("Enter");
  await mirrored(page, [/button "To: press a sample"/, /button "Take the selected one" \[disabled\]/]);
  await control(page, "grid").focus();
  for (let i = 0; i < 10; ++i) await page.keyboard.press("ArrowRight");
  await mirrored(page, [/button "Take sample 10"/]);
  await control(page, "morph.take").focus();
  await page.keyboard.press("Enter");
  await settled(page);
  await endsAre(page, [5, 9]);
  await page.context().close();
});

for (const [hand, options] of [
  ["click", {}],
  ["tap", { width: 360, height: 740, hasTouch: true, isMobile: true }],
]) {
  test(`a double ${hand} on a sample keeps it for Morph`, { skip: noPage }, async () => {
    const page = await openPage({ hash: `model=${first.name}&seed=7&count=16`, ...options });
    const slip = options.hasTouch ? [9, -7] : [0, 0]; // a finger does not land twice in one place
    {
      const [x, y] = await samplePlace(page, 9);
      await presses(page, hand, 600, [x, y], [x, y]);
      assert.equal((await settled(page)).get("picks") ?? "", "", "two presses are no double one");
    }
    for (const index of [6, 3]) {
      const [x, y] = await samplePlace(page, index);
      await presses(page, hand, 150, [x, y], [x + slip[0], y + slip[1]]);
      await mirrored(page, [/Kept for Morph: \d/]);
      await settled(page);
    }
    await shoot(page, `views-kept-${hand}`);
    assert.match((await report(page)).get("picks"), /^7\.6[^_]*_7\.3[^_]*$/);
    await press(page, "tab.morph");
    await settled(page);
    await endsAre(page, [6, 3]);
    await page.context().close();
  });
}

test("a comparison shows real pictures and both kinds of model, at any time of their training", { skip: noPage || shipped.length === 0 }, async () => {
  const page = await openPage({ hash: "seed=7&count=16&tab=compare" });
  await page.waitForFunction(() => new URLSearchParams(window.latentCanvas.report()).has("item.compare.2"));
  await settled(page);
  await page.mouse.move(2, 2);
  await mirrored(page, [/img "Real examples"/, new RegExp(`img "${first.title}`)]);
  await shoot(page, "views-compare");
  const { pictures, height, width } = await sample(page, { seed: 7, count: 1 });
  const block = await place(page, "compare.1");
  const cell = await page.evaluate(() => devicePixelRatio); // whole pixels: the first picture begins at the corner
  const shot = await screen(page, block);
  const scale = [8, 7, 6, 5, 4, 3, 2, 1].find((scale) => {
    const seen = pictureIn(shot, height, width, { x: 0, y: 0, width: scale * width * cell, height: scale * height * cell });
    return largest(seen, Float32Array.from(pictures.slice(0, height * width))) <= kPixelStep;
  });
  console.log(`the first picture of the first model at ${scale} pixels a pixel`);
  assert.ok(scale, "the first picture is not the engine's");
  const end = shot.data.toString("base64");
  await control(page, "compare.time").fill("0");
  await settled(page);
  await mirrored(page, [/iteration [\d,]+"/]);
  assert.notEqual((await screen(page, block)).data.toString("base64"), end, "the first iteration looks like the last");
  const third = shipped.find(({ name, draws }) => draws === "pictures" && ![first.name, "vae-mnist"].includes(name));
  await press(page, `compare.${third.name}`);
  await page.waitForFunction(() => new URLSearchParams(window.latentCanvas.report()).has("item.compare.3"));
  assert.deepEqual((await settled(page)).get("compare").split(","), [first.name, "vae-mnist", third.name]);
  await page.context().close();
});

for (const [hand, options] of [
  ["a mouse", {}],
  ["a pen", { pointerType: "pen" }],
  ["a finger", { width: 360, height: 740, hasTouch: true, isMobile: true }],
]) {
  test(`a digit drawn with ${hand} is encoded, decoded and told`, { skip: noPage || shipped.length === 0 }, async () => {
    const { pointerType, ...view } = options;
    const page = await openPage({ hash: "count=16&tab=draw", ...view });
    await settled(page);
    const { x, y, width } = await place(page, "draw.canvas");
    const way = [0.3, 0.4, 0.5, 0.6, 0.7].map((down) => [x + width * 0.5, y + width * down]);
    if (view.hasTouch) {
      await touch(page, way);
    } else if (pointerType) {
      const session = await page.context().newCDPSession(page);
      const send = (type, [x, y], buttons) =>
        session.send("Input.dispatchMouseEvent", { type, x, y, button: "left", buttons, clickCount: 1, pointerType });
      await send("mouseMoved", way[0], 0);
      await send("mousePressed", way[0], 1);
      for (const at of way.slice(1)) await send("mouseMoved", at, 1);
      await send("mouseReleased", way.at(-1), 0);
    } else {
      await page.mouse.move(...way[0]);
      await page.mouse.down();
      for (const at of way.slice(1)) await page.mouse.move(...at);
      await page.mouse.up();
    }
    // The encoder and the classifier come by themselves.
    const said = page.locator("#mirror").getByText(/Looks like \d, \d+ %/);
    await said.waitFor({ state: "attached", timeout: 60_000 });
    await page.waitForFunction(() => document.querySelector('#mirror [data-name="draw.reconstruction.0"]'));
    const now = await settled(page);
    console.log(`${hand}: ${await said.innerText()}, drawing of ${now.get("drawing").length} letters`);
    assert.match(await said.innerText(), /Looks like 1,/, "a stroke downwards");
    await mirrored(page, [/img "drawing"/, /img "reconstruction"/, /img "difference 0\.\d+"/]);
    if (!view.hasTouch) {
      const box = await place(page, "draw.reconstruction.0");
      const old = (await screen(page, box)).data.toString("base64");
      await control(page, "code.0").fill("2.5");
      await settled(page);
      assert.notEqual((await screen(page, box)).data.toString("base64"), old, "an edited code changes nothing");
    }
    await page.context().close();
  });
}

test("a file that is dropped is played", { skip: noPage }, async () => {
  const page = await openPage({ hash: "seed=7&count=16" });
  await settled(page);
  const text = Buffer.from(read(first)).toString("base64");
  await page.evaluate((text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], "dropped.lcw"));
    const target = document.getElementById("canvas");
    for (const type of ["dragover", "drop"])
      target.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
  }, text);
  await page.waitForFunction(() => window.latentCanvas.state().model === "dropped");
  assert.equal(await page.locator("#drop").isHidden(), true);
  await page.context().close();
});

test("a figure stands beside its data before anybody moves", { skip: noPage || !shipped.some(({ draws }) => draws === "figure") }, async () => {
  const { name } = shipped.find(({ draws }) => draws === "figure");
  const page = await openPage({ hash: `model=${name}` });
  await mirrored(page, [/slider "Iteration"/]); // of the whole file; a player has no timeline
  await page.context().close();
});

test("what did not come without a network comes when it is back", { skip: noPage || shipped.length === 0 }, async () => {
  const page = await openPage();
  await settled(page);
  await page.context().setOffline(true);
  await page.mouse.move(300, 300);
  await page.waitForFunction(() => /did not arrive/.test(document.getElementById("notices").textContent));
  await page.context().setOffline(false);
  await mirrored(page, [/slider "Iteration"/]); // of the whole file
  await page.context().close();
});

test("links to models that draw nothing open where they work", { skip: noPage || shipped.length === 0 }, async () => {
  for (const { name } of shipped.filter(({ draws, sees }) => !draws && sees.length > 0)) {
    const page = await openPage({ hash: `model=${name}` });
    await page.waitForFunction((name) => new URLSearchParams(window.latentCanvas.report()).get("shown") === name, name);
    await settled(page);
    assert.equal(await notice(page), "", name);
    await mirrored(page, [/tab "Draw" \[selected\]/]);
    await page.context().close();
  }
});

test("a page that frames this one plays through window.latentCanvas", { skip: noPage }, async () => {
  const inner = await openPage({
    wait: false,
    before: (page) =>
      page.route("**/embedding.html", (route) =>
        route.fulfill({ contentType: "text/html", body: '<!doctype html><title>outer</title><iframe src="./" width="900" height="700"></iframe>' }),
      ),
  });
  await inner.goto(new URL("embedding.html", inner.url()).href);
  const answer = await inner.evaluate(async (text) => {
    const [frame] = document.querySelectorAll("iframe");
    while (!frame.contentWindow?.latentCanvas) await new Promise((done) => setTimeout(done, 20));
    const { latentCanvas } = frame.contentWindow;
    const state = await latentCanvas.ready;
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const { name } = await latentCanvas.load(bytes, "mine.lcw");
    const drawn = await latentCanvas.sample({ model: name, seed: 3, count: 2 });
    const again = await latentCanvas.sample({ model: name, latents: drawn.latents, count: 2 });
    const refused = await latentCanvas.load(new Uint8Array(9), "bad.lcw").catch(({ message, code }) => ({ message, code }));
    return { state, name, count: drawn.count, same: drawn.pictures.every((value, i) => Math.abs(value - again.pictures[i]) < 1e-5), refused };
  }, Buffer.from(read(first)).toString("base64"));
  assert.equal(answer.state.model ?? first.name, first.name);
  assert.deepEqual([answer.name, answer.count], ["mine", 2]);
  assert.ok(answer.same, "its latents draw the same pictures again");
  assert.match(answer.refused.message, /^bad\.lcw: /);
  assert.ok(answer.refused.code >= 300);
  await inner.context().close();
});
