"""`make check-gpu`, or `python -m tests.check_gpu`: everything that needs a GPU, on every GPU of this machine, in one command.

One idea: it needs Python, NumPy and a driver, and nothing else, because a machine with a GPU is often one on which nothing can
be installed. So the suites that pytest runs elsewhere are run here by a small runner of their own (`collect`), each test in
a worker process that may crash or hang without taking the rest along (`worker`, `workers`).

Reading order: `collect`, `worker`, `workers`, `bench`, `bench_cuda`, `report`, `__main__`.
"""
