// Package gpt is GPT-2: its parameters, the way forward and the way back, text from it, and its files.
//
// A model is a Config and one flat vector x of its parameters, in the order of Config.Params. Nothing else holds state. The
// network is that of Radford et al., Language Models are Unsupervised Multitask Learners, 2019: learned positions; in each block
// causal attention and a perceptron with GELU by tanh, each after a layer norm and added to what comes in; a last layer norm; and a
// head that is the table of the tokens' embeddings, unless the model is Untied.
//
// Parts of the model of the speedrun are options: norms by the root mean square, of queries and keys too, rotary positions, squared ReLU
// and a soft cap of the scores.
//
//	C, H, L, V   the width, heads, layers and vocabulary of a Config
//	B, T         the windows of tokens of a batch, and the tokens of a window
//
// NextToken is the finite sum that training minimizes: the mean cross entropy of the token that comes next, over windows of a
// text. It knows no method. Weights are stored [outputs, inputs], as torch.nn.Linear and llm.c have them, and named as Hugging Face
// names them.
//
// A Generator writes text. ReadHuggingFace, WriteHuggingFace, ReadLLMC and WriteLLMC are the files of others.
//
// Attention works on blocks of 64 queries, and makes their probabilities anew on the way back, so that no T×T matrix is stored. The
// head works on 256 rows at a time, so that no B·T·V scores are. Work is spread over the processors in pieces that the sizes alone
// decide, and no result depends on how many processors there are.
package gpt
