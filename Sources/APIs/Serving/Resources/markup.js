/**
 * Parts of a page as values: a text, or `{ tag, attributes, children }`. A text is never read as HTML, so nothing that a
 * description or an answer says can become part of the page.
 */
export function node(tag, attributes = {}, ...children) {
  return { tag, attributes, children: children.flat().filter((child) => child !== null && child !== undefined) };
}

const spans = /(`+)([^`](?:.*?[^`])??)\1(?!`)|\*\*(\S(?:.*?\S)?)\*\*|(?<=^|[\s(])\*(\S(?:[^*]*\S)?)\*|\[([^\]]+)\]\(((?:[^()\s]|\([^()\s]*\))+)\)/s;

/** The Markdown within a line: code, strong, emphasis and links. */
export function inline(text) {
  const parts = [];
  let rest = text;
  for (let found = spans.exec(rest); found; found = spans.exec(rest)) {
    if (found.index > 0) parts.push(rest.slice(0, found.index));
    const [whole, , code, strong, emphasis, label, target] = found;
    if (code !== undefined) parts.push(node("code", {}, code));
    else if (strong !== undefined) parts.push(node("strong", {}, inline(strong)));
    else if (emphasis !== undefined) parts.push(node("em", {}, inline(emphasis)));
    else parts.push(isSafe(target) ? node("a", { href: target }, inline(label)) : label);
    rest = rest.slice(found.index + whole.length);
  }
  if (rest) parts.push(rest);
  return parts;
}

/** Whether a link leads to the web or stays here; `javascript:` and the like do neither. */
function isSafe(target) {
  return /^https?:\/\//i.test(target) || !/^[^/?#]*:/.test(target);
}

const fence = /^\s*(```+|~~~+)/;
const heading = /^(#{1,6})\s+(.*?)\s*#*$/;
const bullet = /^\s*(?:[-*+]|(\d+)[.)])\s+(.*)$/;
const rule = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

/** The blocks of a Markdown text: paragraphs, headings (of levels below `level`), lists, tables and code. */
export function blocks(text, level = 3) {
  const lines = text.split("\n");
  const made = [];
  let at = 0;
  const isTable = (index) =>
    lines[index].includes("|") && index + 1 < lines.length && lines[index + 1].includes("|") && rule.test(lines[index + 1]);
  while (at < lines.length) {
    const line = lines[at];
    const title = heading.exec(line);
    if (!line.trim()) {
      at += 1;
    } else if (fence.test(line)) {
      const mark = fence.exec(line)[1];
      const code = [];
      for (at += 1; at < lines.length && !lines[at].trim().startsWith(mark); at += 1) code.push(lines[at]);
      at += 1;
      made.push(node("pre", { tabindex: "0" }, node("code", {}, code.join("\n"))));
    } else if (title) {
      made.push(node(`h${Math.min(6, level + title[1].length)}`, {}, inline(title[2])));
      at += 1;
    } else if (isTable(at)) {
      const head = cells(line);
      const rows = [];
      for (at += 2; at < lines.length && lines[at].includes("|"); at += 1) rows.push(cells(lines[at]));
      made.push(table(head.map(inline), rows.map((row) => row.map(inline))));
    } else if (bullet.test(line)) {
      const isNumbered = bullet.exec(line)[1] !== undefined;
      const items = [];
      for (; at < lines.length && lines[at].trim(); at += 1) {
        const item = bullet.exec(lines[at]);
        if (item) items.push(item[2]);
        else items[items.length - 1] += ` ${lines[at].trim()}`;
      }
      made.push(node(isNumbered ? "ol" : "ul", {}, items.map((item) => node("li", {}, inline(item)))));
    } else {
      const words = [];
      for (; at < lines.length && lines[at].trim(); at += 1) {
        if (words.length && (fence.test(lines[at]) || heading.test(lines[at]) || bullet.test(lines[at]) || isTable(at))) break;
        words.push(lines[at].trim());
      }
      made.push(node("p", {}, inline(words.join(" "))));
    }
  }
  return made;
}

/** The cells of a table's line; a `|` in code or behind a backslash does not end one. */
function cells(line) {
  const inner = line.trim().replace(/^\|/, "").replace(/(?<!\\)\|$/, "");
  const made = [""];
  let isCode = false;
  for (let at = 0; at < inner.length; at += 1) {
    const isEscaped = inner[at] === "\\" && inner[at + 1] === "|";
    if (isEscaped) at += 1;
    if (inner[at] === "`") isCode = !isCode;
    if (inner[at] === "|" && !isEscaped && !isCode) made.push("");
    else made[made.length - 1] += inner[at];
  }
  return made.map((cell) => cell.trim());
}

/** A table with a head; what is in the cells is ready. */
export function table(head, rows) {
  return node("div", { class: "wide" }, node("table", {},
    node("thead", {}, node("tr", {}, head.map((cell) => node("th", { scope: "col" }, cell)))),
    node("tbody", {}, rows.map((row) => node("tr", {}, row.map((cell) => node("td", {}, cell)))))));
}
