package methods

import (
	"fmt"
	"strconv"
	"strings"
)

// Record is a result of the third track of the modded-nanogpt speedrun, which counts the steps of an optimizer to a loss of 3.28, as a chain.
type Record struct {
	// Number is the number of the result in the track's table, and Steps its number of steps.
	Number, Steps int
	// Open says that the result is not in the table: its Number is the number of a pull request.
	Open bool
	// Name says what the result added.
	Name string
	// Matrices are the routes of the matrices between layers. Names are those of the speedrun's model. A step size given as a number is the
	// step size before it cools.
	Matrices string
	// Others are the routes of the other parameters; "" stands for the AdamW of the first results.
	Others string
	// Differs says what the chain leaves out or does differently; "" for nothing.
	Differs string
}

// Spec is the specification of the record.
func (r Record) Spec() string {
	others := r.Others
	if others == "" {
		others = adam("0.3", "0.003125", "0.01", "0.95", "")
	}
	return r.Matrices + "/" + others
}

// Records returns the results of the third track that are chains.
func Records() []Record { return append([]Record(nil), records...) }

// adam returns routes of the other parameters with their step sizes, one decay of average squares, and the links behind them.
func adam(embedding, head, rest, beta2, links string) string {
	options := ",beta1=0.8,beta2=" + beta2 + ",eps=1e-10" + links
	return each("", "embedding", "adam:lr="+embedding+options, "head", "adam:lr="+head+options, "rest", "adam:lr="+rest+options)
}

// cooledAdam is adam with step sizes that cool to 0 at a step.
func cooledAdam(end, beta2, links string) string {
	return adam(cooled("0.3", "4.977e-5", end), cooled("0.003125", "5.184e-7", end), cooled("0.01", "1.659e-6", end), beta2, links)
}

// splitAdam is cooledAdam without bias correction and with a decay of average squares for each kind of vectors. Its step sizes are changed by the
// clock.
func splitAdam(clock func(schedule string) string, links string) string {
	adam := func(lr, factor, beta2 string) string {
		return "adam:lr=" + clock(cooled(lr, factor, "2900")) + ",beta1=0.8,eps=1e-10,biased=true,beta2=" + beta2 + links
	}
	vectors := func(beta2 string) string { return adam("0.01", "1.659e-6", beta2) }
	return each("", "embedding", adam("0.3", "4.977e-5", "0.99"), "head", adam("0.003125", "5.184e-7", "0.99"),
		"gain", vectors("0.99"), "bias.attn.proj", vectors("0.9965"), "bias", vectors("0.997"))
}

// onTime and late are clocks of schedules.
func onTime(schedule string) string { return schedule }
func late(schedule string) string   { return "delay(180,2250,2645," + schedule + ")" }

// each returns routes from pairs of a target and the end of its chain. All chains have the same beginning.
func each(begin string, pairs ...string) string {
	var routes []string
	for i := 0; i < len(pairs); i += 2 {
		routes = append(routes, pairs[i]+"="+begin+pairs[i+1])
	}
	return strings.Join(routes, "/")
}

// cooled is a step size that falls from a number to 0 at a step.
func cooled(lr, factor, end string) string {
	return "powercool(" + lr + "," + factor + "," + end + ",1.2)"
}

// momentum begins a chain that is not a named Muon.
func momentum(lr, mu string) string { return "sgd:lr=" + lr + "+average:" + mu + ",nesterov=true" }

// muonLR is the step size of the matrices that cools to 0 at a step.
func muonLR(end string) string { return cooled("0.0375", "3.317e-6", end) }

// ahead takes the gradient ahead as far as the step size of the embeddings says.
func ahead(far, factor, end string) string {
	return "+ema-nesterov:" + cooled(far, factor, end) + ",from=300,to=1950"
}

