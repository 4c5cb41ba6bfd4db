"""Runs each task in a forked process of its own: a crash or an endless loop ends that task and nothing else."""

import multiprocessing
import multiprocessing.connection
import os
import resource
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

CONTEXT = multiprocessing.get_context("fork")


@dataclass
class Running:
    task: object
    process: multiprocessing.process.BaseProcess
    deadline: float


def child(function: Callable, task, connection) -> None:
    """In the forked process: no core files, no terminal signals, silence."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    connection.send(function(task))
    connection.close()
    os._exit(0)


def start(function: Callable, task, timeout: float):
    receiver, sender = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=child, args=(function, task, sender))
    process.start()
    sender.close()
    return receiver, Running(task, process, time.monotonic() + timeout)


def finish(receiver, running: Running, on_death: Callable[[str], object]):
    """The task's result, or what on_death makes of how its process ended."""
    try:
        result = receiver.recv()
    except EOFError:
        running.process.join()
        code = running.process.exitcode
        result = on_death(f"crash: {signal.Signals(-code).name}" if code < 0 else f"crash: exit {code}")
    receiver.close()
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
                del running[receiver]
                yield entry.task, on_death(f"time-out after {timeout:.0f} s")
