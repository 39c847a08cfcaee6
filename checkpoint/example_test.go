package checkpoint_test

import (
	"errors"
	"fmt"
	"log"
	"os"

	"steepest/checkpoint"
)

func Example() {
	path, err := os.MkdirTemp("", "run")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(path)

	folder, err := checkpoint.Open(path, 2)
	if err != nil {
		log.Fatal(err)
	}
	defer folder.Close()

	x := []float64{1, 1}
	first := 0
	s, skipped, err := checkpoint.Load(path)
	switch {
	case err == nil:
		first = s.Step
		copy(x, s.Tensors["x"].Values.([]float64))
	case !errors.Is(err, checkpoint.ErrNone):
		log.Fatal(err)
	}
	for _, fault := range skipped {
		log.Print(fault)
	}

	for step := first; step < 100; step++ {
		x[0], x[1] = 0.5*x[0], 0.5*x[1]
		if (step+1)%40 == 0 {
			tensors := map[string]checkpoint.Tensor{"x": {Shape: []int{2}, Values: x}}
			if err := folder.Save(checkpoint.Snapshot{Step: step + 1, Tensors: tensors}); err != nil {
				log.Print(err) // the run goes on
			}
		}
	}
	s, _, err = checkpoint.Load(path)
	fmt.Println(s.Step, s.Tensors["x"].Values, err)
	// Output: 80 [8.271806125530277e-25 8.271806125530277e-25] <nil>
}
