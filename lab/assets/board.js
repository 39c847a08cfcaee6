"use strict";
// The map of the playground: three canvases on top of each other, for parts that change rarely, with each step, and with each frame.
const boards = (() => {

// Board draws on a map, whose layers are canvases. A view is the center and half of the height of the visible part.
function Board(map, layers) {
  let drawn = 0; // the step up to which the trails are drawn; 0 for none

  // box is the part of the plane that a view shows, with one scale along both axes.
  this.box = ([x, y, half]) => {
    const wide = half * map.clientWidth / map.clientHeight;
    return { x0: x - wide, x1: x + wide, y0: y - half, y1: y + half, scale: map.clientHeight / (2 * half) };
  };

  // point returns the position of a pointer in the plane.
  this.point = (e, view) => {
    const at = map.getBoundingClientRect(), b = this.box(view);
    return [b.x0 + (e.clientX - at.left) / b.scale, b.y1 - (e.clientY - at.top) / b.scale];
  };

  // fit gives the layers the size of the map, and renew makes the next frame draw the trails anew.
  this.fit = () => layers.forEach(l => Object.assign(l, { width: map.clientWidth * devicePixelRatio, height: map.clientHeight * devicePixelRatio }));
  this.renew = () => drawn = 0;

  // pen returns the context of a layer, in pixels of the page.
  function pen(layer, clear) {
    const ctx = layer.getContext("2d");
    ctx.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    if (clear) ctx.clearRect(0, 0, map.clientWidth, map.clientHeight);
    ctx.lineJoin = ctx.lineCap = "round";
    return ctx;
  }

  // background draws the relief, the scales and the minimizers.
  this.background = (view, grid, minimizers) => {
    const css = getComputedStyle(map), b = this.box(view), [width, height] = [map.clientWidth, map.clientHeight];
    contour.draw(layers[0], grid, grid.columns, grid.rows, css);
    const ctx = pen(layers[0], false), paper = css.getPropertyValue("--paper");
    ctx.font = "12px " + css.fontFamily;
    const write = (text, x, y) => {
      if (x > width - 30 || y < 28 || y > height - 6 || x < 6) return;
      ctx.lineWidth = 3;
      ctx.strokeStyle = paper;
      ctx.strokeText(text, x, y);
      ctx.fillStyle = css.getPropertyValue("--soft");
      ctx.fillText(text, x, y);
    };
    ctx.textAlign = "center";
    for (const x of charts.round(b.x0, b.x1, width / 70)) if (place(b, x, 0)[0] > 30) write(charts.compact(x), place(b, x, 0)[0], height - 7);
    ctx.textAlign = "left";
    for (const y of charts.round(b.y0, b.y1, height / 70)) if (place(b, 0, y)[1] < height - 28) write(charts.compact(y), 7, place(b, 0, y)[1] + 4);
    for (const m of minimizers) star(ctx, ...place(b, ...m), css.getPropertyValue("--ink"), paper);
    drawn = 0;
  };

  // frame draws walkers at a step, each in its style: the new part of the trails, the heads, the start, and the ball at the start.
  this.frame = (view, k, walkers, styles, start, descent) => {
    const b = this.box(view), css = getComputedStyle(map), paper = css.getPropertyValue("--paper"), from = k >= drawn ? drawn : 0;
    const trails = pen(layers[1], from === 0), heads = pen(layers[2], true), [sx, sy] = place(b, ...start);
    if (descent) balls.draw(heads, descent, sx, sy, Math.min(map.clientWidth, map.clientHeight) / 6, css);
    walkers.forEach((w, i) => {
      if (!w.path) return;
      const { x, y } = w.path, end = Math.min(k, x.length - 1);
      trails.strokeStyle = heads.fillStyle = charts.colour(styles[i]);
      trails.lineWidth = 1.75;
      trails.setLineDash(styles[i].dash ?? []);
      trails.lineDashOffset = w.drawn = from ? w.drawn : 0;
      trails.beginPath();
      let before = null;
      for (let j = Math.min(from, end); j <= end; j++) {
        const at = place(b, x[j], y[j]);
        trails.lineTo(...at);
        if (before) w.drawn += Math.hypot(at[0] - before[0], at[1] - before[1]);
        before = at;
      }
      trails.stroke();
      heads.beginPath();
      heads.arc(...before, 5, 0, 2 * Math.PI);
      heads.fill();
      heads.lineWidth = 1.5;
      heads.strokeStyle = paper;
      heads.stroke();
    });
    drawn = Math.max(1, k);
    for (const [width, colour] of [[4, paper], [2, css.getPropertyValue("--ink")]]) {
      heads.beginPath();
      heads.arc(sx, sy, 7, 0, 2 * Math.PI);
      heads.lineWidth = width;
      heads.strokeStyle = colour;
      heads.stroke();
    }
  };
}

// place returns the position of a point on the map in pixels, clamped to coordinates that a canvas can draw.
function place(b, x, y) {
  const near = v => Math.max(-1e5, Math.min(1e5, v));
  return [near((x - b.x0) * b.scale), near((b.y1 - y) * b.scale)];
}

function star(ctx, x, y, fill, rim) {
  ctx.beginPath();
  for (let i = 0; i < 10; i++) {
    const r = i % 2 ? 3.2 : 8, t = Math.PI * i / 5;
    ctx.lineTo(x + r * Math.sin(t), y - r * Math.cos(t));
  }
  ctx.closePath();
  ctx.lineWidth = 2;
  ctx.strokeStyle = rim;
  ctx.stroke();
  ctx.fillStyle = fill;
  ctx.fill();
}

return { Board };
})();
