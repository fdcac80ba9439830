// A conversation as the page knows it: what was said, who speaks, how long turns took. It knows no page.

/** The state of a conversation, fed with the messages of the server. */
export class Conversation {
  constructor() {
    /** @type {{who: "user"|"assistant", text: string, partial?: boolean, cut?: boolean, turn?: number}[]} */
    this.captions = [];
    this.state = "closed";
    this.turns = [];
    this.log = [];
    this.heard = { turn: 0, ms: 0 };
  }

  /** Takes a message; returns what changed: "captions", "state", "turns", or "problem" with its text. */
  take(message) {
    this.log.push({ at: Date.now(), message });
    if (this.log.length > 500) this.log.shift();
    switch (message.type) {
      case "ready": return this.become("listening");
      case "conversation_state":
        if (message.events.includes("speech_start")) return this.become("hearing");
        return this.become(message.state);
      case "transcription": return this.caption("user", message.text, { partial: message.partial });
      case "speaking": return this.become("speaking");
      case "response_audio": return this.caption("assistant", message.response_text, { turn: message.turn });
      case "paused": return this.become("held");
      case "resumed": return this.become("speaking");
      case "interrupted": return this.cut(message);
      case "turn_timings":
        this.turns.push(message);
        if (this.turns.length > 30) this.turns.shift();
        return ["turns"];
      case "error": return ["problem", message.message];
      default: return [];
    }
  }

  become(state) {
    this.state = state;
    return ["state"];
  }

  caption(who, text, { partial = false, turn }) {
    const last = this.captions.at(-1);
    if (last && last.who === who && (last.partial || (turn !== undefined && last.turn === turn))) {
      last.text = last.partial ? text : `${last.text} ${text}`;
      last.partial = partial;
    } else {
      this.captions.push({ who, text, partial, turn });
      if (this.captions.length > 200) this.captions.shift();
    }
    return ["captions"];
  }

  /** An answer ended early: what was not heard of it is taken out. */
  cut({ turn, heard_text: heard }) {
    const caption = this.captions.findLast((one) => one.who === "assistant" && one.turn === turn);
    if (caption) {
      caption.text = heard ? `${heard} …` : "…";
      caption.cut = true;
    }
    this.state = "listening";
    return ["captions", "state"];
  }
}
