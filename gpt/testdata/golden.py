"""Makes golden.json: GPT-2's initialization, logits, losses, gradients and a trajectory of AdamW by PyTorch on the CPU.

    pip install -r requirements.txt
    python golden.py
"""

import json
import math

import torch
from torch.nn import functional as F

assert torch.__version__.split("+")[0] == "2.15.0", torch.__version__
torch.set_num_threads(1)


def parameters(vocab, context, layers, heads, width, dtype):
    """The parameters by Hugging Face's names, weights (out, in), drawn in float32 with the seed 42 in llm.c's order."""
    torch.manual_seed(42)

    def normal(*shape, std=0.02):
        return torch.empty(*shape).normal_(0, std)

    p = {"wte.weight": normal(vocab, width), "wpe.weight": normal(context, width)}
    for i in range(layers):
        h = f"h.{i}."
        p[h + "ln_1.weight"], p[h + "ln_1.bias"] = torch.ones(width), torch.zeros(width)
        p[h + "attn.c_attn.weight"], p[h + "attn.c_attn.bias"] = normal(3 * width, width), torch.zeros(3 * width)
        p[h + "attn.c_proj.weight"] = normal(width, width, std=0.02 / math.sqrt(2 * layers))
        p[h + "attn.c_proj.bias"] = torch.zeros(width)
        p[h + "ln_2.weight"], p[h + "ln_2.bias"] = torch.ones(width), torch.zeros(width)
        p[h + "mlp.c_fc.weight"], p[h + "mlp.c_fc.bias"] = normal(4 * width, width), torch.zeros(4 * width)
        p[h + "mlp.c_proj.weight"] = normal(width, 4 * width, std=0.02 / math.sqrt(2 * layers))
        p[h + "mlp.c_proj.bias"] = torch.zeros(width)
    p["ln_f.weight"], p["ln_f.bias"] = torch.ones(width), torch.zeros(width)
    return {name: v.to(dtype).requires_grad_() for name, v in p.items()}


def exact(shape, dtype, speedrun=False):
    """Parameters that another program makes to the bit: of a linear congruential generator, in [−0.07, 0.07), gains around 1. The model
    of the speedrun has a head, and neither positions nor gains and biases of norms."""
    p, s = parameters(*shape, torch.float64), 1
    if speedrun:
        p = {name: v for name, v in p.items() if "ln_" not in name and name != "wpe.weight"}
        p["lm_head.weight"] = torch.empty_like(p["wte.weight"])
    for name, v in p.items():
        values = []
        for _ in range(v.numel()):
            s = (s * 1664525 + 1013904223) % 2**32
            values.append(((s >> 8) / 2**24 - 0.5) * 0.14 + (1 if "ln_" in name and "weight" in name else 0))
        p[name] = torch.tensor(values, dtype=torch.float64).reshape(v.shape).to(dtype).requires_grad_()
    return p


SOFTCAP = 0.5  # of the order of the scores


def rotated(x):
    """Rotary positions as modded-nanogpt's train_gpt.py has them."""
    t, d = x.shape[-2:]
    theta = torch.outer(torch.arange(t), (1 / 10000) ** (torch.arange(0, d, 2, dtype=torch.float64) / d))
    cos, sin = theta.cos().to(x.dtype), theta.sin().to(x.dtype)
    x1, x2 = x.chunk(2, dim=-1)
    return torch.cat([x1 * cos + x2 * sin, x1 * -sin + x2 * cos], dim=-1)


class Rounded(torch.autograd.Function):
    """A product whose operands are rounded to bfloat16, forward and backward."""

    @staticmethod
    def forward(ctx, x, w):
        ctx.save_for_backward(x, w)
        return bf16(x) @ bf16(w).t()

    @staticmethod
    def backward(ctx, dy):
        x, w = ctx.saved_tensors
        return bf16(dy) @ bf16(w), bf16(dy).flatten(0, 1).t() @ bf16(x).flatten(0, 1)


def bf16(x):
    return x.to(torch.bfloat16).to(x.dtype)


def rounded(x, w, b=0):
    return Rounded.apply(x, w) + b


class Stored(torch.autograd.Function):
    """A vector that is stored in bfloat16, and so is its gradient."""

    @staticmethod
    def forward(ctx, x):
        return bf16(x)

    @staticmethod
    def backward(ctx, dx):
        return bf16(dx)


class RoundedAttention(torch.autograd.Function):
    """Causal attention. Every product rounds its operands to bfloat16, forward and backward, and the result is stored in bfloat16."""

    @staticmethod
    def forward(ctx, q, k, v):
        scores = bf16(q) @ bf16(k).mT / math.sqrt(q.shape[-1])
        later = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
        p = scores.masked_fill(later, -math.inf).softmax(-1)
        y = bf16(bf16(p) @ bf16(v))
        ctx.save_for_backward(q, k, v, p, y)
        return y

    @staticmethod
    def backward(ctx, dy):
        q, k, v, p, y = ctx.saved_tensors
        dp = bf16(dy) @ bf16(v).mT
        ds = p * (dp - (dy * y).sum(-1, keepdim=True))
        scale = 1 / math.sqrt(q.shape[-1])
        return scale * (bf16(ds) @ bf16(k)), scale * (bf16(ds).mT @ bf16(q)), bf16(p).mT @ bf16(dy)


def causal(q, k, v):
    return F.scaled_dot_product_attention(q, k, v, is_causal=True)


