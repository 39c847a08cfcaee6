#!/usr/bin/env bash
# Adadelta in TensorFlow.js 4.22.0.
#
# Adadelta scales a gradient by RMS(earlier updates) / RMS(gradients), and the paper counts the new gradient in the denominator
# (algorithm 1, line 4 before line 5). TensorFlow.js takes the denominator without it. Both means start at 0, so the first ratio is
# exactly 1 and the first update is the gradient itself. Both means then take in the same number, the ratio is 1 again, and so on for
# ever. The method named Adadelta is plain gradient descent, whatever rho and epsilon are.
#
# Guess before the run: small first steps of about sqrt(epsilon), of the same size for a gradient of 1 and of 100.
# Seen with tfjs-core 4.22.0 on the cpu backend, gradients of scales 1 and 100 in two coordinates, 200 steps:
# adadelta(0.1), adadelta(0.1, 0.5, 1e-2) and sgd(0.1) end at the same bits
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --save-exact @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 >/dev/null
cat >run.js <<'JS'
const tf = require('@tensorflow/tfjs-core');
require('@tensorflow/tfjs-backend-cpu');

// end returns the weights after 200 steps on fixed pseudo-random gradients.
function end(method) {
  const weight = tf.variable(tf.tensor1d([1, 2]));
  let seed = 1;
  const next = () => (seed = (seed * 16807) % 2147483647) / 2147483647 - 0.5;
  for (let step = 0; step < 200; step++) {
    method.applyGradients([{name: weight.name, tensor: tf.tensor1d([next(), 100 * next()])}]);
  }
  return Array.from(weight.dataSync());
}

tf.setBackend('cpu');
console.log('tfjs-core', tf.version_core);
const sgd = end(tf.train.sgd(0.1));
const adadelta = end(tf.train.adadelta(0.1));
const other = end(tf.train.adadelta(0.1, 0.5, 1e-2));
console.log('sgd     ', sgd);
console.log('adadelta', adadelta);
console.log('adadelta with rho 0.5 and epsilon 0.01', other);
const same = (a, b) => a.every((value, i) => Object.is(value, b[i]));
if (!same(sgd, adadelta) || !same(sgd, other)) {
  console.log('Adadelta is no longer gradient descent');
  process.exit(1);
}
JS
node run.js
