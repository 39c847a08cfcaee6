"""Readers of other libraries, each at its fastest settings. The arguments are the number of threads and the names of the libraries. The answer to a
line "time NAME PATH" is the seconds of the processor and of the wall clock that reading takes. The answer to "memory NAME PATH" is the bytes at the
peak beyond those before. "parquet CSV PATH" writes a CSV file as Parquet, with pyarrow's defaults, and the answer is the size of the Parquet file."""

import os
import sys
import time

threads = sys.argv[1]
for name in ["POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"]:
    os.environ[name] = threads


def xgboost_libsvm():
    import xgboost

    xgboost.set_config(verbosity=0)
    return xgboost, lambda path: xgboost.DMatrix(path + "?format=libsvm", nthread=int(threads))


def vw():
    import vowpalwabbit

    def read(path):  # one pass of learning, without which it reads nothing
        done = vowpalwabbit.Workspace(f"-d {path} --quiet --loss_function logistic")
        done.finish()
        return done

    return vowpalwabbit, read


def sklearn_libsvm():
    import sklearn
    from sklearn.datasets import load_svmlight_file

    return sklearn, load_svmlight_file


def polars_csv():
    import polars

    return polars, polars.read_csv


def pandas_csv():
    import pandas

    return pandas, pandas.read_csv


def pyarrow_csv():
    import pyarrow
    from pyarrow import csv

    pyarrow.set_cpu_count(int(threads))
    options = csv.ReadOptions(use_threads=threads != "1")
    return pyarrow, lambda path: csv.read_csv(path, read_options=options)


def pyarrow_parquet():
    import pyarrow
    from pyarrow import parquet

    return pyarrow, lambda path: parquet.read_table(path, use_threads=threads != "1")


def write_parquet(table, path):
    from pyarrow import csv, parquet

    parquet.write_table(csv.read_csv(table), path)
    return os.path.getsize(path)


peers = {
    "xgboost": xgboost_libsvm,
    "VW": vw,
    "scikit-learn": sklearn_libsvm,
    "polars": polars_csv,
    "pandas": pandas_csv,
    "pyarrow": pyarrow_csv,
    "pyarrow.parquet": pyarrow_parquet,
}
modules = {name: peers[name]() for name in sys.argv[2:]}


def status(name):
    with open("/proc/self/status") as lines:
        return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(name))


print(", ".join(f"{name} {module.__version__}" for name, (module, _) in modules.items()), flush=True)
for line in sys.stdin:
    what, name, path = line.split()
    if what == "parquet":
        print(write_parquet(name, path), flush=True)
        continue
    read = modules[name][1]
    if what == "time":
        cpu, wall = time.process_time(), time.perf_counter()
        kept = read(path)
        print(time.process_time() - cpu, time.perf_counter() - wall, flush=True)
    else:
        with open("/proc/self/clear_refs", "w") as refs:
            refs.write("5")
        before = status("VmRSS")
        kept = read(path)
        print(status("VmHWM") - before, flush=True)
    del kept
