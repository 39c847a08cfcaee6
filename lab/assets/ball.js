"use strict";
// Draws the ball of a norm at a point, the gradient there, and the step of steepest descent: to the point of the ball that minimizes the
// inner product with the gradient.
const balls = (() => {

// draw draws the ball at (x, y) with a radius, all in pixels.
function draw(ctx, descent, x, y, radius, css) {
  const at = v => [x + radius * v[0], y - radius * v[1]], [accent, soft, paper] = ["--accent", "--soft", "--paper"].map(name => css.getPropertyValue(name));
  ctx.beginPath();
  for (const v of descent.rim) ctx.lineTo(...at(v));
  ctx.closePath();
  ctx.fillStyle = accent;
  ctx.globalAlpha = .12;
  ctx.fill();
  ctx.globalAlpha = 1;
  outlined(ctx, 1.5, accent, paper);
  const [a, b] = descent.gradient, size = Math.hypot(a, b);
  if (!(size > 0)) return;
  const step = descent.step, along = [-b / size, a / size];
  ctx.setLineDash([6, 5]);
  line(ctx, at([0, 1].map(i => step[i] - 1.3 * along[i])), at([0, 1].map(i => step[i] + 1.3 * along[i])));
  outlined(ctx, 1.25, soft, paper);
  line(ctx, [x, y], at([-1.25 * a / size, -1.25 * b / size]));
  outlined(ctx, 1.25, soft, paper);
  ctx.setLineDash([]);
  arrow(ctx, x, y, ...at(step));
  outlined(ctx, 2.25, accent, paper);
}

function line(ctx, from, to) {
  ctx.beginPath();
  ctx.moveTo(...from);
  ctx.lineTo(...to);
}

function arrow(ctx, x0, y0, x1, y1) {
  const t = Math.atan2(y1 - y0, x1 - x0);
  line(ctx, [x0, y0], [x1, y1]);
  for (const turn of [2.7, -2.7]) {
    ctx.moveTo(x1 + 11 * Math.cos(t + turn), y1 + 11 * Math.sin(t + turn));
    ctx.lineTo(x1, y1);
  }
}

// outlined strokes a path with an outline in the color of the paper.
function outlined(ctx, width, colour, paper) {
  for (const [w, c] of [[width + 2, paper], [width, colour]]) {
    ctx.lineWidth = w;
    ctx.strokeStyle = c;
    ctx.stroke();
  }
}

// words describes the drawing.
function words(descent, name) {
  const pair = v => "(" + v.map(c => charts.number(c)).join(", ") + ")";
  return `At the start ∇f = ${pair(descent.gradient)}. The point of the ${name} ball that minimizes ⟨∇f, ·⟩ is lmo(∇f) = ${pair(descent.step)}, and ⟨∇f, lmo(∇f)⟩ = −‖∇f‖* = ${charts.number(-descent.dual)}. Dashed: −∇f, and the level set of ⟨∇f, ·⟩ through this point. The ball has radius 1, and is drawn in a size that fits the map.`;
}

return { draw, words };
})();
