#!/usr/bin/env bash
# Where TensorFlow.js 4.22.0 keeps the momentum of a variable.
#
# An optimizer of TensorFlow.js keeps its state in a list, by the position of the variable in the call, although it is told the name.
# minimize takes a list of the variables to train. Who trains [a, b] first and only b afterwards, to freeze a, gives b the momentum of
# a. Momentum, Adagrad, Adam, Adamax and RMSProp all do so. Where the shapes differ and can be broadcast, there is no error either.
#
# Guess before the run: the state follows the name. A frozen variable changes nothing for the others.
# Seen with tfjs 4.22.0 on the cpu backend, momentum 0.9 at rate 0.1, gradient 100 of a and 1 of b. The sixth step of b is
# -0.469 if a is trained with it and -36.956 if a is frozen for it
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --save-exact @tensorflow/tfjs@4.22.0 >/dev/null
cat >run.js <<'JS'
const tf = require('@tensorflow/tfjs');

// sixth returns the sixth step of b, where a is trained with it in the first five steps and perhaps in the sixth.
function sixth(method, frozen) {
  const a = tf.variable(tf.tensor1d([0]));
  const b = tf.variable(tf.tensor1d([0]));
  const loss = () => tf.sum(tf.add(tf.mul(a, 100), b));
  for (let step = 0; step < 5; step++) method.minimize(loss, false, [a, b]);
  const before = b.dataSync()[0];
  method.minimize(loss, false, frozen ? [b] : [a, b]);
  return b.dataSync()[0] - before;
}

tf.setBackend('cpu');
console.log('tfjs', tf.version.tfjs);
const methods = {
  momentum: () => tf.train.momentum(0.1, 0.9),
  adagrad: () => tf.train.adagrad(0.1),
  adam: () => tf.train.adam(0.1),
  adamax: () => tf.train.adamax(0.1),
  rmsprop: () => tf.train.rmsprop(0.1),
};
let changed = false;
for (const [name, make] of Object.entries(methods)) {
  const together = sixth(make(), false);
  const alone = sixth(make(), true);
  console.log(name, 'a trained too:', together.toFixed(4), 'a frozen:', alone.toFixed(4));
  if (together.toFixed(4) === alone.toFixed(4)) changed = true;
  if (name === 'momentum' && Math.abs(alone + 36.956) > 0.01) changed = true;
}
if (changed) {
  console.log('the state no longer follows the position');
  process.exit(1);
}
JS
node run.js
