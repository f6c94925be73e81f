// Two Streamlit components of the blocks page: the drawing, and the equations. Terms and layers light each other.

const here = new URL(import.meta.url);
const part = (name) => import(new URL(`./${name}.js${here.search}`, here).href); // one version of all files
const [{ DrawingView }, { EquationView }] = await Promise.all(["drawing", "equations"].map(part));

const views = new WeakMap();

export default function ({ data, parentElement: root }) {
  if (!views.has(root)) {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = new URL(`./blocks.css${here.search}`, here).href;
    root.append(style);
    views.set(root, new (data.svg ? DrawingView : EquationView)(root));
  }
  views.get(root).update(data);
  return () => {
    views.get(root)?.end();
    views.delete(root);
  };
}
