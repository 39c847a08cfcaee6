#!/usr/bin/env bash
# The positive class of LogisticRegression in linfa 0.8.1, a library for Rust.
#
# The documentation of LogisticRegression says that the predicted probability is that of the label 1. That of predict_probabilities names the larger
# class, and a comment in the source says that the order of the labels decides. linfa counts the rows of both classes instead: the more frequent
# class becomes the positive one. If both are equally frequent, the class of the first row is positive. So the signs of all weights, and the meaning
# of every probability, depend on the sample. Folds of a cross-validation, or the same rows in another order, may disagree. A threshold then
# concerns the other class. The predicted labels are right, and labels() tells which class is positive.
#
# Guess before the run: more x makes label 1 more likely in the data, so the weight is positive, and the probability rises with x.
# Seen with linfa-logistic 0.8.1 and ndarray 0.16.1, five rows with x = -2, -1, 0, 1, 2. Labels 0 0 1 1 1: weight 1.05, probability 0.94 at x = 2.
# Labels 0 0 0 1 1: -1.05 and 0.18. Labels 0 0 1 1 for the rows without x = 0: -1.01 and 0.12, and the same rows in the opposite order: 1.01 and 0.88
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >Cargo.toml <<'TOML'
[package]
name = "finding"
version = "0.1.0"
edition = "2021"

[profile.dev]
debug = false

[dependencies]
linfa = "=0.8.1"
linfa-logistic = "=0.8.1"
ndarray = "=0.16.1"
TOML
mkdir src
cat >src/main.rs <<'RUST'
use linfa::prelude::*;
use linfa_logistic::LogisticRegression;
use ndarray::{array, Array1, Axis};

/// The probability at x = 2 after a fit to these numbers and labels.
fn at_two(x: Array1<f64>, labels: Array1<usize>) -> f64 {
    let rows = Dataset::new(x.clone().insert_axis(Axis(1)), labels.clone());
    let model = LogisticRegression::default().fit(&rows).unwrap();
    let probability = model.predict_probabilities(&array![[2.0]])[0];
    let positive = model.labels().pos.class;
    println!("x {x} labels {labels}: weight {:.2}, probability {probability:.2}, positive label {positive}", model.params()[0]);
    assert_eq!(probability > 0.5, positive == 1);
    probability
}

fn main() {
    let x = array![-2.0, -1.0, 0.0, 1.0, 2.0];
    assert!(at_two(x.clone(), array![0, 0, 1, 1, 1]) > 0.8);
    assert!(at_two(x, array![0, 0, 0, 1, 1]) < 0.3, "this has changed");
    assert!(at_two(array![-2.0, -1.0, 1.0, 2.0], array![0, 0, 1, 1]) < 0.3, "this has changed");
    assert!(at_two(array![2.0, 1.0, -1.0, -2.0], array![1, 1, 0, 0]) > 0.8);
}
RUST
cargo tree --quiet --depth 1 --prefix none
cargo run --quiet
