"use strict";
// Draws a function on a box of the plane, with shades and contour lines.
const contour = (() => {
const lines = 16;

// heights are the decimal logarithms of values ≥ 0 on a grid. Levels are the heights of the contour lines: evenly spaced from the first
// percentile to the maximum.
function heights(values) {
  const high = values.reduce((a, b) => Math.max(a, b), 0);
  const v = Float64Array.from(values, x => Math.log10(Math.max(x, high * 1e-14, 1e-300)));
  const sorted = Float64Array.from(v).sort(), low = sorted[Math.floor(v.length / 100)], top = sorted[v.length - 1];
  return { v, low, top, levels: Array.from({ length: lines }, (_, i) => low + (top - low) * (i + .5) / lines) };
}

// draw fills a canvas with the relief of a grid of columns × rows, whose first row is the lowest.
function draw(canvas, grid, columns, rows, css) {
  const ctx = canvas.getContext("2d"), { width, height } = canvas, { v, low, top, levels } = grid;
  const [from, to] = ["--low", "--high"].map(name => channels(css.getPropertyValue(name)));
  const image = new ImageData(columns, rows);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) {
    const t = Math.min(1, Math.max(0, (v[i * columns + j] - low) / (top - low || 1))), at = 4 * ((rows - 1 - i) * columns + j);
    for (let c = 0; c < 3; c++) image.data[at + c] = from[c] + (to[c] - from[c]) * t;
    image.data[at + 3] = 255;
  }
  const small = Object.assign(document.createElement("canvas"), { width: columns, height: rows });
  small.getContext("2d").putImageData(image, 0, 0);
  ctx.imageSmoothingQuality = "high";
  ctx.drawImage(small, .5, .5, columns - 1, rows - 1, 0, 0, width, height);
  ctx.strokeStyle = css.getPropertyValue("--contour");
  ctx.lineWidth = devicePixelRatio * .7;
  const px = j => j * width / (columns - 1), py = i => height - i * height / (rows - 1);
  ctx.beginPath();
  for (let i = 0; i + 1 < rows; i++) for (let j = 0; j + 1 < columns; j++) {
    const at = i * columns + j, corner = [v[at], v[at + 1], v[at + columns + 1], v[at + columns]];
    const least = Math.min(...corner), most = Math.max(...corner);
    for (const level of levels) if (least < level && level <= most) cross(ctx, corner, level, px, py, i, j);
  }
  ctx.stroke();
}

// cross draws the line of a level through a cell. The corners go around the cell from the lower left one.
function cross(ctx, corner, level, px, py, i, j) {
  const ends = [[j, i], [j + 1, i], [j + 1, i + 1], [j, i + 1]];
  let met = 0;
  for (let a = 0; a < 4; a++) {
    const b = (a + 1) % 4, one = corner[a], other = corner[b];
    if (one < level === other < level) continue;
    const t = (level - one) / (other - one);
    const x = px(ends[a][0] + (ends[b][0] - ends[a][0]) * t), y = py(ends[a][1] + (ends[b][1] - ends[a][1]) * t);
    met++ % 2 ? ctx.lineTo(x, y) : ctx.moveTo(x, y);
  }
}

// channels returns the red, green and blue of a color such as #fff or #c4cfe2.
function channels(text) {
  const digits = text.trim().slice(1), size = digits.length / 3;
  return [0, 1, 2].map(c => parseInt(digits.slice(c * size, (c + 1) * size).repeat(3 - size), 16));
}

return { heights, draw };
})();
