#!/usr/bin/env bash
# The weights of ElasticNet in smartcore 0.7.0, a library for Rust, and the mean of the targets.
#
# A constant that is added to all targets belongs to the intercept: the weights should stay as they are. In smartcore they change, the more the
# larger the constant, up to weights of the wrong sign and predictions that are far off. No error or warning says so. smartcore makes the
# elastic net a lasso: it appends a row for each feature, with the target 0, for the ℓ2 penalty. Then the lasso subtracts the mean of all
# targets, with those zeros among them. So the targets of the data are not centered, and those of the penalty are not 0: where the mean is
# positive, the penalty pulls the weights to a negative value instead of to 0. It does so with each l1_ratio below 1.
#
# Guess before the run: the same weight three times, that of the formula for one feature of mean 0 and deviation 1.
# Seen with smartcore 0.7.0, the points (x, 2x + c) for x = -3.5, -2.5 … 3.5, alpha 0.1 and l1_ratio 0.5:
# c = 0: weight 1.8944, that of the formula, largest error 0.37   c = 10: weight 1.6023, error 1.39   c = 1000: weight -27.2940, error 102.53
# Lasso, with the same alpha: weight 1.9782 three times
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
smartcore = "=0.7.0"
TOML
mkdir src
cat >src/main.rs <<'RUST'
use smartcore::linalg::basic::arrays::Array;
use smartcore::linalg::basic::matrix::DenseMatrix;
use smartcore::linear::elastic_net::{ElasticNet, ElasticNetParameters};
use smartcore::linear::lasso::{Lasso, LassoParameters};

const ALPHA: f64 = 0.1;
const L1_RATIO: f64 = 0.5;

fn main() {
    let x: Vec<f64> = (0..8).map(|i| i as f64 - 3.5).collect();
    let n = x.len() as f64;
    let deviation = (x.iter().map(|x| x * x).sum::<f64>() / n).sqrt();
    // The minimum of mean (y - wz)² + ALPHA (1 - L1_RATIO) w² + ALPHA L1_RATIO |w| for z = x / deviation, divided by the deviation.
    let formula = (2.0 * deviation - ALPHA * L1_RATIO / 2.0) / (1.0 + ALPHA * (1.0 - L1_RATIO)) / deviation;
    let rows = DenseMatrix::from_2d_vec(&x.iter().map(|&x| vec![x]).collect()).unwrap();
    let mut seen = Vec::new();
    for c in [0.0, 10.0, 1000.0] {
        let y: Vec<f64> = x.iter().map(|x| 2.0 * x + c).collect();
        let net = ElasticNetParameters { alpha: ALPHA, l1_ratio: L1_RATIO, tol: 1e-9, ..Default::default() };
        let net = ElasticNet::fit(&rows, &y, net).unwrap();
        let predicted: Vec<f64> = net.predict(&rows).unwrap();
        let error = predicted.iter().zip(&y).fold(0.0, |most: f64, (p, y)| most.max((p - y).abs()));
        let lasso = Lasso::fit(&rows, &y, LassoParameters { alpha: ALPHA, tol: 1e-9, ..Default::default() }).unwrap();
        let weights = [*net.coefficients().get((0, 0)), *lasso.coefficients().get((0, 0))];
        seen.push(format!("c = {c}: ElasticNet {:.4}, largest error {error:.2}; Lasso {:.4}", weights[0], weights[1]));
    }
    println!("formula: {formula:.4}\n{}", seen.join("\n"));
    assert_eq!(format!("{formula:.4}"), "1.8944");
    assert_eq!(
        seen,
        [
            "c = 0: ElasticNet 1.8944, largest error 0.37; Lasso 1.9782",
            "c = 10: ElasticNet 1.6023, largest error 1.39; Lasso 1.9782",
            "c = 1000: ElasticNet -27.2940, largest error 102.53; Lasso 1.9782",
        ],
        "this has changed"
    );
}
RUST
cargo tree --quiet --depth 1 --prefix none
cargo run --quiet
