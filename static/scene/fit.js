// Type as large as the room allows: the font size of a box, in which all else is measured in em.

const STEPS = 9; // of a bisection: finer than a pixel

export function fit(box, smallest, largest) {
  const fits = (size) => {
    box.style.fontSize = `${size}px`;
    return box.scrollHeight <= box.clientHeight && box.scrollWidth <= box.clientWidth;
  };
  if (fits(largest)) return;
  let [low, high] = [smallest, largest];
  for (let step = 0; step < STEPS; step += 1) {
    const middle = (low + high) / 2;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  fits(low); // where not even the smallest fits, the box scrolls
}
