package tfevents

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// Event is an event of a file.
type Event struct {
	Time time.Time
	Step int
	// Content is a Version, Scalars, a Restart, a Start or an End. It is nil if an event was read with any other content.
	Content Content
}

// Content is the content of an event.
type Content interface {
	// field appends the field of the message Event that holds the content.
	field(b []byte) []byte
}

// Version is the content of the first event of a file.
type Version string

// Current is the version in which a Restart drops earlier events.
const Current Version = "brain.Event:2"

// Scalars are numbers of a step.
type Scalars []Scalar

// Scalar is a named number. Slashes in names form groups.
type Scalar struct {
	Tag   string
	Value float32
}

// Restart says that a run continues from the step of the event: earlier events of this step and later steps are no longer valid.
type Restart struct{}

// Start describes a run for the table of hyperparameters.
type Start struct {
	// Parameters are the hyperparameters. Numbers and booleans are written as such.
	Parameters map[string]string
	// Group is the same for runs that differ only in their seed.
	Group string
	// Model is the checkpoint folder of the run; "" if there is none.
	Model string
	Time  time.Time
}

// End says how a run ended.
type End struct {
	Status Status
	Time   time.Time
}

// Status is how a run ended.
type Status uint64

// The ends of runs.
const (
	Unknown Status = iota
	Success
	Failure
)

// message returns the event as a protocol buffer message: fields by number, without those that are 0.
func (e Event) message() []byte {
	b := double(nil, 1, seconds(e.Time))
	if e.Step != 0 {
		b = varint(b, 2, uint64(e.Step))
	}
	return e.Content.field(b)
}

func (v Version) field(b []byte) []byte { return text(b, 3, string(v)) }

func (s Scalars) field(b []byte) []byte {
	var summary []byte
	for _, scalar := range s {
		value := text(nil, 1, scalar.Tag)
		value = protowire.AppendTag(value, 2, protowire.Fixed32Type)
		value = protowire.AppendFixed32(value, math.Float32bits(scalar.Value))
		summary = message(summary, 1, value)
	}
	return message(b, 5, summary)
}

func (Restart) field(b []byte) []byte {
	const start = 1
	return message(b, 7, varint(nil, 1, start))
}

func (s Start) field(b []byte) []byte {
	var info []byte
	for _, name := range slices.Sorted(maps.Keys(s.Parameters)) {
		info = message(info, 1, message(text(nil, 1, name), 2, parameter(s.Parameters[name])))
	}
	info = text(info, 2, s.Model)
	info = text(info, 4, s.Group)
	info = double(info, 5, seconds(s.Time))
	return session(b, startTag, message(nil, 3, info))
}

func (e End) field(b []byte) []byte {
	var info []byte
	if e.Status != Unknown {
		info = varint(info, 1, uint64(e.Status))
	}
	info = double(info, 2, seconds(e.Time))
	return session(b, endTag, message(nil, 4, info))
}

// The names of the values that the hyperparameters plugin reads.
const (
	startTag = "_hparams_/session_start_info"
	endTag   = "_hparams_/session_end_info"
)

// session appends a summary of the hyperparameters plugin: a value without numbers, with the content in its metadata.
func session(b []byte, tag string, content []byte) []byte {
	const float, noNumber = 1, "\x12\x00" // a dimension (2) of 0
	tensor := text(varint(nil, 1, float), 2, noNumber)
	plugin := message(text(nil, 1, "hparams"), 2, content)
	value := message(message(text(nil, 1, tag), 8, tensor), 9, message(nil, 1, plugin))
	return message(b, 5, message(nil, 1, value))
}

// parameter returns the value of a hyperparameter as google.protobuf.Value.
func parameter(v string) []byte {
	if x, err := strconv.ParseFloat(v, 64); err == nil && !math.IsNaN(x) && !math.IsInf(x, 0) {
		return double(nil, 2, x)
	}
	switch v {
	case "true":
		return varint(nil, 4, 1)
	case "false":
		return varint(nil, 4, 0)
	}
	return text(nil, 3, v)
}

func seconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }

func varint(b []byte, field protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), v)
}

func double(b []byte, field protowire.Number, v float64) []byte {
	return protowire.AppendFixed64(protowire.AppendTag(b, field, protowire.Fixed64Type), math.Float64bits(v))
}

// text appends a text field, which must be UTF-8 in protocol buffers.
func text(b []byte, field protowire.Number, v string) []byte {
	return message(b, field, []byte(strings.ToValidUTF8(v, "\ufffd")))
}

func message(b []byte, field protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), v)
}
