"""The side of transformers: python -c PROGRAM. Reads a folder in a line, loads it, saves it under the name with "-again", and answers the
scores of the tokens 3, 1, 4, 1, 5, 9 in float32."""

import sys

import torch
import transformers

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()
print(transformers.__version__, flush=True)
for line in sys.stdin:
    folder = line.strip()
    model = transformers.GPT2LMHeadModel.from_pretrained(folder, dtype=torch.float32).eval()
    model.save_pretrained(folder + "-again")
    with torch.inference_mode():
        scores = model(torch.tensor([[3, 1, 4, 1, 5, 9]])).logits
    print(*scores.flatten().tolist(), flush=True)
