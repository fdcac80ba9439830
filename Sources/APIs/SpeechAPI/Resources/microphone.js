// The microphone, on the audio thread: 16-bit samples in pieces of 20 ms, each with the number of its first sample.

const PIECE = 480;

class Microphone extends AudioWorkletProcessor {
  constructor() {
    super();
    this.piece = new Int16Array(PIECE);
    this.filled = 0;
    this.first = 0;
    this.line = null;
    this.isMuted = false;
    this.port.onmessage = ({ data }) => {
      if (data.line) this.line = data.line;
      if ("muted" in data) this.isMuted = data.muted;
    };
  }

  process(inputs) {
    // The first blocks may have no channel, and a second channel may appear.
    const input = inputs[0]?.[0];
    if (!input || !this.line) return true;
    for (let index = 0; index < input.length; index += 1) {
      const sample = this.isMuted ? 0 : Math.max(-1, Math.min(1, input[index]));
      this.piece[this.filled] = Math.round(sample * 32767);
      this.filled += 1;
      if (this.filled < PIECE) continue;
      this.line.postMessage({ sound: this.piece.buffer, first: this.first }, [this.piece.buffer]);
      this.piece = new Int16Array(PIECE);
      this.filled = 0;
      this.first += PIECE;
    }
    return true;
  }
}

registerProcessor("microphone", Microphone);
