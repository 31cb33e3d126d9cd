// The page's side of the sound: starts the audio thread, and sends it what to play.

export class Player extends EventTarget {
  constructor(core, processor = "/page/processor.js") {
    super();
    this.core = core;
    this.processor = processor;
    this.context = null;
    this.node = null;
    this.starting = null;
    this.waiting = [];
    this.volume = 0.8;
  }

  get running() {
    return this.context?.state === "running";
  }

  // Starts the sound; browsers allow that only within a key press or a click.
  async start() {
    this.starting ??= this.open();
    await this.starting;
    if (this.context.state !== "running") await this.context.resume();
  }

  async open() {
    this.context = new AudioContext({ latencyHint: "interactive" });
    await this.context.audioWorklet.addModule(this.processor);
    this.node = new AudioWorkletNode(this.context, "exnihilo-player", {
      numberOfInputs: 0,
      outputChannelCount: [2],
      processorOptions: { core: this.core },
    });
    this.node.onprocessorerror = () => this.dispatchEvent(new Event("failed"));
    this.gain = new GainNode(this.context, { gain: this.volume });
    this.analyser = new AnalyserNode(this.context, { fftSize: 2048 });
    this.node.connect(this.gain).connect(this.analyser).connect(this.context.destination);
    this.node.port.onmessage = ({ data }) => {
      this.dispatchEvent(new CustomEvent(data.type, { detail: data }));
    };
    for (const message of this.waiting) this.node.port.postMessage(message);
    this.waiting = [];
  }

  // Sends a message to the audio thread, once there is one. Of what replaces itself only the
  // last waits.
  send(message) {
    if (this.node) {
      this.node.port.postMessage(message);
      return;
    }
    const key = (one) => `${one.type} ${one.voice}`;
    this.waiting = this.waiting.filter((one) => key(one) !== key(message));
    this.waiting.push(message);
  }

  setVolume(volume) {
    this.volume = volume;
    if (this.gain) this.gain.gain.setTargetAtTime(volume, this.context.currentTime, 0.01);
  }

  // Decodes a WAV file to samples at the rate of the sound.
  async decode(bytes) {
    await this.start();
    return this.context.decodeAudioData(bytes);
  }
}
