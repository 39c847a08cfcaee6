"""Makes choices.json: losses of the endings of questions by transformers' GPT-2 in hf/tied, and the endings that it takes.

    pip install -r requirements.txt
    python choices.py
"""

import json

import torch
import transformers

assert transformers.__version__ == "5.24.0", transformers.__version__
torch.manual_seed(2)
model = transformers.GPT2LMHeadModel.from_pretrained("hf/tied", dtype=torch.float32).eval()
questions = []
for q in range(40):
    context = torch.randint(11, (1 + q % 4,)).tolist()
    endings = [torch.randint(11, (1 + int(torch.randint(4, ())),)).tolist() for _ in range(4)]
    losses = []
    for ending in endings:
        scores = model(torch.tensor([(context + ending)[:-1]])).logits[0, len(context) - 1 :].double()
        losses.append(torch.nn.functional.cross_entropy(scores, torch.tensor(ending), reduction="none").tolist())
    sums = [sum(l) for l in losses]
    means = [sum(l) / len(l) for l in losses]
    questions.append({"Context": context, "Endings": endings, "Losses": losses, "BySum": sums.index(min(sums)), "ByMean": means.index(min(means))})

with open("choices.json", "w") as f:
    json.dump(questions, f)
    f.write("\n")
