#!/usr/bin/env bash
# Weights of the points in ml-levenberg-marquardt 5.1.0, the curve fitting of the ml.js libraries.
#
# A Gauss-Newton step is the gradient divided by the curvature, and the squared weights w² belong in both. The library computes 1/w² once. It divides
# the residuals of the gradient by it, which is right, and multiplies the curvature by it, which turns the weights round there. With the same weight
# w for all points the steps are w⁴ times as long as they should be: 16 times at w = 2. Every step then overshoots, steps that
# make the fit worse are kept as the next start, and in the end the best point seen is returned, which is the start itself. At w = 0.1 the
# steps are 10,000 times too short, and a hundred of them hardly leave the start. There is no error, and nothing tells that it has not converged.
# Without weights, and with those of 1, the fit is right.
#
# Guess before the run: a factor that all weights have in common changes no fit, and a straight line is found in a few steps.
# Seen with ml-levenberg-marquardt 5.1.0 and ml-matrix 6.15.1 on Node.js, the line through the points (x, 3 + 2x) from the start (0, 0), after a
# hundred iterations: at weight 1 it is 3 + 2x; at 2 and at 10 it is the start 0 + 0x; at 0.1 it is 0.030 + 0.020x
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --save-exact ml-levenberg-marquardt@5.1.0 ml-matrix@6.15.1 >/dev/null
cat >fit.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { levenbergMarquardt } from 'ml-levenberg-marquardt';

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
console.log('ml-levenberg-marquardt', version('ml-levenberg-marquardt'), 'ml-matrix', version('ml-matrix'));

const x = [0, 1, 2, 3, 4, 5, 6, 7];
const y = x.map((value) => 3 + 2 * value);
const line = ([intercept, slope]) => (value) => intercept + slope * value;

// fit returns the intercept and the slope of the fitted line, where all points have the same weight.
function fit(weight) {
  const result = levenbergMarquardt({ x, y }, line, { weights: weight, initialValues: [0, 0], maxIterations: 100 });
  return result.parameterValues.map((value) => value.toFixed(3)).join(' ');
}

const seen = {};
for (const weight of [1, 2, 10, 0.1]) {
  seen[weight] = fit(weight);
  console.log('weight', weight, 'intercept and slope', seen[weight]);
}
const right = '3.000 2.000';
if (seen[1] !== right || seen[2] !== '0.000 0.000' || seen[10] !== '0.000 0.000' || seen[0.1] === right) {
  console.log('this has changed');
  process.exit(1);
}
JS
node fit.mjs
