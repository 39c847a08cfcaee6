#!/usr/bin/env bash
# The intercept of ElasticNet in linfa 0.8.1, a library for Rust.
#
# With an intercept, which is the default, linfa subtracts the mean of the targets, fits the weights to the rest, and takes this mean as the intercept.
# That is right only if each feature has mean 0. linfa does not subtract the means of the features. So a line that is met exactly by all points is
# not found, even without a penalty, and no error or warning says so. Without an intercept, and on features that the program has
# centered itself, the result is right.
#
# Guess before the run: without a penalty the four points (10, 21), (11, 23), (12, 25) and (13, 27) give the weight 2 and the intercept 1.
# Seen with linfa-elasticnet 0.8.1 and ndarray 0.16.1: weight 0.0187 and intercept 24, errors up to 3.2; the same with features less 11.5:
# weight 2 and intercept 24, errors of 0
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
linfa-elasticnet = "=0.8.1"
ndarray = "=0.16.1"
TOML
mkdir src
cat >src/main.rs <<'RUST'
use linfa::prelude::*;
use linfa_elasticnet::ElasticNet;
use ndarray::{array, Array2};

/// The largest error of a fit without a penalty to points of the line y = 2x + 1, whose x is moved by shift before the fit.
fn error(shift: f64) -> f64 {
    let x: Array2<f64> = array![[10.0], [11.0], [12.0], [13.0]] - shift;
    let y = array![21.0, 23.0, 25.0, 27.0];
    let model = ElasticNet::params().penalty(0.0).fit(&Dataset::new(x.clone(), y.clone())).unwrap();
    let error = (model.predict(&x) - y).iter().fold(0.0, |most: f64, e| most.max(e.abs()));
    println!("x - {shift}: weight {:.4}, intercept {}, largest error {error:.4}", model.hyperplane()[0], model.intercept());
    error
}

fn main() {
    assert!(error(11.5) < 1e-9);
    assert!(error(0.0) > 2.0, "this has changed");
}
RUST
cargo tree --quiet --depth 1 --prefix none
cargo run --quiet
