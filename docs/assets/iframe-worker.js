// Search in a site that is opened from a folder. Browsers refuse to start workers there, so a
// hidden frame does the work of one.
(() => {
  if (location.protocol !== "file:") return
  class FrameWorker extends EventTarget {
    constructor(url) {
      super()
      const frame = document.createElement("iframe")
      frame.hidden = true
      document.body.append(frame)
      this.waiting = []
      this.inner = frame.contentWindow
      this.inner.IFrameWorker = FrameWorker
      this.inner.postMessage = data => this.dispatchEvent(new MessageEvent("message", { data }))
      this.inner.importScripts = async (...urls) => {
        for (const one of urls) await this.load(one)
      }
      this.load(url).then(() => {
        const waiting = this.waiting
        this.waiting = null
        waiting.forEach(data => this.postMessage(data))
      })
    }
    load(url) {
      return new Promise((resolve, reject) => {
        const script = this.inner.document.createElement("script")
        script.onload = resolve
        script.onerror = reject
        script.src = new URL(url, location.href).href
        this.inner.document.body.append(script)
      })
    }
    postMessage(data) {
      if (this.waiting) this.waiting.push(data)
      else this.inner.dispatchEvent(new this.inner.MessageEvent("message", { data }))
    }
  }
  window.IFrameWorker = window.Worker = FrameWorker
})()
