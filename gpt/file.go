package gpt

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"steepest/internal/memory"
	"steepest/internal/simd"
)

// Read reads a model from a folder of Hugging Face, as ReadHuggingFace does, or a file of llm.c, as ReadLLMC does.
func Read(path string) (c Config, x []float32, err error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return c, nil, fmt.Errorf("gpt: %w", err)
	case info.IsDir():
		return ReadHuggingFace(path)
	case filepath.Ext(path) == ".safetensors" || filepath.Base(path) == hfConfigFile:
		return c, nil, fmt.Errorf("gpt: %s is a part of a model; name its folder, %s, with %s and %s", path, filepath.Dir(path), hfConfigFile, hfModelFile)
	}
	return ReadLLMC(path)
}

// available returns the memory that is available.
var available = memory.Available

// room allocates the parameters of a model. It fails if they take more memory than there is.
func (c Config) room() ([]float32, error) {
	if need, free := 4*float64(c.size()), available(); need > free {
		return nil, fmt.Errorf("its parameters take %s of memory, and %s are there", memory.Text(need), memory.Text(free))
	}
	return simd.LargePages(make([]float32, c.size())), nil
}

// writeFile writes a file atomically: path holds either the complete new file or what it held before.
func writeFile(path string, write func(w io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	w := bufio.NewWriterSize(f, 1<<20)
	err = write(w)
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = f.Chmod(0o666 &^ 0o022)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
