#!/usr/bin/env bash
# Centred RMSProp in TensorFlow.js 4.22.0 and its epsilon.
#
# Centred RMSProp divides by sqrt(mean of squares - square of the mean + epsilon). TensorFlow.js puts epsilon within the brackets of
# what is subtracted, so it makes the denominator smaller. Where the estimated variance is below epsilon, the root is of a negative
# number and the weight is NaN. A gradient of 0 does it in the first step, and so does any gradient below 1e-3 at the default epsilon
# of 1e-7. A gradient of 0.01 that stays the same does it later. epsilon, there to prevent a division by zero, is what causes the NaN.
#
# Guess before the run: a zero gradient moves nothing, and a gradient of 1e-3 moves a weight by at most a few learning rates.
# Seen with tfjs-core 4.22.0 on the cpu backend, rate 0.001, decay 0.9: gradient 0 and gradients of plus and minus 0.0005 in turn give
# NaN in step 1. A constant 0.01 gives NaN in step 66. The plain form stays finite in all three
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --save-exact @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 >/dev/null
cat >run.js <<'JS'
const tf = require('@tensorflow/tfjs-core');
require('@tensorflow/tfjs-backend-cpu');

// firstNaN returns the first step after which the weight is NaN, or 0 if there is none in 200 steps.
function firstNaN(gradient, centered) {
  const weight = tf.variable(tf.tensor1d([1]));
  const method = tf.train.rmsprop(0.001, 0.9, 0, 1e-7, centered);
  for (let step = 1; step <= 200; step++) {
    method.applyGradients([{name: weight.name, tensor: tf.tensor1d([gradient(step)])}]);
    if (Number.isNaN(weight.dataSync()[0])) return step;
  }
  return 0;
}

tf.setBackend('cpu');
console.log('tfjs-core', tf.version_core);
const cases = {
  'always 0': [() => 0, 1],
  '+-0.0005': [step => (step % 2 ? 5e-4 : -5e-4), 1],
  'always 0.01': [() => 0.01, 66],
};
let changed = false;
for (const [name, [gradient, expected]] of Object.entries(cases)) {
  const centred = firstNaN(gradient, true);
  const plain = firstNaN(gradient, false);
  console.log('gradient', name, '- first NaN of the centred form in step', centred, '- of the plain form', plain || 'never');
  if (centred !== expected || plain !== 0) changed = true;
}
if (changed) {
  console.log('the centred form has changed');
  process.exit(1);
}
JS
node run.js
