// A plot of how long the parts of each turn took, from the end of speech to the first sound of the answer.

const PARTS = [
  ["endpointing_ms", "until the turn counted as over"], ["transcription_ms", "transcript"], ["first_token_ms", "first words"],
  ["synthesis_ms", "first sound"],
];
const NAMESPACE = "http://www.w3.org/2000/svg";

function shape(name, attributes, text) {
  const element = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text) element.textContent = text;
  return element;
}

/** Draws the turns into an SVG element, and says them in words for those who do not see it. */
export function drawTurns(svg, turns) {
  const spoken = turns.filter((turn) => turn.first_audio_ms !== null).slice(-12);
  const longest = Math.max(600, ...spoken.map((turn) => turn.first_audio_ms));
  const width = 600;
  const row = 18;
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${width} ${Math.max(1, spoken.length) * row + 4}`);
  spoken.forEach((turn, index) => {
    let x = 40;
    const y = index * row + 2;
    const group = shape("g", {});
    group.append(shape("title", {}, sentence(turn)));
    group.append(shape("text", { x: 0, y: y + 12, class: "number" }, `${turn.turn}`));
    for (const [key] of PARTS) {
      const length = ((turn[key] ?? 0) / longest) * (width - 120);
      group.append(shape("rect", { x, y, width: Math.max(0, length), height: row - 4, class: key }));
      x += length;
    }
    group.append(shape("text", { x: x + 6, y: y + 12 }, `${Math.round(turn.first_audio_ms)} ms`));
    svg.append(group);
  });
  svg.setAttribute("aria-label", spoken.length ? spoken.map(sentence).join(" ") : "No turn so far.");
}

function sentence(turn) {
  const parts = PARTS.filter(([key]) => turn[key] !== null).map(([key, name]) => `${name} ${Math.round(turn[key])} ms`);
  return `Turn ${turn.turn}: ${Math.round(turn.first_audio_ms ?? 0)} ms; ${parts.join(", ")}.`;
}