// The pieces of chains.
const (
	soap       = "+eigenbasis:0.9"
	freshSOAP  = soap + ",basis-interval=1"
	floored    = ",floor=0.55,add=27594" // 0.05/0.95 of the sum over a batch of 2¹⁹ tokens
	trusted    = ",gate=0.2,least=linear(0.45,1375,0.45,1625,0),most=piecewise(0.85,1625,1)"
	contra     = "+polar:quintic,contra=0.4"
	schatten   = "+polar:quintic,schatten=true"
	fading     = schatten + ",contra=linear(0.4,2000,0),soft=linear(0,2500,0,2908,0.8)"
	longFading = schatten + ",contra=linear(0.4,2500,0)"
	tempered   = schatten + ",contra=linear(0.4,2750,0),temper=linear(0,2600,0,2800,0.05)"
	balanced   = ",balance=3,balance-rate=0.25"
	normed     = "+shape+normuon:0.95,longer=true+floor:0.35"
	longer     = "+shape+normuon:0.95,longer=true+floor:0.3825"
	braked     = "+shape+brake+floor:0.3825+pin"
	ramped     = "+shape+brake:linear(0.5,2400,0.5,2900,0.4)+floor:linear(0.3825,2400,0.3825,2800,0.4)+pin"
	byRows     = "+shape+brake+floor:0.3825,rows=true+pin:0.025"

	warmed      = "linear(0.85,300,0.95,2920,0.95,3020,0.85)" // momentum
	warmed40    = "linear(0.85,300,0.95,2800,0.95,2900,0.85)"
	warmed44    = "linear(0.85,300,0.95,2700,0.95,2900,0.85)"
	interpolate = "+anchor:0.075,at=2375,from=2859,to=2860,after=true"
	back        = "+average-move:-6,most=0.01,from=2899,to=2900"
	lastAnchor  = "+anchor:0.075,at=2375,from=2899,to=2900,after=true"
)

// softened are the matrices of results 20 to 32, with the links behind Contra-Muon, which fades, and Soft-Muon, which comes later.
func softened(links string) string {
	return each(momentum(muonLR("3105"), "0.95"), "hidden.mlp", soap+fading+links, "hidden.attn.v", soap+floored+fading+links, "hidden", fading+links)
}

// aurora are the matrices of results 30 to 42. Those that are wider than high are balanced.
func aurora(end, mu, polar, links string) string {
	return each(momentum(muonLR(end), mu), "hidden.mlp.fc", soap+polar+links, "hidden.mlp.proj", soap+polar+balanced+links,
		"hidden.attn.v", soap+floored+polar+links, "hidden", polar+links)
}

// muown are the matrices of results 23 and 31, with the lengths that directions have at the end: 8.32 for the last matrix of a block, some for the
// one before it and for the projection of attention, and 2.496 for the others.
func muown(lr, mu, links, lengths, some string) string {
	end := func(length string) string { return links + "+shape:rms+weight-norm:" + length + lengths }
	return each("sgd:lr="+lr+"+momentum:"+mu+",nesterov=true",
		"hidden.mlp.fc", end(some), "hidden.mlp.proj", end("8.32"), "hidden.attn.proj", end(some), "hidden", end("2.496"))
}

// muownAdam are the other parameters of results 23 and 31.
func muownAdam(end, embedding, head, rest string) string {
	cooled := func(lr, factor string) string { return "powercool(" + lr + "," + factor + "," + end + ",0.9)" }
	return adam(cooled("0.6", embedding), cooled("0.009375", head), cooled("0.03", rest), "0.95", "")
}

// clean are the matrices of results 44 to 46 and later.
func clean(lr, links string) string {
	return each(momentum(lr, warmed44), "hidden.attn.proj", freshSOAP+trusted+schatten+links, "hidden", freshSOAP+schatten+links)
}

var (
	ahead40   = ahead("0.3", "4.977e-5", "2980")
	ahead44   = ahead("0.3", "4.977e-5", "2900")
	aheadOpen = ahead("0.325", "5.392e-5", "2900")
)

// muonOpen is the step size of the matrices in the open pull requests.
const muonOpen = "powercool(0.0375,3.317e-6,2875,1.183)"

