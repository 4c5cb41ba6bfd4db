"""What the suite's results become: a table by operator family, the lists of passing tests, failures by message."""

import datetime
import platform
from collections import Counter, defaultdict
from pathlib import Path

from families import FAMILIES

HERE = Path(__file__).parent
Results = dict[str, dict]  # by column, then by case


def passing_list(column: str, device: str) -> Path:
    """passing.txt, passing-symbolic.txt, passing-emulator.txt, …"""
    parts = ["passing", *([] if column == "fixed" else [column]), *([] if device == "cpu" else [device])]
    return HERE / ("-".join(parts) + ".txt")


def passed(results: dict) -> int:
    return sum(result.passed for result in results.values())


def summary(results: Results) -> str:
    """'passed N of 1914', the symbolic column beside it."""
    parts = [f"passed {passed(found)} of {len(found)}" + (" with symbolic dims" if column == "symbolic" else "")
             for column, found in results.items()]
    kernels = [result.kernels for found in results.values() for result in found.values() if result.passed]
    if kernels and None not in kernels:
        parts.append(f"{sum(map(bool, kernels))} of these ran kernels on the device, {kernels.count(0)} are host programs only")
    return "; ".join(parts)


def share(results: dict, family: str, expanded: bool) -> str:
    chosen = [result for case, result in results.items() if case.family == family and case.expanded == expanded]
    return f"{sum(result.passed for result in chosen)} / {len(chosen)}" if chosen else "–"


def table(results: Results) -> str:
    """Markdown: a row per family, its tests plain and expanded (the operator's function body), for each column."""
    heads = [f"{column}, {kind}" for column in results for kind in ("plain", "expanded")]
    lines = ["| family | " + " | ".join(heads) + " |", "|---|" + "---|" * len(heads)]
    for family in [*FAMILIES, "other"]:
        cells = [share(found, family, expanded) for found in results.values() for expanded in (False, True)]
        if set(cells) != {"–"}:
            lines.append(f"| {family} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + f"\n\n{summary(results)}"


def endings(results: dict) -> Counter:
    """How the failures end: refused, wrong, crash, ..."""
    return Counter(result.message.split(":")[0].split(" after")[0] for result in results.values() if not result.passed)


def failures(results: Results) -> str:
    """Failures by operator and first line of the message, the commonest operators first."""
    groups = defaultdict(lambda: defaultdict(list))
    for column, found in results.items():
        for case, result in found.items():
            if not result.passed:
                operator = f"{case.operator} ({column})" + (" expanded" if case.expanded else "")
                groups[operator][result.message.split("\n")[0][:300]].append(case.name)
    lines = [summary(results), ""]
    for operator, messages in sorted(groups.items(), key=lambda item: -sum(map(len, item[1].values()))):
        lines.append(f"{operator}: {sum(map(len, messages.values()))}")
        for message, names in sorted(messages.items(), key=lambda item: -len(item[1])):
            lines.append(f"  {len(names)}x {message}    e.g. {', '.join(names[:3])}")
    return "\n".join(lines) + "\n"


def read_list(path: Path) -> set[str]:
    return set(path.read_text().split()) if path.exists() else set()


def check(results: Results, device: str) -> str:
    """A line per test of the passing lists: PASS or FAIL, its path, the message; then '# ' and the summary."""
    lines, news = [], 0
    for column, found in results.items():
        listed = read_list(passing_list(column, device))
        news += sum(result.passed and case.path not in listed for case, result in found.items())
        lines += [f"{'PASS' if result.passed else 'FAIL'} test/onnx/{column}/{case.path} {one_line(result.message)}".rstrip()
                  for case, result in found.items() if case.path in listed]
    if any(results.values()):
        lines.append(f"# {summary(results)}")
    if news:
        lines.append(f"# {news} more pass than are listed; record them: test/onnx/run.py --update --device {device}")
    return "\n".join(lines)


def one_line(message: str) -> str:
    return " ".join(message.split())


def update(results: Results, device: str, target: str) -> None:
    """Writes the lists of passing tests and RESULTS*.md; only after a run of everything."""
    for column, found in results.items():
        names = sorted(case.path for case, result in found.items() if result.passed)
        passing_list(column, device).write_text("\n".join(names) + "\n")
    how = "\n".join(f"- {column}: " + (", ".join(f"{count} {word}" for word, count in endings(found).most_common()) or "none")
                    for column, found in results.items())
    where = "the CPU" if device == "cpu" else f"the device {device}, target {target}"
    option = "" if device == "cpu" else f" --device {device}"
    name = "RESULTS.md" if device == "cpu" else f"RESULTS-{device}.md"
    (HERE / name).write_text(f"""# ONNX 1.22.0 conformance suite on {where}

{summary(results)}

{datetime.date.today()}, {cpu_name()}; command: `.venv/bin/python test/onnx/run.py --update{option}`.
Every output compared (dtype, shape, value at the suite's tolerance); refusals, crashes and time-outs are failures.
"expanded" tests run the function body of an operator; "symbolic" is the same model with its dims unknown until it runs.

{table(results)}

How failures end:

{how}
""")


def cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()
