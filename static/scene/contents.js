// The path of scenes: numbers, questions, titles. A click opens a scene in place; with a modifier it is a link.

const here = new URL(import.meta.url);
const { element, group } = await import(new URL(`./dom.js${here.search}`, here).href);

export function show(root, { scenes }, setTriggerValue) {
  let list = root.querySelector(".contents");
  if (!list) {
    list = element("ol", "contents");
    root.append(list);
  }
  list.style.setProperty("--rows", Math.ceil(scenes.length / 2));
  list.replaceChildren(
    ...scenes.map(({ name, number, title, question, address }) => {
      const link = element("a", "scene");
      link.href = new URL(address, document.baseURI).href;
      link.dataset.name = name;
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        setTriggerValue("chosen", name);
      });
      const words = group("words", element("div", "title", title), element("div", "question", question));
      link.append(element("div", "number", number), words);
      const item = element("li", "");
      item.append(link);
      return item;
    }),
  );
  return () => list.remove();
}