var records = []Record{
	{Number: 1, Steps: 3600, Name: "Muon", Matrices: "hidden=muon:lr=0.02,weight-decay=0.01,polar=quintic"},
	{Number: 2, Steps: 5625, Name: "Adam", Matrices: "hidden=adam:lr=warmup(250,0.0015),beta2=0.95"},
	{Number: 3, Steps: 3500, Name: "Muon", Matrices: "hidden=muon:lr=0.025,weight-decay=0.0125,polar=quintic"},
	{Number: 4, Steps: 4875, Name: "Adam on hyperballs", Matrices: "hidden=adam:lr=warmup(250,0.018),beta2=0.95+hyperball"},
	{Number: 5, Steps: 3325, Name: "Muon on hyperballs", Matrices: "hidden=muon:lr=0.018,polar=quintic,hyperball=true"},
	{Number: 6, Steps: 3375, Name: "Muon", Matrices: "hidden=muon:lr=0.025,weight-decay=0.025,polar=quintic"},
	{Number: 7, Steps: 3325, Name: "Muon²", Matrices: "hidden=muon-squared:lr=0.1,weight-decay=0.0125,polar=quintic"},
	{Number: 8, Steps: 3250, Name: "NorMuon on hyperballs", Matrices: "hidden=normuon:lr=0.018,polar=quintic,hyperball=true"},
	{Number: 9, Steps: 3250, Name: "NorMuon with a floor of updates", Matrices: "hidden=normuon:lr=0.0375,polar=quintic,longer=true,weight-decay=0+floor:0.35"},
	{Number: 10, Steps: 3250, Name: "NorMuon", Matrices: "hidden=normuon:lr=0.035,polar=quintic,weight-decay=0.025"},
	{Number: 11, Steps: 3225, Name: "Contra-Muon", Matrices: "hidden=" + momentum("0.0375", "0.95") + contra + normed},
	{Number: 12, Steps: 3325, Name: "Muon", Matrices: "hidden=muon:lr=0.035,weight-decay=0.025,polar=quintic"},
	{Number: 13, Steps: 3210, Name: "MuLoCo", Matrices: "hidden=normuon:lr=0.018,polar=quintic,hyperball=true+lookahead:30,alpha=0.7,mu=0.5",
		Others: "embedding=adam:lr=0.3,beta1=0.8,beta2=0.95,eps=1e-10+lookahead:30,alpha=0.7,mu=0.5/head=adam:lr=0.003125,beta1=0.8,beta2=0.95,eps=1e-10+" +
			"lookahead:30,alpha=0.7,mu=0.5/rest=adam:lr=0.01,beta1=0.8,beta2=0.95,eps=1e-10+lookahead:30,alpha=0.7,mu=0.5"},
	{Number: 14, Steps: 3150, Name: "SOAP-Muon", Matrices: each(momentum("0.0375", "0.95"), "hidden.mlp", soap+contra+normed, "hidden", contra+normed)},
	{Number: 16, Steps: 3125, Name: "A gate of trust",
		Matrices: each(momentum("0.0375", "0.95"), "hidden.mlp", soap+contra+normed, "hidden.attn.proj", soap+",floor=0.2"+trusted+contra+normed, "hidden", contra+normed)},
	{Number: 17, Steps: 3175, Name: "Aurora", Matrices: "hidden=" + momentum("0.0375", "0.95") + "+polar:quintic,balance=2,contra=0.4+shape+floor:0.35"},
	{Number: 18, Steps: 3225, Name: "PMuon", Matrices: "hidden=" + momentum("0.035", "0.95") + "+roots:0.3,beta=0.95+polar:quintic+shape+decay:0.025",
		Differs: "roots are exact, there by a step of the power method; the newest update counts 2.05 times in their moments there"},
	{Number: 19, Steps: 3125, Name: "KL-SOAP on hyperballs", Matrices: "hidden=kl-soap:lr=0.018,basis-interval=1,biased=true+hyperball", Differs: "eigenvalues at the start in units of the gradient"},
	{Number: 20, Steps: 3030, Name: "PowerCool", Matrices: softened(longer), Others: cooledAdam("3105", "0.95", "")},
	{Number: 21, Steps: 4100, Name: "Shampoo", Matrices: "hidden=shampoo:preset=meta,lr=0.0015,beta2=0.95,root-interval=5,weight-decay=0.2"},
	{Number: 22, Steps: 8225, Name: "Spectral descent", Matrices: "hidden=muon:lr=0.03,weight-decay=0.015,momentum=0,polar=quintic"},
	{Number: 23, Steps: 3075, Name: "Muown", Others: muownAdam("3165", "5.851e-4", "9.142e-6", "2.925e-5"),
		Matrices: muown("powercool(0.00325,3.169e-6,3165,0.9)", "0.95", "+polar:polar-express-twelve", ",steps=3165,power=1.2", "2.496")},
	{Number: 24, Steps: 3175, Name: "Contra-Muon, cooled apart", Matrices: "hidden=" + momentum("0.0375", "0.95") + contra + normed},
	{Number: 25, Steps: 3040, Name: "KL-SOAP on hyperballs, cooled", Matrices: "hidden=kl-soap:lr=polynomial(0.018,3e-4,3125,1.5),basis-interval=1,biased=true+hyperball",
		Differs: "eigenvalues at the start in units of the gradient"},
	{Number: 26, Steps: 3090, Name: "SinkSOAP", Differs: "bases are eigenvectors there, here by a step of the power method, and without the newest gradient",
		Matrices: each(momentum("0.04", "0.95")+"+eigenbasis:0.95,basis-interval=1,sinkhorn=10+unit+shape:shorter+shape", "hidden.mlp", "+normuon:0.95,longer=true+decay:0.025",
			"hidden", "+decay:0.025")},
	{Number: 27, Steps: 3125, Name: "SOAP on hyperballs", Matrices: "hidden=soap:lr=0.018,beta2=0.9,basis-interval=1,weight-decay=0,biased=true+hyperball", Differs: "the first step only sets the bases here"},
	{Number: 28, Steps: 3175, Name: "DynMuon", Matrices: "hidden=sgd:lr=0.02+momentum:0.95,nesterov=true+polar-power:quintic+shape+decay:0.025"},
	{Number: 29, Steps: 2990, Name: "Radial brake and pin", Matrices: softened(braked), Others: cooledAdam("3105", "0.95", "")},
	{Number: 30, Steps: 2930, Name: "Longer Contra-Muon", Matrices: aurora("3050", warmed, longFading, braked), Others: cooledAdam("3050", "0.99", "")},
	{Number: 31, Steps: 2995, Name: "Muown with NorMuon and Contra-Muon", Others: muownAdam("3045", "6.058e-4", "9.466e-6", "3.029e-5"),
		Matrices: muown("powercool(0.0045,4.544e-6,3045,0.9)", "0.946", "+polar:polar-express-twelve,contra=linear(0.65,1925,0)+normuon:0.8,longer=true",
			",steps=3005,power=0.9", "3.744")},
	{Number: 32, Steps: 3000, Name: "SODA",
		Matrices: softened(longer + "+anchor:inverse(0.5,0.5),to=2750,fade=750"), Others: cooledAdam("3105", "0.95", "")},
	{Number: 33, Steps: 3375, Name: "PSGD on hyperballs", Differs: "factors at the start in units of the gradient",
		Matrices: "hidden=sgd:lr=polynomial(0.025,0,3400,1)+average:0.95,corrected=true+whiten:1,interval=1,balance=1+hyperball"},
	{Number: 34, Steps: 2925, Name: "Reduced-rank extrapolation", Differs: "moves of all matrices are extrapolated together there, here by routes",
		Matrices: aurora("3050", warmed, longFading, braked+"+reduced-rank:5,from=2824,to=2925"), Others: cooledAdam("3050", "0.99", "")},
	{Number: 35, Steps: 3375, Name: "Shampoo of one side with Adam's length",
		Matrices: "hidden=shampoo:preset=meta,lr=0.01,beta2=0.9,eps=0,sides=shorter,block=8192,graft=adam,graft-beta2=0.9,graft-eps=1e-15,weight-decay=0.1"},
	{Number: 36, Steps: 3250, Name: "Muon, tuned", Matrices: "hidden=muon:lr=trapezoid(0.025,0,0,2275,3250),weight-decay=0.05,polar=quintic",
		Others: "embedding=adamw:lr=0.7,beta1=0.8,beta2=0.95,eps=1e-10,weight-decay=0.001/head=adamw:lr=0.004,beta1=0.8,beta2=0.95,eps=1e-10," +
			"weight-decay=0.001/rest=adamw:lr=0.015,beta1=0.8,beta2=0.95,eps=1e-10,weight-decay=0.001"},
	{Number: 37, Steps: 3250, Name: "Muon on hyperballs, tuned", Matrices: "hidden=muon:lr=0.018,polar=quintic,hyperball=true", Others: adam("0.91", "0.0064", "0.0195", "0.95", "")},
	{Number: 38, Steps: 2900, Name: "Tempered-Polar, back along the last moves", Matrices: aurora("3020", warmed40, tempered, ramped+back+lastAnchor),
		Others: cooledAdam("3020", "0.99", lastAnchor)},
	{Number: 39, Steps: 3125, Name: "EMA-Nesterov", Matrices: "hidden=muon:lr=0.035,weight-decay=0.025,polar=quintic+ema-nesterov:0.6,from=500,to=2400",
		Others: adam("0.3", "0.003125", "0.01", "0.95", "+ema-nesterov:0.6,from=500,to=2400")},
	{Number: 40, Steps: 2890, Name: "EMA-Nesterov", Matrices: aurora("2980", warmed40, longFading, braked+ahead40), Others: cooledAdam("2980", "0.99", ahead40)},
	{Number: 42, Steps: 2860, Name: "Interpolation with earlier weights",
		Matrices: aurora("2980", warmed40, longFading, braked+ahead40+interpolate), Others: cooledAdam("2980", "0.99", ahead40+interpolate)},
	{Number: 44, Steps: 2750, Name: "SOAP-Muon in each step", Matrices: clean(muonLR("2900"), braked+ahead44), Others: splitAdam(onTime, ahead44)},
	{Number: 45, Steps: 2720, Name: "Average of the tail", Matrices: clean(muonLR("2900"), braked+ahead44), Others: splitAdam(onTime, ahead44)},
	{Number: 46, Steps: 2690, Name: "Floor of rows, cautious decay", Matrices: clean(muonLR("2900"), byRows+ahead44), Others: splitAdam(onTime, ahead44)},
	{Number: 331, Open: true, Steps: 2660, Name: "Average of a shorter tail", Matrices: clean(muonOpen, byRows+aheadOpen), Others: splitAdam(onTime, aheadOpen)},
	{Number: 338, Open: true, Steps: 2645, Name: "Average of the tail by groups", Matrices: clean(late(muonOpen), byRows+aheadOpen), Others: splitAdam(late, aheadOpen),
		Differs: "how much of the average each group takes, and the lengths of its rows"},
}

