// Looks at pages of `ecrm report` in a real browser, light and dark, on a phone and a desktop, and on paper: nothing in
// the console, nothing requested, nothing that scrolls sideways but what has a box for it, no text cut or over another,
// contrasts and names as WCAG 2.2 A and AA want them, and a keyboard that finds its way.
//
//   node tests/browser/check.mjs PAGE.html…
//
// MODULES is the folder whose node_modules has puppeteer-core and axe-core, CHROMIUM the browser [chromium]; where SHOTS
// names a folder, each look is kept there as a picture.
import { createRequire } from "node:module";
import { readFileSync, existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(resolve(process.env.MODULES ?? ".", "package.json"));
const puppeteer = require("puppeteer-core").default ?? require("puppeteer-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const chromium = process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);

const SCHEMES = ["light", "dark"];
const WIDTHS = [360, 1280];
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** What is wrong with how the page is laid out; runs in the page. */
function measure() {
  const wrong = [];
  const name = (element) =>
    `${element.tagName.toLowerCase()}${element.id ? "#" + element.id : ""} "${element.textContent.trim().slice(0, 40)}"`;
  // What a closed details holds has rectangles, and is not seen.
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
  const meet = (a, b) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1.5 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1.5;
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) wrong.push(`the page scrolls sideways: ${root.scrollWidth} > ${root.clientWidth}`);

  // Colours as the browser computes them, laid over each other.
  const rgb = (text) => (text.match(/[\d.]+/g) ?? []).map(Number);
  const light = (text) => {
    const [r, g, b] = rgb(text).map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  const paper = getComputedStyle(document.body).backgroundColor;

  for (const svg of document.querySelectorAll("svg")) {
    if (!isSeen(svg)) continue;
    const box = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll("text")].map((text) => ({ text, rect: text.getBoundingClientRect() }));
    const fills = [...svg.querySelectorAll("rect[class^=h]")].map((rect) => ({ rect: rect.getBoundingClientRect(), fill: getComputedStyle(rect).fill }));
    for (const [place, { text, rect }] of texts.entries()) {
      if (rect.left < box.left - 1 || rect.right > box.right + 1 || rect.top < box.top - 1 || rect.bottom > box.bottom + 1)
        wrong.push(`cut: ${name(text)} in ${name(svg.querySelector("title"))}`);
      for (const other of texts.slice(place + 1))
        if (meet(rect, other.rect)) wrong.push(`over another: ${name(text)} and ${name(other.text)} in ${name(svg.querySelector("title"))}`);
      const below = text.classList.contains("cell") ? fills.find((fill) => meet(fill.rect, rect))?.fill : paper;
      const ratio = contrast(getComputedStyle(text).fill, below ?? paper);
      if (ratio < 4.5) wrong.push(`contrast ${ratio.toFixed(2)}: ${name(text)} in ${name(svg.querySelector("title"))}`);
      const height = parseFloat(getComputedStyle(text).fontSize) * (box.width / svg.viewBox.baseVal.width);
      if (height < 9) wrong.push(`${height.toFixed(1)} px high: ${name(text)}`);
    }
  }

  const blocks = "h1,h2,p,li,dt,dd,figcaption,summary,caption,th,td,.cards span,a";
  const leaves = [...document.querySelectorAll(blocks)].filter(isSeen).filter((element) => !element.querySelector(blocks));
  for (const element of leaves) {
    const box = element.closest(".scroll");
    if (element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== "inline")
      wrong.push(`cut: ${name(element)}: ${element.scrollWidth} > ${element.clientWidth}`);
    const rect = element.getBoundingClientRect();
    if (!box && !element.classList.contains("skip") && (rect.left < -1 || rect.right > innerWidth + 1)) wrong.push(`beyond the page: ${name(element)}`);
  }
  // What is in a scrolling box is cut off by it where others begin.
  const free = leaves.filter((element) => !element.classList.contains("skip"));
  const rects = free.map((element) => ({ element, box: element.closest(".scroll"), rect: element.getBoundingClientRect() }));
  rects.sort((a, b) => a.rect.top - b.rect.top);
  for (const [place, one] of rects.entries()) {
    for (const other of rects.slice(place + 1)) {
      if (other.rect.top >= one.rect.bottom) break;
      if (one.box === other.box && meet(one.rect, other.rect)) wrong.push(`over another: ${name(one.element)} and ${name(other.element)}`);
    }
  }
  return wrong;
}

const browser = await puppeteer.launch({
  executablePath: chromium,
  args: ["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb", "--hide-scrollbars"],
});
let failures = 0;
let looks = 0;
const report = (where, wrong) => {
  looks += 1;
  const lines = [...new Set(wrong)];
  failures += lines.length;
  lines.slice(0, 30).forEach((line) => console.error(`${where}: ${line}`));
};

for (const file of process.argv.slice(2)) {
  const url = pathToFileURL(resolve(file)).href;
  for (const scheme of SCHEMES) {
    for (const width of WIDTHS) {
      const where = `${basename(file, ".html")} ${scheme} ${width}`;
      const wrong = [];
      const page = await browser.newPage();
      page.on("console", (message) => wrong.push(`console: ${message.text()}`));
      page.on("pageerror", (error) => wrong.push(`error: ${error.message}`));
      page.on("request", (request) => {
        if (request.url() !== url && !request.url().startsWith("data:")) wrong.push(`requested: ${request.url()}`);
      });
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      await page.setViewport({ width, height: 800, isMobile: width < 500, deviceScaleFactor: 1 });
      await page.goto(url, { waitUntil: "load" });
      await page.keyboard.press("Tab");
      const first = await page.evaluate(() => {
        const { className } = document.activeElement;
        const { left, width } = document.activeElement.getBoundingClientRect();
        return className === "skip" && left >= 0 && width > 0;
      });
      if (!first) wrong.push("the first stop of the keyboard is not the way past the contents");
      await page.evaluate(() => document.activeElement.blur());
      wrong.push(...(await page.evaluate(measure)));
      if (process.env.SHOTS)
        await page.screenshot({ path: resolve(process.env.SHOTS, where.replaceAll(" ", "-") + ".png"), fullPage: true });
      await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
      wrong.push(...(await page.evaluate(measure)));
      await page.evaluate(axe);
      const { violations } = await page.evaluate((tags) => axe.run(document, { runOnly: { type: "tag", values: tags } }), RULES);
      for (const { id, help, nodes } of violations)
        for (const node of nodes) wrong.push(`axe ${id}: ${help}: ${node.html.slice(0, 120)} ${node.any?.[0]?.message ?? ""}`);
      report(where, wrong);
      await page.close();
    }
  }
  // A4 less its margins, at 96 pixels an inch.
  const page = await browser.newPage();
  await page.setViewport({ width: 680, height: 1000 });
  await page.emulateMediaType("print");
  await page.goto(url, { waitUntil: "load" });
  report(`${basename(file, ".html")} print`, await page.evaluate(measure));
  await page.close();
}
await browser.close();
if (failures > 0) {
  console.error(`${failures} faults in ${looks} looks`);
  process.exit(1);
}
console.log(`${looks} looks, nothing wrong`);
