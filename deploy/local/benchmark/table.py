"""How a measurement is shown beside its peer and its goal."""

from dataclasses import dataclass

HEADINGS = ("MEASURED", "OURS", "PEER", "RATIO", "GOAL", "REACHED")


@dataclass(frozen=True)
class Row:
    measured: str
    ours: str
    peer: str = ""
    ratio: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    judged: float | None = None
    """What the goal is about; the ratio unless given."""
    goal: str = ""

    @property
    def reached(self) -> bool | None:
        value = self.ratio if self.judged is None else self.judged
        if value is None or (self.at_least is None and self.at_most is None):
            return None
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)

    def cells(self) -> tuple[str, ...]:
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        verdict = {None: "", True: "yes", False: "NO"}[self.reached]
        return self.measured, self.ours, self.peer, ratio, self.goal, verdict


def table(rows: list[Row]) -> str:
    lines = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines)


def rate(value: float) -> str:
    return f"{value / 1000:.1f}k/s" if value >= 10_000 else f"{value:.0f}/s"


def latency(milliseconds: float) -> str:
    return f"{milliseconds:.1f} ms" if milliseconds >= 1 else f"{milliseconds * 1000:.0f} us"


def throughput(figures: dict[str, float]) -> str:
    return f"{rate(figures['rate'])}, p50 {latency(figures['p50'])}, p99 {latency(figures['p99'])}"