// documentRecords writes the table of records.
func documentRecords(b *strings.Builder) {
	b.WriteString("\n## Records\n\nThe third track of the modded-nanogpt speedrun counts the steps of an optimizer to a loss of 3.28. The table has its results that can be\n" +
		"written as chains. A step size given as a number is the step size before it cools. The last two results are open pull requests, with their\n" +
		"numbers. Results 45 and later evaluate `average=blend`. Names are those of the speedrun's model. In our GPT-2 the queries, keys and values are\n" +
		"one tensor, so leave out its route `hidden.attn.v`. The gates of results 44 and later, and NorMuon in results 20 and 32, measure matrices by\n" +
		"the Schatten 4-norm in the speedrun, and by ‖X‖_F here. Steps here do not depend on the unit of the loss. So numbers at the start of results 19, 25 and 33\n" +
		"are relative to the first gradient. `add=27594` is for the mean over batches of 2¹⁹ tokens; the speedrun has the sum. The last column says what\n" +
		"a chain leaves out or does differently.\n\n" +
		"Three results are not chains. Newton-Muon (15) needs the inputs of layers. A method here sees only gradients, and second moments of activations\n" +
		"would have to be summed over batches and ranks, and kept in checkpoints, for a single method. Circuit-Muon (41) couples the values and the output\n" +
		"projection of a block: each head of one is scaled by the weights of the other, and both move by the difference of ⟨weights, update⟩. The two\n" +
		"tensors have different routes, since only the values go through the eigenbasis, and each may be on another rank. A transform here sees one tensor\n" +
		"at a time, and no model says which two tensors belong together. Result 43 builds on 41. Its schedules and anchors are links (`delay`, `anchor`).\n" +
		"Its moves against the sums of earlier moves, and across them, are not.\n\n" +
		"| result | steps | what it added | matrices between layers | left out or different |\n|---|---|---|---|---|\n")
	for _, r := range records {
		number := strconv.Itoa(r.Number)
		if r.Open {
			number = "#" + number
		}
		fmt.Fprintf(b, "| %s | %d | %s | `%s` | %s |\n", number, r.Steps, r.Name, cell(r.Matrices), cell(r.Differs))
	}
}
