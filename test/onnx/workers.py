"""Runs each task in a forked process of its own: a crash or an endless loop ends that task and nothing else."""

import multiprocessing
import multiprocessing.connection
import os
import resource
import signal
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

CONTEXT = multiprocessing.get_context("fork")


@dataclass
class Running:
    task: object
    process: multiprocessing.process.BaseProcess
    deadline: float
    stderr: object  # open file: what the process wrote there

    def last_words(self) -> str:
        """First line of standard error: what an assertion says before it aborts."""
        self.stderr.seek(0)
        line = self.stderr.readline().strip()
        return f": {line[-300:]}" if line else ""


def child(function: Callable, task, connection, stderr) -> None:
    """In the forked process: no core files, no terminal signals, nothing on the terminal."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(stderr.fileno(), 2)
    connection.send(function(task))
    connection.close()
    os._exit(0)


def start(function: Callable, task, timeout: float):
    receiver, sender = CONTEXT.Pipe(duplex=False)
    stderr = tempfile.TemporaryFile("w+", errors="replace")
    process = CONTEXT.Process(target=child, args=(function, task, sender, stderr))
    process.start()
    sender.close()
    return receiver, Running(task, process, time.monotonic() + timeout, stderr)


def finish(receiver, running: Running, on_death: Callable[[str], object]):
    """The task's result, or what on_death makes of how its process ended."""
    try:
        result = receiver.recv()
    except EOFError:
        running.process.join()
        code = running.process.exitcode
        how = signal.Signals(-code).name if code < 0 else f"exit {code}"
        result = on_death(f"crash: {how}{running.last_words()}")
    receiver.close()
    running.stderr.close()
    running.process.join()
    return running.task, result


def run_isolated(function: Callable, tasks: Iterable, jobs: int, timeout: float,
                 on_death: Callable[[str], object]) -> Iterator[tuple]:
    """Yields (task, result) as tasks finish. on_death(reason) is the result of a task that crashed or ran too long."""
    waiting, running = iter(tasks), {}
    exhausted = False
    while running or not exhausted:
        while not exhausted and len(running) < jobs:
            task = next(waiting, None)
            exhausted = task is None
            if task is not None:
                receiver, entry = start(function, task, timeout)
                running[receiver] = entry
        for receiver in multiprocessing.connection.wait(running, timeout=0.2) if running else []:
            yield finish(receiver, running.pop(receiver), on_death)
        for receiver, entry in list(running.items()):
            if time.monotonic() > entry.deadline and not receiver.poll():
                entry.process.kill()
                entry.process.join()
                receiver.close()
                entry.stderr.close()
                del running[receiver]
                yield entry.task, on_death(f"time-out after {timeout:.0f} s")
