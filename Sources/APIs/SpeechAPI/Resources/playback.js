// The answers, on the audio thread: played in order, held at any sample and taken up with the next one,
// or dropped at once. How far the listener has come is told to the line every 100 ms.

const REPORT = 0.1;

class Playback extends AudioWorkletProcessor {
  constructor() {
    super();
    this.pieces = [];
    this.offset = 0;
    this.isHeld = false;
    this.line = null;
    this.lastReport = 0;
    this.turn = 0;
    this.captures = false;
    this.port.onmessage = ({ data }) => {
      if (data.line) {
        this.line = data.line;
        this.line.onmessage = ({ data: order }) => this.obey(order);
      }
      if ("captures" in data) this.captures = data.captures;
    };
  }

  obey(order) {
    if (order.piece) {
      this.pieces.push(order.piece);
    } else if (order.hold !== undefined) {
      this.isHeld = order.hold;
    } else if (order.drop) {
      this.pieces = [];
      this.offset = 0;
      this.isHeld = false;
    }
    this.report();
  }

  process(_, outputs) {
    const output = outputs[0][0];
    let filled = 0;
    while (!this.isHeld && filled < output.length && this.pieces.length > 0) {
      const { samples } = this.pieces[0];
      const count = Math.min(output.length - filled, samples.length - this.offset);
      output.set(samples.subarray(this.offset, this.offset + count), filled);
      filled += count;
      this.offset += count;
      this.turn = this.pieces[0].turn;
      this.heard = this.pieces[0].start + (this.offset / sampleRate) * 1000;
      if (this.offset < samples.length) break;
      this.pieces.shift();
      this.offset = 0;
      if (this.pieces.length === 0) this.report();
    }
    if (this.captures && filled > 0) this.port.postMessage({ captured: output.slice(0, filled), turn: this.turn });
    if (currentTime - this.lastReport >= REPORT) this.report();
    return true;
  }

  /** Says how far the answer was rendered, and how much waits. */
  report() {
    this.lastReport = currentTime;
    if (!this.line || !this.turn) return;
    const waiting = this.pieces.reduce((sum, piece) => sum + piece.samples.length, 0) - this.offset;
    this.line.postMessage({ heard: this.heard, waiting: (Math.max(0, waiting) / sampleRate) * 1000, turn: this.turn });
  }
}

registerProcessor("playback", Playback);
