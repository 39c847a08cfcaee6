package methods

import (
	"fmt"
	"strconv"
	"strings"
)

// Record is a result of the third track of the modded-nanogpt speedrun, which counts the steps of an optimizer to a loss of 3.28, as a chain.
type Record struct {
	// Number is that of the result in the track's table, and Steps its count of steps.
	Number, Steps int
	// Open says that the result is not in the table: its Number is that of a pull request.
	Open bool
	// Name says what the result added.
	Name string
	// Hidden is the chain of the matrices between layers, with the step size before it cools.
	Hidden string
	// Others is that of the other parameters; "" stands for the AdamW of the first results.
	Others string
	// Differs says what the chain leaves out; "" for nothing.
	Differs string
}

// Spec is the specification of the record.
func (r Record) Spec() string {
	others := r.Others
	if others == "" {
		others = adamOfRecords("0.3", "0.003125", "0.01")
	}
	return "hidden=" + r.Hidden + "/" + others
}

// Records returns the results of the third track that are chains.
func Records() []Record { return append([]Record(nil), records...) }

func adamOfRecords(embedding, head, rest string) string {
	const options = ",beta1=0.8,beta2=0.95,eps=1e-10"
	return "embedding=adam:lr=" + embedding + options + "/head=adam:lr=" + head + options + "/rest=adam:lr=" + rest + options
}

const (
	// momentumOfRecords and polarOfRecords are the pieces that a chain begins with where it is not a named Muon.
	momentumOfRecords = "sgd:lr=0.0375+average:0.95,nesterov=true"
	polarOfRecords    = "polar:quintic"
	soapOfRecords     = "sgd:lr=powercool(0.0375,3.317e-6,2900,1.2)+average:0.95,nesterov=true+eigenbasis:0.9,basis-interval=1"
	soapEarlier       = "sgd:lr=powercool(0.0375,3.317e-6,3105,1.2)+average:0.95,nesterov=true+eigenbasis:0.9"
	lengthsOfRecords  = "shape+brake+floor:0.3825"
	aheadOfRecords    = "ema-nesterov:0.3,from=300,to=1950"
)

const (
	hidden40 = "sgd:lr=powercool(0.0375,3.317e-6,2980,1.2)+average:0.95,nesterov=true+eigenbasis:0.9+polar:quintic,contra=0.4+" + lengthsOfRecords + "+pin+" + aheadOfRecords
	hidden46 = "+" + polarOfRecords + "+" + lengthsOfRecords + ",rows=true+pin:0.025+" + aheadOfRecords
	soapOpen = "sgd:lr=powercool(0.0375,3.317e-6,2875,1.2)+average:0.95,nesterov=true+eigenbasis:0.9,basis-interval=1"
)

const (
	differs40     = "Aurora for some layers; " + schedule46
	attentionOnly = "SOAP for the weights of some layers alone"
	schedule46    = "the momentum's schedule"
)