product, attention = F.linear, causal  # of activations and weights; of queries, keys and values
stored = lambda x: x  # activations that autocast keeps in bfloat16


def logits(p, heads, tokens):
    b, t = tokens.shape
    speedrun = "lm_head.weight" in p
    linear = lambda x, name: product(x, p[name + ".weight"], p[name + ".bias"])
    rms = lambda x: F.rms_norm(x, x.shape[-1:], eps=2**-23)  # the default in float32
    norm = lambda x, name: rms(x) if speedrun else F.layer_norm(x, x.shape[-1:], p[name + ".weight"], p[name + ".bias"], 1e-5)
    active = lambda x: F.relu(x).square() if speedrun else F.gelu(x, approximate="tanh")
    x = p["wte.weight"][tokens]
    if not speedrun:
        x = x + p["wpe.weight"][:t]
    width = x.shape[-1]
    for i in range(sum(name.endswith("attn.c_attn.weight") for name in p)):
        h = f"h.{i}."
        q, k, v = (y.view(b, t, heads, -1).transpose(1, 2) for y in stored(linear(norm(x, h + "ln_1"), h + "attn.c_attn")).split(width, 2))
        if speedrun:
            q, k = rotated(rms(q)), rotated(rms(k))
        y = attention(q, k, v)
        x = x + linear(y.transpose(1, 2).reshape(b, t, width), h + "attn.c_proj")
        x = x + linear(stored(active(stored(linear(norm(x, h + "ln_2"), h + "mlp.c_fc")))), h + "mlp.c_proj")
    if not speedrun:
        return stored(product(norm(x, "ln_f"), p["wte.weight"]))
    return SOFTCAP * torch.tanh(product(norm(x, "ln_f"), p["lm_head.weight"]) / SOFTCAP)


def text(vocab, n):
    """n tokens of a linear congruential generator."""
    s, out = 1, []
    for _ in range(n):
        s = (s * 1664525 + 1013904223) % 2**32
        out.append((s >> 8) % vocab)
    return torch.tensor(out)


def windows(vocab, b, t):
    """b windows of t tokens, each with the token after it as its last target."""
    s = text(vocab, b * t + 1)
    return s[:-1].view(b, t), s[1:].view(b, t)


def loss(p, heads, inputs, targets):
    z = logits(p, heads, inputs)
    return F.cross_entropy(z.flatten(0, 1), targets.flatten()), z


def gradients(p):
    return {
        name: {"Norm": v.grad.double().norm().item(), "Entries": v.grad.flatten()[:: max(1, v.numel() // 5)].tolist()}
        for name, v in p.items()
    }


def trajectory(p, shape, b, t, epsilon):
    """Ten steps of AdamW with decay of matrices and a clipped gradient. torch.nn.utils.clip_grad_norm_ adds 1e-6 to the norm."""
    inputs, targets = windows(shape[0], b, t)
    decayed = [v for v in p.values() if v.dim() >= 2]
    rest = [v for v in p.values() if v.dim() < 2]
    adam = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0.0}], lr=1e-3, betas=(0.9, 0.95), eps=1e-8
    )
    losses, norms = [], []
    for _ in range(10):
        adam.zero_grad()
        value, _ = loss(p, shape[3], inputs, targets)
        value.backward()
        losses.append(value.item())
        norm = torch.cat([v.grad.flatten() for v in p.values()]).norm()
        norms.append(norm.item())
        for v in p.values():
            v.grad.mul_(min(1.0, 1.0 / (norm + epsilon)))
        adam.step()
    return {"Losses": losses, "Norms": norms}


def first(p, shape, b, t):
    """Loss, logits and gradients."""
    value, z = loss(p, shape[3], *windows(shape[0], b, t))
    value.backward()
    norm = math.sqrt(sum(v.grad.double().square().sum().item() for v in p.values()))
    stride = z.numel() // 200 + 1
    return {
        "Loss": value.item(), "Norm": norm, "Gradients": gradients(p),
        "LogitsNorm": z.double().norm().item(), "Stride": stride, "Logits": z.flatten()[::stride].tolist(),
    }


def draws(n):
    torch.manual_seed(137)
    return torch.empty(n).normal_(0, 1).tolist()


def start(shape):
    p = parameters(*shape, torch.float32)
    return {name: {"Norm": v.double().norm().item(), "Entries": v.flatten()[:4].tolist()} for name, v in p.items()}


TINY, SMALL = (256, 32, 2, 4, 64), (50257, 1024, 12, 12, 768)

golden = {
    "Normal": [draws(n) for n in (1, 5, 15, 16, 17, 40)],
    "Exact": first(exact(TINY, torch.float64), TINY, 2, 32),
    "ExactTrajectory": trajectory(exact(TINY, torch.float64), TINY, 2, 32, 0),
    "Speedrun": first(exact(TINY, torch.float64, speedrun=True), TINY, 2, 32),
    "Tiny": trajectory(parameters(*TINY, torch.float64), TINY, 2, 32, 1e-6),
    "Start": start(SMALL),
    "Small": first(parameters(*SMALL, torch.float32), SMALL, 1, 64),
}
with torch.autocast("cpu", torch.bfloat16):
    golden["Autocast"] = first(exact(TINY, torch.float32), TINY, 2, 32)
product, attention, stored = rounded, RoundedAttention.apply, Stored.apply
golden["Rounded"] = first(exact(TINY, torch.float64), TINY, 3, 5)
with open("golden.json", "w") as f:
    json.dump(golden, f, indent=1)
    f.write("\n")
