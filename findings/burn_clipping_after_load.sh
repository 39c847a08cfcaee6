#!/usr/bin/env bash
# with_grad_clipping of an optimizer that has made or loaded a step, in burn 0.22.1, a library for Rust.
#
# burn keeps for each parameter, beside the state of the optimizer, a copy of the clipping that was set when this state was made. A step takes this
# copy (module_optimizer.rs, line 434). A resumed run loads the state with from_bytes, load or load_record. If it sets the clipping after that, or if
# a program adds clipping during a run, with_grad_clipping changes the optimizer and leaves the copies as they are. has_gradient_clipping() says
# true, and no gradient is clipped. The documentation names no order. with_group, by contrast, drops the states that it concerns, and says so.
#
# Guess before the run: at rate 1 and with clipping to norm 1 a gradient of 1000 moves a weight by 1, in whichever order the two calls stand.
# Seen with burn 0.22.1 on its backend flex, SGD without momentum, one weight. Move after one ordinary step: -1 with clipping first and the load after
# it; -1000 with the load first, and -1000 with clipping added to the optimizer that made the step. All three say that they have clipping
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
burn = { version = "=0.22.1", default-features = false, features = ["std", "optim", "flex"] }
TOML
mkdir src
cat >src/main.rs <<'RUST'
use burn::grad_clipping::GradientClipping::Norm;
use burn::module::Param;
use burn::nn::Linear;
use burn::optim::{GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::{Device, Tensor};

/// The model after a step at rate 1 with this gradient.
fn step(optimizer: &mut ModuleOptimizer, model: Linear, gradient: f32) -> Linear {
    let input = Tensor::<2>::full([1, 1], gradient, &Device::default().autodiff());
    let gradients = GradientsParams::from_grads(model.forward(input).sum().backward(), &model);
    optimizer.step(1.0, model, gradients)
}

fn main() {
    let weight = Param::from_tensor(Tensor::<2>::zeros([1, 1], &Device::default().autodiff()));
    let mut first = SgdConfig::new().init();
    let model = step(&mut first, Linear { weight, bias: None }, 1.0);
    let saved = || first.into_bytes().unwrap();
    let moved = |order, mut optimizer: ModuleOptimizer| {
        let move_ = (step(&mut optimizer, model.clone(), 1000.0).weight.val() - model.weight.val()).into_scalar::<f32>();
        println!("{order}: clipping {}, moved {move_}", optimizer.has_gradient_clipping());
        assert!(optimizer.has_gradient_clipping());
        move_
    };
    let before = moved("clipping, load", SgdConfig::new().init().with_grad_clipping(Norm(1.0)).from_bytes(saved()).unwrap());
    let after = moved("load, clipping", SgdConfig::new().init().from_bytes(saved()).unwrap().with_grad_clipping(Norm(1.0)));
    let during = moved("step, clipping", first.clone().with_grad_clipping(Norm(1.0)));
    assert!((before + 1.0).abs() < 1e-5);
    assert!(after == -1000.0 && during == -1000.0, "this has changed");
}
RUST
cargo tree --quiet --depth 1 --prefix none
cargo run --quiet
