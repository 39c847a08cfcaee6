package cli

import (
	"strings"

	"steepest/optim/schedule"
)

// topic is a page of steepest help, in the notation of Go's doc comments.
type topic struct{ name, summary, text string }

// topics are the pages of steepest help in addition to the commands.
var topics = []topic{
	{"chains", "how a method is written: options, links, and methods by role", `
A method is a name, and its options follow a colon:

    adam
    adam:lr=0.01,beta2=0.99

steepest methods lists the methods, and steepest methods NAME explains the options of one. These options belong to every method:

    skip-nonfinite, accumulate, clip-value, clip-norm    prepare its gradients
    batch                                                a number of terms, or full
    average                                              a form of --average
    tune=no                                              a race does not tune the method
    name                                                 a label for the curve
    lr=theory                                            the step size that a theorem recommends

A race tunes what is not given. A range in place of a number, in any option, is what it searches instead:

    adamw:lr=cosine(1e-3..1e-1,0,1000)

A link changes how a method uses a gradient. It follows the method after a plus sign, and acts before the method's decay and step size. A
value without a name is for the first option of the link:

    adam:beta2=0.95+cautious+decay:0.1+lr:0.003

Parameters may have different methods by their role. The roles are hidden, embedding, head, gain, bias and rest. Options for all gradients
are a separate part:

    hidden=soap+polar+hyperball:0.02/rest=adamw:lr=3e-4/clip-norm=1

Words after a role choose parameters by their names, and the route with the most words takes a parameter:

    hidden.mlp=muon/hidden=adamw/rest=adamw:lr=3e-4

Quote a method with parentheses or semicolons, since they have a meaning for the shell: 'sgd:lr=invsqrt(0.5)'.`},

	{"schedules", "step sizes that change along a run", `
The option lr of a method is a number or a schedule. A schedule is a function of the step, which counts from 0:

    steepest minimize 'sgd:lr=invsqrt(1)' --data breast-cancer
    steepest minimize 'adamw:lr=warmup(100, cosine(1e-3, 0, 1000))' --data digits --steps 1000

The schedules are:

    ` + strings.Join(schedule.Forms(), "\n    ") + `

The last arguments of inverse, polynomial, powercool and exponential may be left out. go doc steepest/optim/schedule has the formulas.`},

	{"formats", "data files: LIBSVM, CSV, Parquet, VW and IDX", `
A data set is the name of an embedded set, the path of a file, or the name of a file in one of the folders of $STEEPEST_DATA. An embedded
set takes precedence over a file of the same name; write ./NAME for the file. Files may be packed with gzip, bzip2 or zstd. The format is
detected from the name and the content, unless --format names it:

    libsvm    a line for each row: the label, and pairs of column and value
    csv       a table with a delimiter and, perhaps, names of columns in the first line
    parquet   the same columns in Apache's format
    vw        the text of Vowpal Wabbit, whose names are hashed to columns
    idx       images and labels, as MNIST has them

Columns of CSV and Parquet are chosen with --label, --columns, --drop and --categorical, by name or position. A list of names is written
as a line of CSV, so that a name with a comma stands in quotes: --drop '"width, mm",id'. Readers are strict: a file is read exactly, or refused
with the line, the column and what to do. A missing value is refused unless --impute replaces it. steepest data FILE describes a file. --cache
keeps rows on the disk, for data larger than memory.

    steepest data cars.csv --label price --drop id --categorical color,maker
    steepest fit cars.csv --label price --drop id --categorical color,maker`},

	{"numbers", "how numbers and times are written", `
Numbers are decimal and finite: 3, -1.5, .5, 1e-4. 1_000, 0x10 and inf are refused. Whole numbers may have an exponent, too: 1e6. Times are
written as 90s, 5m or 1h30m. Commas separate the items of a list: --hidden 64,32. Flags may have one dash or two, and their values follow a
space or an equals sign. A negative number may follow a space, too: --start -1.2,1.`},

	{"settings", "files of settings in place of flags", `
minimize, compare, bench and pretrain read settings from a file in TOML, whose keys are the long names of flags. Flags on the command line
override the file. A list in TOML stands for a repeated flag:

    data = "digits"
    method = ["sgd", "adam:lr=0.01"]
    epochs = 10

    steepest compare race.toml --seeds 20`},

	{"resuming", "runs that go on after an interruption", `
With --checkpoint DIR a command saves its progress every 30 seconds, or as often as --checkpoint-every says. The same command with --resume
continues from there, and gives the same bits as an uninterrupted run. If the folder is empty it starts anew, so --resume may be given from
the start:

    steepest minimize adam --data digits --hidden 64 --checkpoint run --resume

A race saves its finished runs, and the unfinished ones in the folder unfinished inside DIR. It continues these in the middle.

Ctrl-C, SIGTERM and SIGHUP end a command with what it has: the model, the record and a last checkpoint are written. With
--checkpoint, pretrain writes its model only when the run has ended. A second signal ends a command at once.
A checkpoint is verified when it is read. If it is damaged, the one before it is used. A folder with another run is refused, and the message
names the first difference.`},

	{"exit-codes", "what the program returns to the shell", `
Answers go to the standard output. Progress, errors and the names of written files go to the standard error. The exit code is

    0      after success
    1      after a failure, such as a full disk, or a scene of the lecture that disagrees
    2      for a wrong command line or configuration
    3      for data that cannot be read or used
    4      for a divergence
    70     after a fault of the program itself
    129    after SIGHUP, when the terminal is closed
    130    after SIGINT, which is Ctrl-C
    143    after SIGTERM`},

	{"environment", "variables that the program reads", `
The program reads these variables of the environment:

    STEEPEST_DATA    folders where the names of data files are looked for, separated as in PATH
    NO_COLOR         no colors on a terminal, if it is set
    TERM             no colors for dumb
    GOMAXPROCS       the number of threads that compute; results do not depend on it
    GODEBUG          cpu.amxtile=off, cpu.avx512f=off and cpu.avx2=off turn vector code off`},
}
