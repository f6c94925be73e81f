// Watches an upload field of Streamlit: a file that would be refused is stopped before it is sent, and a message says
// why. Streamlit alone shows a red icon. Called again with the same parentElement at every change of data or theme.

const watchers = new WeakMap();

class Watcher {
  constructor(parent) {
    const style = document.createElement("style");
    style.textContent = `
      p { margin: 0; padding: 0.6rem 0.75rem; border-radius: var(--st-base-radius); font-family: var(--st-font);
          font-size: 0.95rem; line-height: 1.45; overflow-wrap: anywhere; color: var(--st-orange-text-color);
          background: var(--st-orange-background-color); }
      p[hidden] { display: none; }`;
    this.message = document.createElement("p");
    this.message.hidden = true;
    this.message.setAttribute("role", "alert");
    this.message.dataset.testid = "upload-refusal";
    parent.append(style, this.message);
    this.events = ["change", "drop"];
    this.hear = (event) => this.judge(event);
    for (const kind of this.events) window.addEventListener(kind, this.hear, true); // before Streamlit's own listeners
  }

  judge(event) {
    const field = event.target?.closest?.(`.${this.data.field}`);
    const files = event.type === "drop" ? event.dataTransfer?.files : event.target?.files;
    if (!field || !files?.length) return;
    const refusal = [...files].map((file) => this.refusal(file)).find(Boolean) ?? "";
    this.message.textContent = refusal;
    this.message.hidden = !refusal;
    if (!refusal) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    if (event.type === "drop") event.target.dispatchEvent(new DragEvent("dragleave", { bubbles: true }));
    else event.target.value = ""; // the same file can be chosen again
  }

  refusal(file) {
    const { suffixes, max_bytes, messages } = this.data;
    const name = file.name.toLowerCase();
    const size = `${(file.size / 2 ** 20).toFixed(file.size < 10 * 2 ** 20 ? 1 : 0)} MiB`;
    const fill = (text) => text.replaceAll("{size}", size).replaceAll("{name}", () => file.name.slice(-80));
    if (!suffixes.some((suffix) => name.endsWith(suffix))) return fill(messages.name);
    if (file.size > max_bytes) return fill(messages.size);
    return file.size ? "" : fill(messages.empty);
  }

  stop() {
    for (const kind of this.events) window.removeEventListener(kind, this.hear, true);
  }
}

export default function (args) {
  let watcher = watchers.get(args.parentElement);
  if (!watcher) watchers.set(args.parentElement, (watcher = new Watcher(args.parentElement)));
  watcher.data = args.data;
  return () => {
    watcher.stop();
    watchers.delete(args.parentElement);
  };
}
