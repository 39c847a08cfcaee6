package methods

import (
	"fmt"
	"strings"
)

// Record is a result of the third track of the modded-nanogpt speedrun, which counts the steps of an optimizer to a loss of 3.28, as a chain.
type Record struct {
	// Number is that of the result in the track's table, and Steps its count of steps.
	Number, Steps int
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
	soapOfRecords     = "soap:lr=powercool(0.0375,3.317e-6,2900,1.2),beta2=0.9,basis-interval=1,weight-decay=0"
	soapEarlier       = "soap:lr=powercool(0.0375,3.317e-6,3105,1.2),beta2=0.9,basis-interval=10,weight-decay=0"
	lengthsOfRecords  = "shape+brake+floor:0.3825"
	aheadOfRecords    = "ema-nesterov:0.3,from=300,to=1950"
)

const (
	attentionOnly = "SOAP for the weights of some layers alone"
	schedule46    = "the momentum's schedule; SOAP's squares are of the gradient, there of the momentum"
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
		Hidden: "soap:lr=0.0375,beta2=0.9,basis-interval=10,weight-decay=0+polar:quintic,contra=0.4+shape+normuon:0.95,longer=true+floor:0.35"},
	{Number: 17, Steps: 3175, Name: "Aurora", Hidden: momentumOfRecords + "+polar:quintic,balance=2,contra=0.4+shape+floor:0.35"},
	{Number: 19, Steps: 3125, Name: "KL-SOAP on hyperballs", Hidden: "kl-soap:lr=0.018,basis-interval=1,biased=true+hyperball", Differs: "eigenvalues at the start in units of the gradient"},
	{Number: 20, Steps: 3030, Name: "PowerCool", Differs: "Soft-Muon; " + attentionOnly,
		Hidden: soapEarlier + "+polar:quintic,contra=0.4+shape+normuon:0.95,longer=true+floor:0.3825"},
	{Number: 21, Steps: 4100, Name: "Shampoo", Hidden: "shampoo:preset=meta,lr=0.0015,beta2=0.95,root-interval=5,weight-decay=0.2"},
	{Number: 22, Steps: 8225, Name: "Spectral descent", Hidden: "muon:lr=0.03,weight-decay=0.015,momentum=0,polar=quintic"},
	{Number: 24, Steps: 3175, Name: "Contra-Muon, cooled apart", Hidden: momentumOfRecords + "+polar:quintic,contra=0.4+shape+normuon:0.95,longer=true+floor:0.35"},
	{Number: 25, Steps: 3040, Name: "KL-SOAP on hyperballs, cooled", Hidden: "kl-soap:lr=polynomial(0.018,3e-4,3125,1.5),basis-interval=1,biased=true+hyperball",
		Differs: "eigenvalues at the start in units of the gradient"},
	{Number: 27, Steps: 3125, Name: "SOAP on hyperballs", Hidden: "soap:lr=0.018,beta2=0.9,basis-interval=1,weight-decay=0+hyperball", Differs: "averages are corrected for their bias here"},
	{Number: 29, Steps: 2990, Name: "Radial brake and pin", Differs: "Soft-Muon; " + attentionOnly,
		Hidden: soapEarlier + "+polar:quintic,contra=0.4+" + lengthsOfRecords + "+pin"},
	{Number: 36, Steps: 3250, Name: "Muon, tuned", Hidden: "muon:lr=trapezoid(0.025,0,0,2275,3250),weight-decay=0.05,polar=quintic",
		Others: "embedding=adamw:lr=0.7,beta1=0.8,beta2=0.95,eps=1e-10,weight-decay=0.001/head=adamw:lr=0.004,beta1=0.8,beta2=0.95,eps=1e-10," +
			"weight-decay=0.001/rest=adamw:lr=0.015,beta1=0.8,beta2=0.95,eps=1e-10,weight-decay=0.001"},
	{Number: 37, Steps: 3250, Name: "Muon on hyperballs, tuned", Hidden: "muon:lr=0.018,polar=quintic,hyperball=true", Others: adamOfRecords("0.91", "0.0064", "0.0195")},
	{Number: 39, Steps: 3125, Name: "EMA-Nesterov", Hidden: "muon:lr=0.035,weight-decay=0.025,polar=quintic+ema-nesterov:0.6,from=500,to=2400",
		Differs: "other parameters take their gradient ahead as well"},
	{Number: 40, Steps: 2890, Name: "EMA-Nesterov", Differs: "Aurora for some layers; " + schedule46,
		Hidden: "soap:lr=powercool(0.0375,3.317e-6,2980,1.2),beta2=0.9,basis-interval=10,weight-decay=0+polar:quintic,contra=0.4+" + lengthsOfRecords + "+pin+" + aheadOfRecords},
	{Number: 44, Steps: 2750, Name: "SOAP-Muon in each step", Differs: schedule46,
		Hidden: soapOfRecords + "+" + polarOfRecords + "+" + lengthsOfRecords + "+pin+" + aheadOfRecords},
	{Number: 45, Steps: 2720, Name: "Average of the tail", Differs: schedule46,
		Hidden: soapOfRecords + "+" + polarOfRecords + "+" + lengthsOfRecords + "+pin+" + aheadOfRecords},
	{Number: 46, Steps: 2690, Name: "Floor of rows, cautious decay", Differs: schedule46,
		Hidden: soapOfRecords + "+" + polarOfRecords + "+" + lengthsOfRecords + ",rows=true+pin:0.025+" + aheadOfRecords},
}

// documentRecords writes the table of records.
func documentRecords(b *strings.Builder) {
	b.WriteString("\n## Records\n\nThe third track of the modded-nanogpt speedrun counts the steps of an optimizer to a loss of 3.28. These of its results, up to 2690 steps, are\n" +
		"chains, with the step size before it cools where it is a number. A run of result 45 or 46 also has `average=blend`.\n\n" +
		"Not chains yet: Newton-Muon (15), the gate of trust (16), PMuon (18), Muown (23, 31), SinkSOAP (26), DynMuon (28), PSGD (33), a Shampoo with Adam's length (35), Soft-Muon (20), polar factors that change on the way (30), extrapolation and\n" +
		"interpolation of weights near the end (32, 34, 38, 42, 43), and Circuit-Muon (41), which has to know which matrices of the model belong together.\n\n" +
		"| result | steps | what it added | matrices between layers | left out |\n|---|---|---|---|---|\n")
	for _, r := range records {
		fmt.Fprintf(b, "| %d | %d | %s | `%s` | %s |\n", r.Number, r.Steps, r.Name, cell(r.Hidden), cell(r.Differs))
	}
}