var records = []Record{
	{Number: 1, Steps: 3600, Name: "Muon", Hidden: "muon:lr=0.02,weight-decay=0.01,polar=quintic"},
	{Number: 2, Steps: 5625, Name: "Adam", Hidden: "adam:lr=warmup(250,0.0015),beta2=0.95"},
	{Number: 3, Steps: 3500, Name: "Muon", Hidden: "muon:lr=0.025,weight-decay=0.0125,polar=quintic"},
	{Number: 4, Steps: 4875, Name: "Adam on hyperballs", Hidden: "adam:lr=warmup(250,0.018),beta2=0.95+hyperball"},
	{Number: 5, Steps: 3325, Name: "Muon on hyperballs", Hidden: "muon:lr=0.018,polar=quintic,hyperball=true"},
	{Number: 6, Steps: 3375, Name: "Muon", Hidden: "muon:lr=0.025,weight-decay=0.025,polar=quintic"},
	{Number: 7, Steps: 3325, Name: "Muon²", Hidden: "muon-squared:lr=0.1,weight-decay=0.0125,polar=quintic"},
	{Number: 8, Steps: 3250, Name: "NorMuon on hyperballs", Hidden: "normuon:lr=0.018,polar=quintic,hyperball=true"},
	{Number: 9, Steps: 3250, Name: "NorMuon with a floor of updates", Hidden: "normuon:lr=0.0375,polar=quintic,longer=true,weight-decay=0+floor:0.35"},
	{Number: 10, Steps: 3250, Name: "NorMuon", Hidden: "normuon:lr=0.035,polar=quintic,weight-decay=0.025"},
	{Number: 11, Steps: 3225, Name: "Contra-Muon", Hidden: momentumOfRecords + "+polar:quintic,contra=0.4+shape+normuon:0.95,longer=true+floor:0.35"},
	{Number: 12, Steps: 3325, Name: "Muon", Hidden: "muon:lr=0.035,weight-decay=0.025,polar=quintic"},
	{Number: 13, Steps: 3210, Name: "MuLoCo", Hidden: "normuon:lr=0.018,polar=quintic,hyperball=true+lookahead:30,alpha=0.7,mu=0.5",
		Others: "embedding=adam:lr=0.3,beta1=0.8,beta2=0.95,eps=1e-10+lookahead:30,alpha=0.7,mu=0.5/head=adam:lr=0.003125,beta1=0.8,beta2=0.95,eps=1e-10+" +
			"lookahead:30,alpha=0.7,mu=0.5/rest=adam:lr=0.01,beta1=0.8,beta2=0.95,eps=1e-10+lookahead:30,alpha=0.7,mu=0.5"},
	{Number: 14, Steps: 3150, Name: "SOAP-Muon", Differs: attentionOnly,
		Hidden: momentumOfRecords + "+eigenbasis:0.9+polar:quintic,contra=0.4+shape+normuon:0.95,longer=true+floor:0.35"},
	{Number: 16, Steps: 3125, Name: "A gate of trust", Differs: "attention alone has the gate there, within a floor and a cap of its share; " + attentionOnly,
		Hidden: momentumOfRecords + "+eigenbasis:0.9,gate=0.2+polar:quintic,contra=0.4+shape+normuon:0.95,longer=true+floor:0.35"},
	{Number: 17, Steps: 3175, Name: "Aurora", Hidden: momentumOfRecords + "+polar:quintic,balance=2,contra=0.4+shape+floor:0.35"},
	{Number: 18, Steps: 3225, Name: "PMuon", Hidden: "shampoo:lr=0.035,beta1=0.95,beta2=0.95,exponent=0.3,weight-decay=0+polar:quintic+shape+decay:0.025",
		Differs: "roots are exact, there by a step of the power method; no look-ahead of the momentum"},
	{Number: 19, Steps: 3125, Name: "KL-SOAP on hyperballs", Hidden: "kl-soap:lr=0.018,basis-interval=1,biased=true+hyperball", Differs: "eigenvalues at the start in units of the gradient"},
	{Number: 20, Steps: 3030, Name: "PowerCool", Differs: "Soft-Muon; " + attentionOnly,
		Hidden: soapEarlier + "+polar:quintic,contra=0.4+shape+normuon:0.95,longer=true+floor:0.3825"},
	{Number: 21, Steps: 4100, Name: "Shampoo", Hidden: "shampoo:preset=meta,lr=0.0015,beta2=0.95,root-interval=5,weight-decay=0.2"},
	{Number: 22, Steps: 8225, Name: "Spectral descent", Hidden: "muon:lr=0.03,weight-decay=0.015,momentum=0,polar=quintic"},
	{Number: 24, Steps: 3175, Name: "Contra-Muon, cooled apart", Hidden: momentumOfRecords + "+polar:quintic,contra=0.4+shape+normuon:0.95,longer=true+floor:0.35"},
	{Number: 25, Steps: 3040, Name: "KL-SOAP on hyperballs, cooled", Hidden: "kl-soap:lr=polynomial(0.018,3e-4,3125,1.5),basis-interval=1,biased=true+hyperball",
		Differs: "eigenvalues at the start in units of the gradient"},
	{Number: 26, Steps: 3090, Name: "SinkSOAP", Differs: "bases are exact there; square matrices are not divided by rows",
		Hidden: "sgd:lr=0.04+average:0.95,nesterov=true+eigenbasis:0.95,basis-interval=1,sinkhorn=10+unit+shape:shorter+shape+normuon:0.95,longer=true+decay:0.025"},
	{Number: 27, Steps: 3125, Name: "SOAP on hyperballs", Hidden: "soap:lr=0.018,beta2=0.9,basis-interval=1,weight-decay=0+hyperball", Differs: "averages are corrected for their bias here"},
	{Number: 29, Steps: 2990, Name: "Radial brake and pin", Differs: "Soft-Muon; " + attentionOnly,
		Hidden: soapEarlier + "+polar:quintic,contra=0.4+" + lengthsOfRecords + "+pin"},
	{Number: 30, Steps: 2930, Name: "Longer Contra-Muon", Differs: "Aurora for some layers; Contra-Muon, which fades; the momentum's schedule; " + attentionOnly,
		Hidden: "sgd:lr=powercool(0.0375,3.317e-6,3050,1.2)+average:0.95,nesterov=true+eigenbasis:0.9+polar:quintic,contra=0.4+" + lengthsOfRecords + "+pin"},
	{Number: 32, Steps: 3000, Name: "SODA", Differs: "Soft-Muon; the anchor fades over 750 steps there; " + attentionOnly,
		Hidden: soapEarlier + "+polar:quintic,contra=0.4+shape+normuon:0.95,longer=true+floor:0.3825+anchor:inverse(0.5,0.5),to=2375"},
	{Number: 33, Steps: 3375, Name: "PSGD on hyperballs", Differs: "factors at the start in units of the gradient",
		Hidden: "sgd:lr=polynomial(0.025,0,3400,1)+average:0.95,corrected=true+whiten:1,interval=1,balance=1+hyperball"},
	{Number: 35, Steps: 3375, Name: "Shampoo of one side with Adam's length",
		Hidden: "shampoo:preset=meta,lr=0.01,beta2=0.9,eps=0,sides=shorter,block=8192,graft=adam,graft-beta2=0.9,graft-eps=1e-15,weight-decay=0.1"},
	{Number: 36, Steps: 3250, Name: "Muon, tuned", Hidden: "muon:lr=trapezoid(0.025,0,0,2275,3250),weight-decay=0.05,polar=quintic",
		Others: "embedding=adamw:lr=0.7,beta1=0.8,beta2=0.95,eps=1e-10,weight-decay=0.001/head=adamw:lr=0.004,beta1=0.8,beta2=0.95,eps=1e-10," +
			"weight-decay=0.001/rest=adamw:lr=0.015,beta1=0.8,beta2=0.95,eps=1e-10,weight-decay=0.001"},
	{Number: 37, Steps: 3250, Name: "Muon on hyperballs, tuned", Hidden: "muon:lr=0.018,polar=quintic,hyperball=true", Others: adamOfRecords("0.91", "0.0064", "0.0195")},
	{Number: 39, Steps: 3125, Name: "EMA-Nesterov", Hidden: "muon:lr=0.035,weight-decay=0.025,polar=quintic+ema-nesterov:0.6,from=500,to=2400",
		Differs: "other parameters take their gradient ahead as well"},
	{Number: 40, Steps: 2890, Name: "EMA-Nesterov", Hidden: hidden40, Differs: differs40},
	{Number: 42, Steps: 2860, Name: "Interpolation with earlier weights", Hidden: hidden40 + "+anchor:0.075,at=2375,from=2859,to=2860",
		Differs: "other parameters are interpolated as well; " + differs40},
	{Number: 44, Steps: 2750, Name: "SOAP-Muon in each step", Differs: schedule46,
		Hidden: soapOfRecords + "+" + polarOfRecords + "+" + lengthsOfRecords + "+pin+" + aheadOfRecords},
	{Number: 45, Steps: 2720, Name: "Average of the tail", Differs: schedule46,
		Hidden: soapOfRecords + "+" + polarOfRecords + "+" + lengthsOfRecords + "+pin+" + aheadOfRecords},
	{Number: 46, Steps: 2690, Name: "Floor of rows, cautious decay", Differs: schedule46,
		Hidden: soapOfRecords + hidden46},
	{Number: 331, Open: true, Steps: 2660, Name: "Average of a shorter tail", Hidden: soapOpen + hidden46, Differs: schedule46},
	{Number: 338, Open: true, Steps: 2645, Name: "Average of the tail by groups", Hidden: soapOpen + hidden46,
		Differs: "a delay of the schedules; how much of the average each group takes, and the lengths of its rows; " + schedule46},
}

