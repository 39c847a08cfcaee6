package gpt

import (
	"math"
	"strings"
	"testing"
)

func TestPreset(t *testing.T) {
	for name, want := range map[string]int{ // as Hugging Face counts them
		"gpt2": 124439808, "gpt2-medium": 354823168, "gpt2-large": 774030080, "gpt2-xl": 1557611200, "distilgpt2": 81912576,
	} {
		c, err := Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := c.size(); got != want {
			t.Errorf("%s has %d parameters, want %d", name, got, want)
		}
	}
	if _, err := Preset("gpt-2"); err == nil || !strings.Contains(err.Error(), `did you mean "gpt2"`) {
		t.Errorf("gpt-2: %v", err)
	}
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		change func(*Config)
		want   string
	}{
		{func(c *Config) { c.Vocab = 0 }, "the vocabulary is 0"},
		{func(c *Config) { c.Context = -1 }, "the context is -1"},
		{func(c *Config) { c.Layers = 0 }, "the number of layers is 0"},
		{func(c *Config) { c.Layers, c.Width, c.Heads = 1_000_000_000, 1, 1 }, "the number of layers is 1000000000, want a number from 1 to 65536"},
		{func(c *Config) { c.Heads = 0 }, "the number of heads is 0"},
		{func(c *Config) { c.Width = math.MaxInt }, "the width is 9223372036854775807"},
		{func(c *Config) { c.Heads = 5 }, "5 heads do not divide the width 64"},
		{func(c *Config) { c.Rotary, c.Heads = true, 64 }, "a head has 1 elements"},
		{func(c *Config) { c.Softcap = -1 }, "the soft cap of scores is -1"},
		{func(c *Config) { c.Softcap = math.NaN() }, "the soft cap of scores is NaN"},
		{func(c *Config) { c.Layers, c.Width = 1<<16, 1<<30 }, "is too large"},
	} {
		config := tiny
		c.change(&config)
		if err := config.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", config, err, c.want)
		}
	}
	if err := tiny.Validate(); err != nil {
		t.Error(err)
	}
}
