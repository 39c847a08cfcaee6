#!/usr/bin/env bash
# The Gauss-Newton method with a line search in argmin 0.11.0, a library for Rust, where the residuals are large.
#
# GaussNewtonLS gives its line search the norm of the residuals as the cost, and the gradient of half their square (gaussnewton_linesearch.rs, lines 205
# and 219). The Armijo condition compares the two. It asks for a fall of c times the square of the norm, while the norm can only fall to 0. Beyond a
# norm of about 1 / c no step is good enough, however right the direction is. The search then shrinks its step until it is rounded away, the cost does
# not change, and the solver reports that it has converged: at its start. So the result depends on the unit of the data. With c = 1e-4, of the
# textbooks, the limit is a norm of 10,000. No line search, or the same data in a larger unit, gives the right line.
#
# Guess before the run: four points near a line are fitted in one step, since the problem is linear, whether they are in kilometres or in millimetres.
# Seen with argmin 0.11.0, argmin-math 0.5.1 and nalgebra 0.34.1, points (0, 1.1), (1, 2.9), (2, 5.1) and (3, 6.9) times a unit, start (0, 0), c = 1e-4:
# intercept and slope over the unit 1.06 and 1.96 for the units 1 and 1,000, and 0 and 0 for 10,000 and 1,000,000, each time with "Solver converged"
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
use argmin::core::{Error, Executor, Jacobian, Operator, State, TerminationReason};
use argmin::solver::gaussnewton::{GaussNewton, GaussNewtonLS};
use argmin::solver::linesearch::{condition::ArmijoCondition, BacktrackingLineSearch};
use nalgebra::{dmatrix, dvector, DMatrix, DVector};

/// The residuals of a line at four points whose y are in this unit.
struct Line {
    unit: f64,
}

impl Operator for Line {
    type Param = DVector<f64>;
    type Output = DVector<f64>;

    fn apply(&self, line: &DVector<f64>) -> Result<DVector<f64>, Error> {
        Ok(self.jacobian(line)? * line - dvector![1.1, 2.9, 5.1, 6.9] * self.unit)
    }
}

impl Jacobian for Line {
    type Param = DVector<f64>;
    type Jacobian = DMatrix<f64>;

    fn jacobian(&self, _: &DVector<f64>) -> Result<DMatrix<f64>, Error> {
        Ok(dmatrix![1.0, 0.0; 1.0, 1.0; 1.0, 2.0; 1.0, 3.0])
    }
}

/// The distance from (1.06, 1.96) of the fitted line, divided by its unit.
macro_rules! distance {
    ($unit:expr, $name:expr, $solver:expr) => {{
        let start = dvector![0.0, 0.0];
        let run = Executor::new(Line { unit: $unit }, $solver).configure(|state| state.param(start).max_iters(1000)).run().unwrap();
        let line = run.state.get_best_param().unwrap() / $unit;
        println!("unit {} {}: {:.2} + {:.2} x, {}", $unit, $name, line[0], line[1], run.state.get_termination_status());
        assert_eq!(run.state.get_termination_reason(), Some(&TerminationReason::SolverConverged));
        (line - dvector![1.06, 1.96]).norm()
    }};
}

fn main() {
    for unit in [1.0, 1e3, 1e4, 1e6] {
        assert!(distance!(unit, "without line search", GaussNewton::new()) < 1e-9);
        let search = BacktrackingLineSearch::new(ArmijoCondition::new(1e-4).unwrap());
        let error = distance!(unit, "with line search", GaussNewtonLS::new(search));
        assert!(if unit < 2e3 { error < 1e-9 } else { error > 2.0 }, "this has changed");
    }
}
RUST
cargo tree --quiet --depth 1 --prefix none
cargo run --quiet