// documentRecords writes the table of records.
func documentRecords(b *strings.Builder) {
	b.WriteString("\n## Records\n\nThe third track of the modded-nanogpt speedrun counts the steps of an optimizer to a loss of 3.28. These of its results, up to 2645 steps, are\n" +
		"chains, with the step size before it cools where it is a number. The last two are pull requests by their numbers, which are open. A run of one of the last four also\n" +
		"has `average=blend`.\n\n" +
		"No chains are Newton-Muon (15), which needs the inputs of layers: a method here sees gradients alone, and second moments of activations would have to be summed over\n" +
		"batches and ranks, and kept in checkpoints, for one method; Circuit-Muon (41), which has to know which matrices of the model belong together; Muown (23, 31), which steps lengths and\n" +
		"directions of rows apart; DynMuon (28), whose power of the singular values becomes negative; and extrapolations of weights near the end (34, 38, 43).\n\n" +
		"| result | steps | what it added | matrices between layers | left out |\n|---|---|---|---|---|\n")
	for _, r := range records {
		number := strconv.Itoa(r.Number)
		if r.Open {
			number = "#" + number
		}
		fmt.Fprintf(b, "| %s | %d | %s | `%s` | %s |\n", number, r.Steps, r.Name, cell(r.Hidden), cell(r.Differs))
	}
}
