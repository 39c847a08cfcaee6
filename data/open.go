package data

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"steepest/internal/plural"
	"steepest/internal/printable"
)

// Format names a file format.
type Format string

// The formats that Open knows.
const (
	LIBSVM  Format = "libsvm"
	CSV     Format = "csv"
	Parquet Format = "parquet"
	VW      Format = "vw"
	IDX     Format = "idx"
)

// Options says how to read a file. With the zero value its name or its content shows the format.
type Options struct {
	// Format is the file's format. Default: by the extension of its name (.libsvm, .svm, .svmlight, .csv, .tsv, .parquet, .vw,
	// .idx, or -idx3-ubyte and its like), or else by its first bytes.
	Format Format
	LIBSVM LIBSVMOptions
	CSV    CSVOptions // for Parquet, too
	VW     VWOptions
	IDX    IDXOptions
	// Progress, if not nil, is called after each piece of some KiB that was read or written, by one goroutine at a time.
	Progress func(Stage)
}

// Open reads the data set in a file. A compressed file (gzip, bzip2 or zstd) is recognized by its content. The set has the name of the file,
// without extensions, and with control characters written out as \x1b. For IDX, path is the file of images. They become the rows of a
// *Bytes, or of a *Dense if the file holds other numbers than bytes. The error is a *ParseError unless the file cannot be read or the
// options contradict each other.
func Open(path string, o Options) (*Set, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if stat, err := f.Stat(); err == nil && stat.IsDir() {
		if IsCache(path) {
			return nil, fmt.Errorf("%s is a cache of rows; name the file that it was made from", path)
		}
		return nil, fmt.Errorf("%s is a directory; name a file in it", path)
	}
	if o.Format == Parquet || o.Format == "" && isParquet(path, f) {
		set, err := ReadParquet(path, o.CSV)
		if err != nil {
			return nil, err
		}
		stem, _ := splitName(path)
		set.Name, set.Format = printable.Text(stem), Parquet
		return set, nil
	}
	return Read(path, f, o)
}

// isParquet reports whether a file has the extension or the first bytes of Parquet.
func isParquet(path string, f io.ReaderAt) bool {
	start := make([]byte, len(startMagic))
	_, err := f.ReadAt(start, 0)
	return strings.EqualFold(filepath.Ext(path), ".parquet") || err == nil && string(start) == startMagic
}

// Read is Open for a stream, such as the standard input; name takes the place of the path. A Parquet file is copied to a
// temporary file first, because its schema is at its end.
func Read(name string, r io.Reader, o Options) (*Set, error) {
	stage := Stage{What: "reading " + filepath.Base(name), Total: sizeOf(r)}
	text := bufio.NewReaderSize(o.watch(r, &stage), 1<<16)
	in, _ := Unpack(text)
	if err := o.detect(name, in); err != nil {
		return nil, err
	}
	plain := sized{Reader: in}
	if in == text { // neither compressed nor in another encoding
		plain = sizedOf(r)
		plain.Reader = in
	}
	var set *Set
	var err error
	switch o.Format {
	case LIBSVM:
		set, err = ReadLIBSVM(name, plain, o.LIBSVM)
	case CSV:
		set, err = ReadCSV(name, plain, o.CSV)
	case VW:
		set, err = ReadVW(name, plain, o.VW)
	case IDX:
		set, err = readImages(name, in, o.IDX)
	case Parquet:
		err = spool(name, in, os.TempDir(), func(file *io.SectionReader) error {
			set, err = readParquet(name, file, o.CSV)
			return err
		})
	}
	if err != nil {
		return nil, err
	}
	stem, _ := splitName(name)
	set.Name, set.Format = printable.Text(stem), o.Format
	return set, nil
}

