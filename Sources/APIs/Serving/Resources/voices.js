/**
 * Voices for a menu, by language: `[{ label, voices: [{ id, label }] }]`. The order of `voices` is that of preference; the
 * language of the first comes first, the others by name. `nameOf` tells the name of a language's code.
 */
export function voiceGroups(voices, nameOf = languageName) {
  const groups = new Map();
  for (const voice of voices) {
    const tag = (voice.languages || [voice.language])[0] || "";
    const label = tag ? nameOf(tag.split("-")[0]) : "Any language";
    if (!groups.has(label)) groups.set(label, []);
    // A voice that is called by its language alone has a better name in its description.
    const name = voice.name === tag && voice.description ? voice.description : voice.name;
    groups.get(label).push({ id: voice.id, label: tag && tag !== name ? `${name} – ${tag}` : name });
  }
  const [first, ...others] = [...groups].map(([label, members]) => ({ label, voices: members }));
  return first ? [first, ...others.sort((one, other) => one.label.localeCompare(other.label))] : [];
}

/** The English name of a language, or its code when it has none. */
function languageName(code) {
  try {
    return new Intl.DisplayNames(["en"], { type: "language" }).of(code) || code;
  } catch {
    return code;
  }
}

/** Puts the voices into a `select` behind its first option, and keeps what was chosen. */
export function fillVoices(select, groups) {
  const chosen = select.value;
  while (select.children.length > 1) select.lastElementChild.remove();
  for (const { label, voices } of groups) {
    const group = document.createElement("optgroup");
    group.label = label;
    group.append(...voices.map((voice) => new Option(voice.label, voice.id)));
    select.append(group);
  }
  select.value = chosen;
  if (select.selectedIndex < 0) select.selectedIndex = 0;
}
