"""Makes hf/: folders of tiny models as Hugging Face's transformers writes them, and hf.json, what it makes of some tokens.

    pip install -r requirements.txt
    python hf.py
"""

import json
import os
import shutil

import torch
import transformers
from safetensors.torch import load_file, save_file

assert transformers.__version__ == "5.24.0", transformers.__version__
TOKENS = [3, 1, 4, 1, 5, 9]

shutil.rmtree("hf", ignore_errors=True)
logits = {}
for name, dtype in [("tied", torch.float32), ("untied", torch.float32), ("bfloat16", torch.bfloat16), ("float16", torch.float16), ("bare", torch.float32)]:
    torch.manual_seed(1)
    config = transformers.GPT2Config(
        vocab_size=11, n_positions=7, n_embd=8, n_layer=2, n_head=2, bos_token_id=10, eos_token_id=10, initializer_range=0.3
    )
    model = transformers.GPT2LMHeadModel(config).eval()
    with torch.no_grad():
        for p in model.parameters():
            p.add_(0.1 * torch.randn_like(p))
        if name == "untied":
            model.lm_head.weight = torch.nn.Parameter(model.lm_head.weight + 0.1)
    model.to(dtype).save_pretrained(f"hf/{name}")
    if name == "bare":  # as openai-community/gpt2 has it: names without a prefix, and masks
        path = f"hf/{name}/model.safetensors"
        tensors = {k.removeprefix("transformer."): v for k, v in load_file(path).items()}
        for i in range(config.n_layer):
            tensors[f"h.{i}.attn.bias"] = torch.ones(7, 7).tril().view(1, 1, 7, 7)
        save_file(tensors, path)
    os.remove(f"hf/{name}/generation_config.json")
    again = transformers.GPT2LMHeadModel.from_pretrained(f"hf/{name}", dtype=torch.float32).eval()
    logits[name] = again(torch.tensor([TOKENS])).logits[0].tolist()

with open("hf.json", "w") as f:
    json.dump({"Tokens": TOKENS, "Logits": logits}, f)
    f.write("\n")
