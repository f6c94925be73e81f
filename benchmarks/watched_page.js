// Runs before a page's own scripts and notes when it clicks, sends, receives and draws. Times: ms since navigation.
(() => {
  const GRAPH = "%GRAPH%", NODES = "%NODES%", COUNTER = "%COUNTER%";
  const seen = (window.__seen = { clicks: [], sent: [], received: [], drawn: [] });

  const size = (data) => data.size ?? data.byteLength ?? new TextEncoder().encode(data).length;
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", (event) => seen.received.push([performance.now(), size(event.data)]));
    }
    send(data) {
      seen.sent.push([performance.now(), size(data)]);
      super.send(data);
    }
  };

  // A component may sit in a shadow root, even a closed one: note each as it is made.
  const roots = [document];
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    const root = attach.call(this, options);
    roots.push(root);
    return root;
  };

  for (const kind of ["click", "keydown"])
    window.addEventListener(kind, (event) => seen.clicks.push(event.timeStamp), true);

  let graph = null, last = null;
  const look = () => {
    if (!graph) return;
    const value = graph.getAttribute(COUNTER);
    if (value === last || !(Number(value) > 0)) return;
    last = value;
    const picture = { at: performance.now(), painted: null, value, nodes: null };
    seen.drawn.push(picture);
    requestAnimationFrame(() => requestAnimationFrame(() => {
      picture.painted = performance.now();
      picture.nodes = graph ? [graph, graph.shadowRoot].reduce((n, root) => n + (root?.querySelectorAll(NODES).length ?? 0), 0) : 0;
    }));
  };
  const find = () => {
    if (graph?.isConnected !== true) {
      graph = last = null;
      for (const root of roots) graph ??= root.querySelector(GRAPH);
      if (graph) new MutationObserver(look).observe(graph, { attributes: true, attributeFilter: [COUNTER] });
      look();
    }
    requestAnimationFrame(find);
  };
  requestAnimationFrame(find);
})();
