// Package gpt is GPT-2: its parameters, the forward and the backward pass, text generation, and its files.
//
// A model is a Config and one flat vector x of its parameters, in the order of Config.Params. Nothing else holds state. The
// network is that of Radford et al., Language Models are Unsupervised Multitask Learners, 2019:
//
//	tokens → embeddings of tokens and positions
//	       → L blocks: x ← x + attention(norm(x)),  x ← x + perceptron(norm(x))
//	       → norm → head → V scores
//
// Attention is causal, the perceptron has GELU (by tanh), the norms are layer norms, and the head is the table of the tokens' embeddings
// unless the model is Untied. Parts of the speedrun's model are options: root mean square norms, also of queries and keys, rotary
// positions, squared ReLU and a soft cap of the scores.
//
//	C, H, L, V   the width, heads, layers and vocabulary of a Config
//	B, T         the windows of tokens of a batch, and the tokens of a window
//
// NextToken is the finite sum that training minimizes: the mean cross entropy of the next token, over windows of a text. It does not
// depend on the method. Weights are stored [outputs, inputs], as in torch.nn.Linear and llm.c, and have Hugging Face's names.
//
// A Generator writes text. ReadHuggingFace, WriteHuggingFace, ReadLLMC and WriteLLMC handle files of Hugging Face and llm.c.
//
// Attention works on blocks of 64 queries, and recomputes their probabilities in the backward pass, so that no T×T matrix is stored.
// The head works on up to 512 rows at a time, so that B·T·V scores are never stored. Work is spread over the processors in pieces that
// depend on the sizes alone, and no result depends on the number of processors.
package gpt