// detect sets the format to the one that the name or the start of a stream shows, unless the options name one. It returns an error if that
// format cannot be read, or not with these options.
func (o *Options) detect(name string, in *bufio.Reader) error {
	_, extension := splitName(name)
	if o.Format == "" {
		if o.Format = formatOf(extension); startsWith(in, startMagic) {
			o.Format = Parquet
		} else if o.Format == "" {
			head, _ := in.Peek(sniffed) // the first read returns the error
			o.Format = sniff(head, o.CSV.Delimiter)
		}
	}
	if o.Format != Parquet {
		if err := refuseForeign(name, in); err != nil {
			return err
		}
	}
	switch c := &o.CSV; o.Format {
	case CSV:
		if c.Delimiter == 0 && extension == ".tsv" {
			c.Delimiter = '\t'
		}
	case LIBSVM, VW, IDX:
		if c.Columns != nil || c.Drop != nil || c.Categorical != nil {
			return &ParseError{File: name, What: fmt.Sprintf("the file is read as %s, whose columns cannot be chosen", o.Format),
				Fix: "leave out Columns, Drop and Categorical, or set Format to csv"}
		}
	case Parquet:
	case vwOrCSV:
		return &ParseError{File: name, What: "the file may be text of Vowpal Wabbit, or CSV with bars between its columns", Fix: "set Format to vw or csv"}
	case "":
		fix := "set Format to libsvm, csv, parquet, vw or idx"
		head, err := in.Peek(sniffed)
		if err != nil && err != io.EOF {
			return ReadError(name, err)
		}
		if len(head) == 0 {
			return noRows(name)
		}
		if blankColumns.Match(head) {
			fix = "if blanks separate its columns, set Format to csv and Delimiter to \" \" where each is one blank, or put commas in their place"
		}
		return &ParseError{File: name, What: "neither the name nor the content shows the format of the file", Fix: fix}
	default:
		return fmt.Errorf("data: unknown format %q; the formats are libsvm, csv, parquet, vw and idx", o.Format)
	}
	return nil
}

// LabelsOf returns the path of the labels that belong to an IDX file of images named as in MNIST; "" if it has another name.
func LabelsOf(images string) string {
	dir, base := filepath.Split(images)
	if !imagesName.MatchString(base) {
		return ""
	}
	return dir + imagesName.ReplaceAllString(base, "labels${1}idx1")
}

// readImages reads a set from a tensor of images and the file of its labels.
func readImages(name string, r io.Reader, o IDXOptions) (*Set, error) {
	path := o.Labels
	if path == "" {
		if path = LabelsOf(name); path == "" {
			return nil, fmt.Errorf("%s: the name does not show which file holds the labels; set Labels to its path", name)
		}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: its labels cannot be opened; set Labels to their path: %w", name, err)
	}
	defer f.Close()
	in, err := unpack(path, f)
	if err != nil {
		return nil, err
	}
	labels, err := openIDX(path, in)
	if err != nil {
		return nil, err
	}
	images, err := openIDX(name, r)
	if err != nil {
		return nil, err
	}
	switch n := images.shape[0]; { // before the elements are unpacked
	case len(labels.shape) != 1:
		return nil, &ParseError{File: path, Fix: "give the file of labels, such as train-labels-idx1-ubyte",
			What: fmt.Sprintf("labels of shape %d have more than one dimension", labels.shape)}
	case labels.shape[0] != n:
		return nil, &ParseError{File: path, Fix: "give the labels that belong to these examples",
			What: fmt.Sprintf("there %s for the %s of %s", isOrAre(labels.shape[0], "label"), plural.Of(n, "example"), name)}
	case images.total == 0:
		return nil, noRows(name)
	}
	y, err := labels.tensor()
	if err != nil {
		return nil, err
	}
	rows := images.shape[0]
	cols := images.total / rows
	if images.code == unsignedBytes {
		x, err := images.bytes()
		return &Set{X: &Bytes{Rows: rows, Cols: cols, Data: x}, Y: y.Data}, err
	}
	x, err := images.tensor()
	if err != nil {
		return nil, err
	}
	return &Set{X: &Dense{Rows: rows, Cols: cols, Data: x.Data}, Y: y.Data}, nil
}

