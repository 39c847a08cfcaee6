"""The side of PyTorch: python -c PROGRAM FOLDER THREADS COMPILE BF16 BATCH LENGTH. Answers a line to a line:

    loss                    the loss of a step of training, the first one at the parameters of the folder
    step N                  the seconds of N steps of training
    memory                  the bytes that the process had at most
    generate HOW TYPE PROMPT N
                            the seconds of N tokens after a prompt; HOW is transformers or loop, TYPE that of the parameters

With BF16, steps run under torch.autocast with bfloat16. The seconds are the processor's with one thread, and the wall's with more. AdamW is
fused, attention PyTorch's own, and the loop keeps keys and values in memory that is there from the start.
"""

import sys
import time

import torch
import transformers
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F

folder, threads, compiled, bf16, batch, length = sys.argv[1], *map(int, sys.argv[2:])
torch.set_num_threads(threads)
transformers.logging.disable_progress_bar()
clock = time.process_time if threads == 1 else time.perf_counter
config = transformers.GPT2Config.from_pretrained(folder)
width, heads, context, vocab = config.n_embd, config.n_head, config.n_positions, config.vocab_size


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attn, self.mlp = nn.Module(), nn.Module()
        self.attn.c_attn, self.attn.c_proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp.c_fc, self.mlp.c_proj = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x, cache=None, past=0):
        b, t, _ = x.shape
        q, k, v = (y.view(b, t, heads, -1).transpose(1, 2) for y in self.attn.c_attn(self.ln_1(x)).split(width, 2))
        if cache is not None:
            cache[0][:, :, past : past + t], cache[1][:, :, past : past + t] = k, v
            k, v = cache[0][:, :, : past + t], cache[1][:, :, : past + t]
        y = F.scaled_dot_product_attention(q, k, v, is_causal=t > 1)
        x = x + self.attn.c_proj(y.transpose(1, 2).reshape(b, t, width))
        return x + self.mlp.c_proj(F.gelu(self.mlp.c_fc(self.ln_2(x)), approximate="tanh"))


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocab, width), nn.Embedding(context, width)
        self.h = nn.ModuleList(Block() for _ in range(config.n_layer))
        self.ln_f = nn.LayerNorm(width)

    def forward(self, inputs, targets):
        x = self.wte(inputs) + self.wpe.weight[: inputs.shape[1]]
        for block in self.h:
            x = block(x)
        return F.cross_entropy(F.linear(self.ln_f(x), self.wte.weight).flatten(0, 1), targets.flatten())

    def next(self, inputs, caches, past):
        x = self.wte(inputs) + self.wpe.weight[past : past + inputs.shape[1]]
        for block, cache in zip(self.h, caches):
            x = block(x, cache, past)
        return F.linear(self.ln_f(x[:, -1:]), self.wte.weight).argmax(-1)


def read():
    tensors = {k.removeprefix("transformer."): v for k, v in load_file(folder + "/model.safetensors").items()}
    model = GPT()
    model.load_state_dict({k: v.t() if ".c_" in k and k.endswith("weight") else v for k, v in tensors.items()})
    return model


def text(n):
    s, out = 1, []
    for _ in range(n):
        s = (s * 1664525 + 1013904223) % 2**32
        out.append((s >> 8) % vocab)
    return torch.tensor(out)


def training():
    model = read()
    decayed = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() == 1]
    groups = [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}]
    adam = torch.optim.AdamW(groups, lr=1e-4, betas=(0.9, 0.95), fused=True)
    run = torch.compile(model) if compiled else model
    stream = text(batch * length + 1)
    inputs, targets = stream[:-1].view(batch, length), stream[1:].view(batch, length)

    def step():
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bool(bf16)):
            loss = run(inputs, targets)
        loss.backward()
        adam.step()
        adam.zero_grad(set_to_none=True)
        return loss.item()

    return step


def loop(model, prompt, n):
    past, inputs = 0, text(prompt).view(1, -1)
    caches = [[torch.zeros(1, heads, context, width // heads, dtype=model.wte.weight.dtype) for _ in "kv"] for _ in model.h]
    inputs, past = model.next(inputs, caches, past), prompt
    start = clock()
    for _ in range(n):
        inputs, past = model.next(inputs, caches, past), past + 1
    return clock() - start


def generate(model, prompt, n):
    inputs = text(prompt).view(1, -1)

    def timed(n):
        start = clock()
        model.generate(
            inputs, attention_mask=torch.ones_like(inputs), max_new_tokens=n, min_new_tokens=n, do_sample=False, pad_token_id=0
        )
        return clock() - start

    return timed(n + 1) - timed(1)


models, step = {}, None
print(torch.__version__, transformers.__version__, flush=True)
for line in sys.stdin:
    match line.split():
        case ["loss"]:
            step = step or training()
            print(step(), flush=True)
        case ["step", n]:
            start = clock()
            for _ in range(int(n)):
                step()
            print(clock() - start, flush=True)
        case ["memory"]:
            with open("/proc/self/status") as f:
                print(next(1024 * int(row.split()[1]) for row in f if row.startswith("VmHWM")), flush=True)
        case ["generate", how, dtype, prompt, n]:
            with torch.inference_mode():
                if (how, dtype) not in models:
                    model = read() if how == "loop" else transformers.GPT2LMHeadModel.from_pretrained(folder)
                    models[how, dtype] = model.eval().to(getattr(torch, dtype))
                print({"loop": loop, "transformers": generate}[how](models[how, dtype], int(prompt), int(n)), flush=True)
