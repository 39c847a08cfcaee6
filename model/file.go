package model

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"steepest/data"
	"steepest/nn"
)

// format names the version of the files that Save writes.
const format = "steepest model 2"

// file is the JSON form of a Model.
type file struct {
	Format     string          `json:"format"`
	Kind       Kind            `json:"kind"`
	Loss       string          `json:"loss,omitempty"`
	Classes    data.Classes    `json:"classes,omitempty"`
	ClassNames []string        `json:"class_names,omitempty"`
	Columns    int             `json:"columns,omitempty"`
	Names      []string        `json:"features,omitempty"`
	Source     *data.Columns   `json:"source,omitempty"`
	Hashing    *data.VWOptions `json:"hashing,omitempty"`
	ZeroBased  bool            `json:"zero_based,omitempty"`
	Kept       []uint32        `json:"kept,omitempty"`
	Scale      data.Scale      `json:"scale,omitempty"`
	Shifts     []float64       `json:"shifts,omitempty"`
	Scales     []float64       `json:"scales,omitempty"`
	Means      []float64       `json:"means,omitempty"`
	Intercept  bool            `json:"intercept,omitempty"`
	Layers     *layers         `json:"layers,omitempty"`
	Float32    bool            `json:"float32,omitempty"`
	Params     []Param         `json:"parameters"`
	Errors     []float64       `json:"standard_errors,omitempty"`
	About      json.RawMessage `json:"about,omitempty"`
}

// layers is the JSON form of an nn.Config, without its penalty.
type layers struct {
	Hidden     []int  `json:"hidden"`
	Activation string `json:"activation"`
	LayerNorm  bool   `json:"layer_norm,omitempty"`
	NoBias     bool   `json:"no_bias,omitempty"`
}

// Save writes a model as JSON. The error says which parts of the model do not fit together.
func Save(w io.Writer, m *Model) error {
	if err := m.check(); err != nil {
		return fmt.Errorf("model: the model cannot be saved: %w", err)
	}
	f := file{
		Format: format, Kind: m.Kind, Loss: m.Loss, Classes: m.Classes, ClassNames: m.ClassNames,
		Columns: m.Columns, Names: m.Names, Source: m.Source, Hashing: m.Hashing, ZeroBased: m.ZeroBased, Kept: m.Features.Kept, Scale: m.Features.Scale, Shifts: m.Features.Scaling.Shift,
		Scales: m.Features.Scaling.Scale, Means: m.Features.Means, Intercept: m.Features.Intercept, Float32: m.Float32, Params: m.Params, Errors: m.StandardErrors, About: m.About,
	}
	if c := m.Layers; m.Kind == Network {
		f.Layers = &layers{c.Hidden, c.Activation.String(), c.LayerNorm, c.NoBias}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(f)
}

// Load reads a model that Save has written. The error says what is wrong with the file, or what kind of file it is. The memory
// of Load is bounded by the size of the file.
func Load(r io.Reader) (*Model, error) {
	var text json.RawMessage
	d := json.NewDecoder(r) // stops at the first byte that is not JSON, however long the file is
	err := d.Decode(&text)
	var syntax *json.SyntaxError
	switch {
	case err == io.EOF:
		err = errors.New("the file is empty")
	case err == io.ErrUnexpectedEOF:
		err = errors.New("the file ends too early; it is damaged")
	case errors.As(err, &syntax):
		err = fmt.Errorf("the file is no saved model: %w at byte %d", err, syntax.Offset)
	case err != nil:
		return nil, err
	}
	var m *Model
	if err == nil {
		m, err = parse(text)
	}
	if _, more := d.Token(); err == nil && more != io.EOF {
		err = errors.New("the model is damaged: more stands behind its end")
	}
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	return m, nil
}

func parse(text []byte) (*Model, error) {
	var head struct{ Format string }
	switch err := json.Unmarshal(text, &head); {
	case strings.HasPrefix(head.Format, "steepest ") && head.Format != format:
		return nil, fmt.Errorf("the file is a %q, of another version of Steepest; this one reads %q", head.Format, format)
	case err != nil || head.Format != format:
		return nil, fmt.Errorf("the file is not a model: its format is %q, not %q", head.Format, format)
	}
	if err := refuseMisread(json.NewDecoder(bytes.NewReader(text))); err != nil {
		return nil, damage(err)
	}
	var f file
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return nil, damage(err)
	}
	m := &Model{
		Kind: f.Kind, Loss: f.Loss, Classes: f.Classes, ClassNames: f.ClassNames, Columns: f.Columns, Names: f.Names, Source: f.Source, Hashing: f.Hashing,
		ZeroBased: f.ZeroBased,
		Features:  data.Features{Kept: f.Kept, Scale: f.Scale, Scaling: data.Scaling{Shift: f.Shifts, Scale: f.Scales}, Means: f.Means, Intercept: f.Intercept},
		Float32:   f.Float32, Params: f.Params, StandardErrors: f.Errors, About: f.About,
	}
	if f.Layers != nil {
		m.Layers = nn.Config{Hidden: f.Layers.Hidden, LayerNorm: f.Layers.LayerNorm, NoBias: f.Layers.NoBias}
		if err := m.Layers.Activation.UnmarshalText([]byte(f.Layers.Activation)); err != nil {
			return nil, fmt.Errorf("the model is damaged: %w", err)
		}
	}
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("the model is damaged: %w", err)
	}
	return m, nil
}

// damage returns an error of encoding/json without the names of Go types.
func damage(err error) error {
	var misfit *json.UnmarshalTypeError
	if errors.As(err, &misfit) {
		return fmt.Errorf("the model is damaged: %s is a %s, which it cannot be", cmp.Or(misfit.Field, "an element"), misfit.Value)
	}
	return fmt.Errorf("the model is damaged: %s", strings.TrimPrefix(err.Error(), "json: "))
}

// refuseMisread returns an error for JSON that encoding/json would read otherwise than it is meant: a name that stands twice in an object, where
// the last one would count, or null in the place of a value, which would be 0.
func refuseMisread(d *json.Decoder) error {
	token, err := d.Token()
	open, _ := token.(json.Delim)
	if err == nil && token == nil {
		return errors.New("a value is null")
	}
	if err != nil || open != '{' && open != '[' {
		return err
	}
	seen := make(map[string]bool)
	for d.More() {
		if open == '{' {
			name, err := d.Token()
			if err != nil {
				return err
			}
			lower := strings.ToLower(name.(string)) // encoding/json ignores case
			if seen[lower] {
				return fmt.Errorf("%q stands twice", name)
			}
			seen[lower] = true
			if lower == "about" { // whatever the program says of the run
				if err := d.Decode(new(json.RawMessage)); err != nil {
					return err
				}
				continue
			}
		}
		if err := refuseMisread(d); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}
