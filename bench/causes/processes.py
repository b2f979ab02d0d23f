#!/usr/bin/python3
"""One planted cause each, as Python programs have them: processes.py CAUSE THREADS. See bench/causes.py."""
import multiprocessing
import sys
import threading


def crunch(n):
    total = 0
    for i in range(n):
        total += i * i % 7
    return total


def uneven(workers):
    with multiprocessing.Pool(workers) as pool:
        pool.map(crunch, [4000000, 500000, 500000, 500000], chunksize=1)


def interpreter_lock(workers):
    threads = [threading.Thread(target=crunch, args=(8000000 // workers,)) for _ in range(workers)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


if __name__ == '__main__':
    {'uneven': uneven, 'gil': interpreter_lock}[sys.argv[1]](int(sys.argv[2]))
