// The conversations that go on, and what happens in one of them.

/** Keeps the list while its box is open; a conversation that is chosen is followed. */
export function sessions(box, list, headers) {
  let following = null;

  async function refresh() {
    const answer = await fetch("./sessions", { headers: headers() });
    if (!answer.ok) {
      list.textContent = answer.status === 401 || answer.status === 403 ? "An API key for administration is needed." : "";
      return;
    }
    const { sessions: live } = await answer.json();
    list.replaceChildren(...live.map((session) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = `Follow ${session.id.slice(0, 8)}`;
      button.addEventListener("click", () => follow(session.id, item));
      item.append(button, ` ${session.attachments > 0 ? "connected" : "waiting for its client"}`);
      return item;
    }));
    if (!live.length) list.textContent = "None goes on.";
  }

  async function follow(id, item) {
    following?.abort();
    following = new AbortController();
    const output = document.createElement("pre");
    output.tabIndex = 0;
    item.append(output);
    const answer = await fetch(`./sessions/${encodeURIComponent(id)}/events?from=1`, {
      headers: headers(), signal: following.signal,
    });
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = ""; ;) {
      const { done, value } = await reader.read();
      if (done) break;
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      for (const line of lines) if (line.startsWith("data: ")) output.textContent += `${line.slice(6)}\n`;
    }
  }

  box.addEventListener("toggle", () => {
    if (box.open) refresh().catch(() => {});
    else following?.abort();
  });
}
