#!/usr/bin/env bash
# The dogleg step of the trust region method in argmin 0.11.0, a library for Rust.
#
# The dogleg path leads along the gradient to the minimum on this line, and from there to the Newton point. The step is the point where the path leaves
# the region. argmin solves three equations, all of them for the second part of the path, and takes the largest solution between 0 and 2 (dogleg.rs,
# line 113). If the region ends before the first part does, usually none is in this range. The step is then 0, its measure of success is 0 / 0, and
# the radius is kept. So the solver stays at its start, evaluates the same point until the iterations run out, and reports no error. If the region
# ends on the second part, the third equation leaves out a term, and the step is longer than the radius. Steihaug and CauchyPoint are right.
#
# Guess before the run: on a convex quadratic each first step from far away has the length of the radius, and all solvers arrive at 0.
# Seen with argmin 0.11.0, argmin-math 0.5.1 and nalgebra 0.34.1, (x² + 2y²) / 2 from (3, 3), where it is 13.5. After 1,000 iterations with the default
# radius of 1: 13.5 with Dogleg, below 1e-30 with the others. Length of the first step: 0 for the radii 1, 2 and 3, 4.2077 for 4, and 4.2426, the
# Newton step, for 5
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
argmin = "=0.11.0"
argmin-math = { version = "=0.5.1", features = ["nalgebra_latest"] }
nalgebra = "=0.34.1"
TOML
mkdir src
cat >src/main.rs <<'RUST'
use argmin::core::{CostFunction, Error, Executor, Gradient, Hessian, State};
use argmin::solver::trustregion::{CauchyPoint, Dogleg, Steihaug, TrustRegion};
use nalgebra::{matrix, vector, Matrix2, Vector2};

/// (x² + 2y²) / 2.
struct Bowl;

impl CostFunction for Bowl {
    type Param = Vector2<f64>;
    type Output = f64;

    fn cost(&self, x: &Vector2<f64>) -> Result<f64, Error> {
        Ok((x[0] * x[0] + 2.0 * x[1] * x[1]) / 2.0)
    }
}

impl Gradient for Bowl {
    type Param = Vector2<f64>;
    type Gradient = Vector2<f64>;

    fn gradient(&self, x: &Vector2<f64>) -> Result<Vector2<f64>, Error> {
        Ok(vector![x[0], 2.0 * x[1]])
    }
}

impl Hessian for Bowl {
    type Param = Vector2<f64>;
    type Hessian = Matrix2<f64>;

    fn hessian(&self, _: &Vector2<f64>) -> Result<Matrix2<f64>, Error> {
        Ok(matrix![1.0, 0.0; 0.0, 2.0])
    }
}

/// The point after these iterations from (3, 3).
macro_rules! after {
    ($iterations:expr, $solver:expr) => {{
        let run = Executor::new(Bowl, $solver).configure(|state| state.param(vector![3.0, 3.0]).max_iters($iterations)).run().unwrap();
        *run.state.get_param().unwrap()
    }};
}

fn main() {
    let cost = |x| Bowl.cost(&x).unwrap();
    let dogleg = cost(after!(1000, TrustRegion::new(Dogleg::new())));
    let steihaug = cost(after!(1000, TrustRegion::new(Steihaug::new())));
    let cauchy = cost(after!(1000, TrustRegion::new(CauchyPoint::new())));
    println!("after 1000 iterations: Dogleg {dogleg}, Steihaug {steihaug:.1e}, CauchyPoint {cauchy:.1e}");
    let length = |radius: f64| {
        let step = (after!(1, TrustRegion::new(Dogleg::new()).with_radius(radius).unwrap()) - vector![3.0, 3.0]).norm();
        println!("radius {radius}: first step of Dogleg {step:.4}");
        step
    };
    let lengths = [1.0, 2.0, 3.0, 4.0, 5.0].map(length);
    assert!(steihaug < 1e-30 && cauchy < 1e-30 && (lengths[4] - 18f64.sqrt()).abs() < 1e-9);
    assert!(dogleg == 13.5 && lengths[..3] == [0.0; 3] && lengths[3] > 4.2, "this has changed");
}
RUST
cargo tree --quiet --depth 1 --prefix none
cargo run --quiet