// splitName splits the base name of a path into the name of the data set and the extension that shows the format. It drops the extension of a
// compressed file. The extension of train-images-idx3-ubyte is -images-idx3-ubyte.
func splitName(path string) (stem, extension string) {
	base := filepath.Base(path)
	for _, packed := range []string{".gz", ".bz2", ".zst"} {
		base = strings.TrimSuffix(base, packed)
	}
	if i := idxName.FindStringIndex(base); i != nil {
		return base[:i[0]], base[i[0]:]
	}
	extension = filepath.Ext(base)
	if formatOf(extension) == "" {
		return base, ""
	}
	return strings.TrimSuffix(base, extension), strings.ToLower(extension)
}

var (
	idxName    = regexp.MustCompile(`(-images)?[-.]idx[0-9]-[a-z]+$`)
	imagesName = regexp.MustCompile(`images([-.])idx3`)
)

func formatOf(extension string) Format {
	switch extension = strings.ToLower(extension); {
	case extension == ".libsvm" || extension == ".svm" || extension == ".svmlight":
		return LIBSVM
	case extension == ".csv" || extension == ".tsv":
		return CSV
	case extension == ".parquet":
		return Parquet
	case extension == ".vw":
		return VW
	case extension == ".idx" || idxName.MatchString(extension):
		return IDX
	}
	return ""
}

const sniffed = 4096 // bytes at the start of a file that sniff gets

// sniff returns the format that the start of a file shows; "" if it shows none.
func sniff(head []byte, delimiter rune) Format {
	if len(head) >= 4 && head[0] == 0 && head[1] == 0 && head[3] > 0 {
		if size, _ := idxType(head[2]); size > 0 {
			return IDX
		}
	}
	between := delimiters
	if delimiter != 0 {
		between = []rune{delimiter}
	}
	for line := range bytes.FieldsFuncSeq(head, func(c rune) bool { return c == '\r' || c == '\n' }) {
		if skipBlanks(line, 0) == len(line) {
			continue // blank or a comment
		}
		if libsvmLine.Match(line) {
			return LIBSVM
		} else if vwLine.Match(line) {
			return VW
		} else if delimiter == 0 && vwWords.Match(line) {
			return vwOrCSV
		} else if bytes.ContainsAny(line, string(between)) {
			return CSV
		}
		return ""
	}
	return ""
}

// vwWords matches a line that could be Vowpal Wabbit's: a label and what may follow it, the only bar, and words without values. The word at the
// end is no number, as the label of a row of CSV would often be.
var vwWords = regexp.MustCompile(`^ *[-+.0-9eE]+( +[-+.0-9eE]+)?( +'\S*)? +('\S*)?\| +([^|\s]+ +)*[^|\s]*[^-+.0-9eE|\s][^|\s]*\s*$`)

// vwOrCSV stands for a file that shows one of two formats.
const vwOrCSV Format = "vw or csv"

// blankColumns matches a first line of numbers between blanks.
var blankColumns = regexp.MustCompile(`^\s*[-+.0-9eE]+([ \t]+[-+.0-9eE]+)+\s`)

// libsvmLine matches a label followed by index: or qid:, or a single number.
var libsvmLine = regexp.MustCompile(`^\s*\S+\s+([0-9]+|qid):[^,]*$|^\s*[-+.0-9eE]+\s*(#.*)?$`)

// vwLine matches a label, an optional importance, and the bar, followed by a namespace and a feature, or by a feature with a value.
var vwLine = regexp.MustCompile(`^ *[-+.0-9eE]+( +[-+.0-9eE]+)?( +'\S*)? +('\S*)?\|(\S+ +[^|\s]| +([^|\s]+ +)*[^|\s:]+:[-+.0-9])`)
